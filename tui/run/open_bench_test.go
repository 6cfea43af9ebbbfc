package run_test

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/run"
)

// opening names the store whose run this test binary opens.
const opening = "ABLATE_RUN_TEST_OPEN"

const longID = "exp/x=1~abcdef/s1"

// openOnce opens a run as the interface does, a picture after every message, and
// says when the first curve was there, when all of it was, and what memory it takes.
func openOnce(dir string) error {
	began := time.Now()
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	p := run.New(&page.Site{Store: s, File: &experiments.File{}, Slots: 2}, longID)
	l := look.New(chart.Style{})
	first := 0.0
	ms := func() float64 { return float64(time.Since(began).Microseconds()) / 1000 }
	todo := []tea.Cmd{p.Update(page.Tick{Now: now})}
	for len(todo) > 0 {
		cmd := todo[0]
		todo = todo[1:]
		if cmd == nil {
			continue
		}
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			todo = append(todo, batch...)
			continue
		}
		todo = append(todo, p.Update(msg))
		p.View(l, 120, 38)
		if first == 0 && p.Points(0) > 0 {
			first = ms()
		}
	}
	fmt.Printf("first %g\nwhole %g\n", first, ms())
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil // only Linux tells
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if _, err := fmt.Sscanf(line, "VmHWM: %g kB", &kB); err == nil {
			fmt.Printf("mem %g\n", kB/1024)
		}
	}
	return nil
}

// longRun writes a run of n points of one metric: 56 MB for a million.
func longRun(b *testing.B, n int) string {
	b.Helper()
	s, id := written(b, experiments.Run{Recipe: "sft"}, tried{log: "hello\n", exit: done})
	f, err := os.Create(filepath.Join(store.AttemptDir(s.RunDir(id), 1), "metrics.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		loss := 3/math.Sqrt(float64(i+1)) + 0.1*r.Float64()
		fmt.Fprintf(w, `{"step":%d,"time":%.2f,"m":{"train/loss":%.6f}}`+"\n", i+1, began+float64(i)/7, loss)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return s.Dir
}

// BenchmarkOpenRun starts a program that opens a run of a million steps, without any
// index: ms/first until a curve is on the screen, ms/whole until all of it is, both
// the best of all times since other programs run too, and the most memory it took.
func BenchmarkOpenRun(b *testing.B) {
	dir := longRun(b, 1_000_000)
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	best := map[string]float64{}
	for b.Loop() {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), opening+"="+dir)
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			var name string
			var v float64
			if _, err := fmt.Sscan(line, &name, &v); err == nil && (best[name] == 0 || v < best[name]) {
				best[name] = v
			}
		}
	}
	b.ReportMetric(best["first"], "ms/first")
	b.ReportMetric(best["whole"], "ms/whole")
	b.ReportMetric(best["mem"], "MB")
}

// BenchmarkView draws the page of that run, and moves the crosshair each time.
func BenchmarkView(b *testing.B) {
	s, err := store.Open(longRun(b, 1_000_000))
	if err != nil {
		b.Fatal(err)
	}
	p := run.New(&page.Site{Store: s, File: &experiments.File{}}, longID)
	var do func(tea.Cmd)
	do = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				do(c)
			}
		default:
			do(p.Update(msg))
		}
	}
	do(p.Update(page.Tick{Now: now}))
	l := look.New(chart.Style{})
	for _, size := range [][2]int{{80, 22}, {200, 58}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.View(l, size[0], size[1])
			}
		})
	}
}
