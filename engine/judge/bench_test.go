package judge_test

import (
	"testing"
	"time"

	"ablate/engine/judge"
)

// BenchmarkPool measures one child against the interpreter in this process, in
// turns within one run, so that their ratio does not hang on the machine's mood.
func BenchmarkPool(b *testing.B) {
	const batch = 500
	pool := openPool(b, 1, judge.DefaultLimits())
	ps := judge.Distinct(batch)
	raw, err := judge.NewRaw(ps)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Judge(b.Context(), ps); err != nil {
		b.Fatal(err)
	}
	var inPool, inProcess time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		rs, err := pool.Judge(b.Context(), ps)
		if err != nil {
			b.Fatal(err)
		}
		inPool += time.Since(start)
		for i, r := range rs {
			if r.Verdict != judge.AC {
				b.Fatalf("program %d: %+v", i, r)
			}
		}
		start = time.Now()
		if err := raw.Run(); err != nil {
			b.Fatal(err)
		}
		inProcess += time.Since(start)
		n += batch
	}
	b.ReportMetric(float64(n)/inPool.Seconds(), "programs/s")
	b.ReportMetric(float64(n)/inProcess.Seconds(), "raw/s")
	b.ReportMetric(inProcess.Seconds()/inPool.Seconds(), "of_raw")
}

// BenchmarkStart measures the birth of a child, with its first verdict.
func BenchmarkStart(b *testing.B) {
	ps := judge.Distinct(1)
	for b.Loop() {
		p := openPool(b, 1, judge.DefaultLimits())
		if _, err := p.Judge(b.Context(), ps); err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
