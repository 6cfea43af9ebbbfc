package run_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/run"
	"ablate/tui/screentest"
)

// tried is what an attempt wrote.
type tried struct {
	points  []store.Point
	log     string
	events  []store.Event
	samples []store.Sample
	exit    *store.Exit
}

const began = 1.7e9

// written makes a store with one run of one cell.
func written(t testing.TB, r experiments.Run, attempts ...tried) (*store.Store, string) {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.ID, r.Experiment, r.Cell, r.Seed = "exp/x=1~abcdef/s1", "exp", "x=1~abcdef", 1
	dir := s.RunDir(r.ID)
	save(t, filepath.Join(dir, "run.json"), r)
	var asked []any
	for i, a := range attempts {
		asked = append(asked, store.Asked{Time: began, Verb: "run", Attempt: i + 1})
		at := store.AttemptDir(dir, i+1)
		save(t, filepath.Join(at, "start.json"), store.Start{Time: began + 1000*float64(i)})
		saveLines(t, filepath.Join(at, "metrics.jsonl"), a.points)
		saveLines(t, filepath.Join(at, "events.jsonl"), a.events)
		saveLines(t, filepath.Join(at, "samples.jsonl"), a.samples)
		if err := os.WriteFile(filepath.Join(at, "out.log"), []byte(a.log), 0o644); err != nil {
			t.Fatal(err)
		}
		if a.exit != nil {
			save(t, filepath.Join(at, "exit.json"), a.exit)
		}
	}
	if asked == nil {
		asked = []any{store.Asked{Time: began, Verb: "run", Attempt: 1, By: "ada@lab"}}
	}
	saveLines(t, filepath.Join(dir, "asked.jsonl"), asked)
	return s, r.ID
}

func save(t testing.TB, path string, v any) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteJSON(path, v); err != nil {
		t.Fatal(err)
	}
}

func saveLines[T any](t testing.TB, path string, lines []T) {
	t.Helper()
	var b bytes.Buffer
	for _, l := range lines {
		if err := json.NewEncoder(&b).Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// losses are points of steps from one to the other, with a loss of 1000 times the
// attempt plus the step, ten tokens a step, ten steps an epoch and two seconds a step.
func losses(attempt, from, to int) (points []store.Point) {
	for i := from; i <= to; i++ {
		points = append(points, store.Point{Step: int64(i), Time: began + 1000*float64(attempt-1) + 2*float64(i), M: store.Values{
			"train/loss": float64(1000*attempt + i), "tokens": float64(10 * i), "train/epoch": float64(i) / 10, "train/total_steps": 100,
		}})
	}
	return points
}

var done = &store.Exit{Seconds: 10}

// A later attempt replaces what an earlier one had from its first step on, whatever
// x counts; by steps it leaves a ghost.
func TestCurves(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 6), exit: done}, tried{points: losses(2, 4, 8), exit: done})
	ys := []float64{1001, 1002, 1003, 2004, 2005, 2006, 2007, 2008}
	tests := []struct {
		turns  int // of the x axis
		name   string
		xs     []float64
		ghosts []float64
	}{
		{0, "step", []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{1004, 1005, 1006}},
		{1, "epoch", []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}, nil},
		{2, "tokens", []float64{10, 20, 30, 40, 50, 60, 70, 80}, nil},
		// The first point is at 0, the second attempt begins 1000 s after the first.
		{3, "time", []float64{0, 2, 4, 1006, 1008, 1010, 1012, 1014}, nil},
		{4, "step again", []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{1004, 1005, 1006}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := open(t, s, id, 80, 22)
			for range tt.turns {
				r.press("x")
			}
			xs, got, ghosts := r.page.Curve(0)
			near := cmpopts.EquateApprox(0, 1e-9)
			if diff := cmp.Diff(tt.xs, xs, near); diff != "" {
				t.Errorf("x (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(ys, got, near); diff != "" {
				t.Errorf("y (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ghosts, ghosts, near); diff != "" {
				t.Errorf("ghosts (-want +got):\n%s", diff)
			}
		})
	}
}

