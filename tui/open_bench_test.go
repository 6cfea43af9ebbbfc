package tui

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
)

// opening names the store that this test binary opens, as the interface does,
// when a benchmark starts it again.
const opening = "ABLATE_TUI_TEST_OPEN"

func TestMain(m *testing.M) {
	dir := os.Getenv(opening)
	if dir == "" {
		os.Exit(m.Run())
	}
	err := sealed(dir, os.Getenv(sealing) != "")
	if err == nil {
		err = open(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// open says when its first screen is drawn, when all points are in, and what
// memory it takes then.
func open(dir string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	ledger := store.OpenLedger(s)
	sums, err := ledger.Summaries()
	if err != nil {
		return err
	}
	m := newModel(&page.Site{File: &experiments.File{}, Slots: 2}, terminal{}, openOn(sums))
	m.backend = &fakeBackend{}
	m.width, m.height = 120, 40
	feed := ledger.Feed(context.Background(), refresh, m.asked)
	for first := true; ; first = false {
		u := <-feed.Updates()
		if u.Err != nil {
			return u.Err
		}
		m.take(updateMsg{u})
		text := m.screen()
		if first {
			fmt.Printf("first %d histories, %d bytes\n", len(u.Histories), len(text))
		}
		if !u.Behind {
			break
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for l := range strings.Lines(string(status)) {
		if strings.HasPrefix(l, "VmHWM") || strings.HasPrefix(l, "VmRSS") {
			fmt.Print(l)
		}
	}
	// The index is written after the last update was taken.
	feed.Focus(context.Background(), store.Focus{})
	<-feed.Updates()
	return nil
}

// longRun makes a run of n points, packed.
func longRun(b *testing.B, s *store.Store, run experiments.Run, n int) {
	b.Helper()
	dir := s.RunDir(run.ID)
	a1 := store.AttemptDir(dir, 1)
	if err := os.MkdirAll(a1, 0o755); err != nil {
		b.Fatal(err)
	}
	write := func(path string, v any) {
		if err := store.WriteJSON(path, v); err != nil {
			b.Fatal(err)
		}
	}
	write(filepath.Join(dir, "run.json"), run)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	r := rand.New(rand.NewPCG(1, 1))
	float32ly := func(x float64) float64 { return float64(float32(x)) }
	errs := enc.Encode(store.Point{M: store.Values{"train/total_steps": float64(n), "eval/pass@1": 0}})
	for i := 1; i <= n; i++ {
		m := store.Values{
			"train/loss": float32ly(3/math.Sqrt(float64(i)) + 0.1*r.Float64()), "train/lr": float32ly(1e-3 * float64(n-i) / float64(n)),
			"train/grad_norm": float32ly(r.ExpFloat64()), "train/entropy": float32ly(r.Float64()), "train/kl": float32ly(r.Float64()),
			"train/reward": float32ly(r.Float64()), "rl/length": float32ly(100 * r.Float64()), "tokens": float64(i) * 4096,
			"perf/tokens_per_s": float32ly(12000 + 100*r.Float64()), "train/epoch": float64(i) / 1000,
		}
		if i%1000 == 0 {
			m["eval/pass@1"] = float32ly(0.5 * float64(i) / float64(n))
		}
		errs = errors.Join(errs, enc.Encode(store.Point{Step: int64(i), Time: 1.7e9 + float64(i)/7, M: m}))
	}
	write(filepath.Join(a1, "start.json"), store.Start{Time: 1.7e9})
	write(filepath.Join(a1, "exit.json"), store.Exit{Seconds: 14286, Outcome: store.Outcome{
		Time: 1.7e9 + 14286, Metrics: store.Values{"eval/pass@1": 0.5, "train/loss": 0.1},
	}})
	errs = errors.Join(errs, os.WriteFile(filepath.Join(a1, "metrics.jsonl"), text.Bytes(), 0o644))
	errs = errors.Join(errs, os.WriteFile(filepath.Join(dir, "asked.jsonl"), []byte(`{"verb":"run","attempt":1}`+"\n"), 0o644))
	if err := errors.Join(errs, store.Pack(dir)); err != nil {
		b.Fatal(err)
	}
}

// bigStore makes a store of 1,000 runs of 100,000 points and ten metrics: one run,
// whose files the others link.
func bigStore(b *testing.B) string {
	b.Helper()
	s, err := store.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	plan := &experiments.Plan{
		Experiment: "big", Recipe: "sft", Question: "Does it open at once?", Axes: []string{"tasks", "solutions"}, Hash: "0123",
		Objective: experiments.Objective{Metric: "eval/pass@1", Goal: "max"}, Seeds: []int64{1, 2, 3, 4, 5},
	}
	for i := range 200 {
		axes := []experiments.Setting{{Name: "tasks", Value: int64(1 + i%20)}, {Name: "solutions", Value: int64(1 + i/20)}}
		params := experiments.Params{"tasks": axes[0].Value, "solutions": axes[1].Value, "steps": int64(100_000)}
		for k := range 15 {
			params[fmt.Sprintf("param_%d", k)] = 0.5 * float64(k)
		}
		plan.Cells = append(plan.Cells, experiments.Cell{
			Name: fmt.Sprintf("tasks=%v,solutions=%v~%06x", axes[0].Value, axes[1].Value, i), Axes: axes, Params: params, Hash: "0",
		})
	}
	if err := s.WritePlan(plan); err != nil {
		b.Fatal(err)
	}
	runs := plan.Runs()
	longRun(b, s, runs[0], 100_000)
	first := s.RunDir(runs[0].ID)
	for _, run := range runs[1:] {
		dir := s.RunDir(run.ID)
		err := filepath.WalkDir(first, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			to := filepath.Join(dir, strings.TrimPrefix(path, first))
			switch {
			case d.IsDir():
				return os.MkdirAll(to, 0o755)
			case d.Name() == "run.json":
				return store.WriteJSON(to, run)
			default:
				return os.Link(path, to)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour)
	err = filepath.WalkDir(s.Dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, old, old))
	})
	if err != nil {
		b.Fatal(err)
	}
	return s.Dir
}

// BenchmarkOpenStore starts a program that opens a store of 1,000 runs of 100,000
// points and draws it: ms/first from there until its first screen is there,
// ms/whole until all charts are as fine as they get; the best of all times, since
// other programs run too.
func BenchmarkOpenStore(b *testing.B) {
	dir := bigStore(b)
	cache := b.TempDir()
	for _, kind := range []string{"scratch", "index"} {
		b.Run(kind, func(b *testing.B) {
			first, whole := time.Hour, time.Hour
			peak, rss := 0.0, 0.0
			for b.Loop() {
				if kind == "scratch" {
					if err := os.RemoveAll(filepath.Join(cache, "ablate")); err != nil {
						b.Fatal(err)
					}
				}
				f, w, p, r := openAgain(b, dir, cache)
				first, whole, peak, rss = min(first, f), min(whole, w), max(peak, p), max(rss, r)
			}
			b.ReportMetric(float64(first.Milliseconds()), "ms/first")
			b.ReportMetric(float64(whole.Milliseconds()), "ms/whole")
			b.ReportMetric(peak, "MB-peak")
			b.ReportMetric(rss, "MB-after")
			b.ReportMetric(0, "ns/op")
		})
	}
	var size int64
	_ = filepath.WalkDir(cache, func(path string, _ os.DirEntry, _ error) error {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	b.Logf("the index has %d bytes", size)
}

func openAgain(b *testing.B, dir, cache string) (first, whole time.Duration, peak, rss float64) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), opening+"="+dir, "XDG_CACHE_HOME="+cache)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var kb float64
		switch l := lines.Text(); {
		case strings.HasPrefix(l, "first"):
			first = time.Since(began)
		case strings.HasPrefix(l, "VmHWM"):
			whole = time.Since(began)
			_, _ = fmt.Sscanf(l, "VmHWM: %f kB", &kb)
			peak = kb / 1000
		case strings.HasPrefix(l, "VmRSS"):
			_, _ = fmt.Sscanf(l, "VmRSS: %f kB", &kb)
			rss = kb / 1000
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return first, whole, peak, rss
}
