package synth

import (
	"fmt"
	"os"
	"testing"
	"time"

	"ablate/engine/judge"
)

// TestMain makes the test binary a judge: run with that argument it serves.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "judge" {
		if err := judge.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openPool(tb testing.TB, workers int) *judge.Pool {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	pool, err := judge.Open([]string{exe, "judge"}, workers, judge.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = pool.Close() })
	return pool
}

// BenchmarkPipeline measures tasks a minute through candidates, tests, judge and
// verification, with 8 candidates and 15 tests each.
func BenchmarkPipeline(b *testing.B) {
	pool := openPool(b, 2)
	tasks := Train(1, 1024, Options{})
	p := DefaultPipeline(1)
	n := 0
	var funnel Funnel
	start := time.Now()
	for b.Loop() {
		var err error
		if _, funnel, err = p.Make(b.Context(), pool, tasks); err != nil {
			b.Fatal(err)
		}
		n += len(tasks)
	}
	b.ReportMetric(float64(n)/time.Since(start).Minutes(), "tasks/min")
	b.Logf("%s", funnel)
}