// What is written while the page is open appears, of an attempt that begins
// meanwhile too.
func TestCurvesGrow(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3)})
	r := open(t, s, id, 80, 22)
	at := store.AttemptDir(s.RunDir(id), 1)
	saveLines(t, filepath.Join(at, "metrics.jsonl"), losses(1, 1, 5))
	r.send(page.Tick{Now: now + 1})
	if _, ys, _ := r.page.Curve(0); len(ys) != 5 {
		t.Errorf("%d points after two were added to three", len(ys))
	}
	next := store.AttemptDir(s.RunDir(id), 2)
	save(t, filepath.Join(next, "start.json"), store.Start{Time: began + 1000})
	saveLines(t, filepath.Join(next, "metrics.jsonl"), losses(2, 4, 4))
	r.send(page.Tick{Now: now + 2})
	if _, ys, _ := r.page.Curve(0); len(ys) != 4 || ys[3] != 2004 {
		t.Errorf("the second attempt's fourth step gives %v", ys)
	}
}

func TestChooseMetric(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	r := open(t, s, doneRun, 80, 22)
	r.press("m").sees("of 34 metrics").typing("entropy").sees("▸ train/entropy")
	r.press("tab", "m").typing("tokens_per").sees("▸ perf/tokens_per_s")
	r.press("m", "z", "z", "z").sees("0 of 34").press("esc").sees("▸ perf/tokens_per_s")
	r.press("K", "tab", "tab").lacks("reading")
}

func TestSamples(t *testing.T) {
	t.Parallel()
	var all []store.Sample
	reward := 0.5
	for step := int64(0); step <= 20; step += 10 {
		for i, v := range []string{"AC", "WA", "CE"} {
			all = append(all, store.Sample{
				Step: step, Task: fmt.Sprintf("task%d", i), Statement: "把列表里的每个数加一 and return it", Verdict: v, Passed: i, Total: 8,
				Program: fmt.Sprintf("def f(a):\n\treturn %d # step %d\n", i, step), Input: "[1]", Want: "[2]", Got: "[\x1b[2J3]",
			})
		}
	}
	all = append(all, store.Sample{Step: 20, Task: "r", Verdict: "WA", Reward: &reward, Program: "x"})
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), samples: all, log: "x\n", exit: done})
	r := open(t, s, id, 120, 38)
	r.sees("7 of 10 · step 20", "✓ AC", "task0", "# step 20", "把列表里的每个数加一")
	r.press("]").sees("8 of 10", "✗ WA  1 of 8 tests", "want  [2]", "got   [3]")
	r.press("{").sees("5 of 10 · step 10", "task1").press("{").sees("2 of 10 · step 0", "task1")
	if r.press("{"); !strings.Contains(r.said, "step 0 is the first one") {
		t.Errorf("before the first step it says %q", r.said)
	}
	r.press("}", "}").sees("8 of 10 · step 20")
	r.press("tab", "tab", "/").typing("wa").sees("/wa 3 of 4 · step 20")
	r.press("]").sees("rollout: reward 0.500")
	if r.press("]"); !strings.Contains(r.said, "last") {
		t.Errorf("behind the last it says %q", r.said)
	}
	r.press("/").typing("xx").sees("none of 10 programs is waxx")
	r.press("esc").sees("7 of 10")
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"})
	for _, size := range [][2]int{{60, 13}, {120, 38}} {
		r := open(t, s, id, size[0], size[1])
		r.sees("◌ queued", "waits for a slot", "Q the queue")
		r.press("s")
		if diff := cmp.Diff([]string{"stop " + id}, r.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		r.site.Waits = "both slots are held by others"
		r.sees("both slots are held by others")
		r.press("L", "E", "i", "]", "}").sees("no programs yet")
	}
}

// Nothing in the data moves the cursor or breaks the screen, at any size.
func TestHostile(t *testing.T) {
	t.Parallel()
	m := store.Values{
		"new\nline\r": 1, "\x1b[2J\x07": math.NaN(), "日本語/\u0301": 1e300, "": -1e300, strings.Repeat("x", 4096): math.Inf(1), "\u202eabc": 0,
		"train/loss": math.NaN(), "eval/pass@1": 1e300, "train/total_steps": math.Inf(1), "eval/verdict/AC": math.NaN(), "rl/verdict/AC": 1e300,
	}
	for i := range 1000 {
		m[fmt.Sprintf("many/%d", i)] = float64(i)
	}
	evil := "\x1b[31m\x1b]0;x\x07\u202e" + strings.Repeat("长", 1<<14) + "\r\tend"
	s, id := written(t, experiments.Run{Recipe: "s\x1b[2Jft", Params: experiments.Params{"a\nb": "c\x1b[2J\nd"}}, tried{
		points: []store.Point{{Step: 1, Time: began, M: m}}, log: evil + "\n" + evil,
		events:  []store.Event{{Time: 1e300, Kind: "ph\x1bse"}, {Kind: "phase", Text: evil[:5000]}, {Time: -1e300, Kind: "phase", Text: "\n\n"}},
		samples: []store.Sample{{Task: evil[:300], Statement: evil[:6000], Program: evil[:6000], Verdict: "\x1b[2J", Input: evil[:300], Want: "\n\n", Got: evil[:300]}},
		exit:    &store.Exit{Code: 1, Reason: evil[:2000]},
	})
	for _, w := range []int{1, 40, 60, 200} {
		for _, h := range []int{0, 1, 8, 13, 38} {
			r := open(t, s, id, w, h)
			r.press("L", "w", "E", "i", "!", "]", "m", "esc", "tab", "tab", "tab", "tab", "l", "+", "y", "w", "z", "L", "z", "/").typing("end").press("n", "N", "G", "g")
		}
	}
}

// Ten thousand metrics and lines of a megabyte are only much.
func TestMuch(t *testing.T) {
	t.Parallel()
	m := store.Values{"train/loss": 1}
	for i := range 10_000 {
		m[fmt.Sprintf("many/%d", i)] = float64(i)
	}
	log := strings.Repeat("\x1b[31m"+strings.Repeat("x", 1<<20)+"\n", 5)
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: []store.Point{{Step: 1, Time: began, M: m}, {Step: 2, Time: began + 1, M: m}}, log: log, exit: done})
	r := open(t, s, id, 80, 22)
	r.press("m").sees("of 10001 metrics").typing("many/9999").sees("▸ many/9999")
	r.press("L", "w").sees("1044480").press("/").typing("y").sees("not found")
}

// FuzzView presses keys at any size.
func FuzzView(f *testing.F) {
	s, id := written(f, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 6), log: "a\nb\n", samples: []store.Sample{{Program: "x"}}, exit: done})
	f.Add(uint8(80), uint8(24), "LEi]tabm")
	f.Fuzz(func(t *testing.T, w, h uint8, keys string) {
		p := run.New(&page.Site{Store: s, File: &experiments.File{}}, id)
		r := &reader{t: t, site: &page.Site{}, page: p, w: int(w), h: int(h)}
		r.send(page.Tick{Now: now})
		for _, c := range keys[:min(len(keys), 12)] {
			if p.Typing() {
				r.send(screentest.Key(string(c)))
				continue
			}
			for _, k := range p.Keys() {
				if strings.ContainsRune("tsp*", c) || k.Do == nil || !strings.ContainsRune(k.Keys, c) {
					continue
				}
				r.run(k.Do())
				r.view()
				break
			}
			r.send(page.Click{X: int(c) % 80, Y: int(c) % 24})
			r.send(page.Wheel{X: int(c) % 80, Y: int(c) % 24, Lines: int(c)%7 - 3})
		}
	})
}

// A packed run shows what it showed before.
func TestPacked(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	before := open(t, s, doneRun, 120, 38)
	if err := store.Pack(s.RunDir(doneRun)); err != nil {
		t.Fatal(err)
	}
	after := open(t, s, doneRun, 120, 38)
	for _, keys := range [][]string{{}, {"]"}, {"L"}, {"E"}, {"m", "esc"}} {
		if diff := cmp.Diff(before.press(keys...).view(), after.press(keys...).view()); diff != "" {
			t.Errorf("after %q (-before +packed):\n%s", keys, diff)
		}
	}
	after.press("i", "z", "G").sees("files.tar.zst")
}
