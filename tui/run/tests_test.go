package run_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Every test of a program stands on a line of its own with what was expected and
// what came, and beside it how its task went along training.
func TestTestsOfASample(t *testing.T) {
	t.Parallel()
	var all []store.Sample
	reward := -2.0
	for step, verdict := range []string{"CE", "WA", "AC"} {
		all = append(all, store.Sample{Step: int64(10 * step), Task: "rolled", Verdict: "NC", Reward: &reward, Program: "?"})
		for i := range 2 {
			x := store.Sample{Step: int64(10 * step), Task: fmt.Sprintf("task%d", i), Verdict: verdict, Passed: 2, Total: 9, Program: "def f(a):\n return a"}
			if verdict == "CE" {
				x.Error = "line 1: got end of file"
			}
			x.Tests = []store.SampleTest{
				{Input: "[]", Want: "0", Verdict: "AC"},
				{Input: "[3, -4, 7]", Want: "[1, 2]", Verdict: "WA", Got: "[\x1b[2J9]"},
				{Input: `["汉字"]`, Want: "None", Verdict: "RE"},
				{Input: "[2, 2, 7, 7, -3, -3, 12, 14, 18, 1234, -5, 77]", Want: "[7]", Verdict: "WA", Got: "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"},
				{Input: "[" + strings.Repeat("1, ", 12) + "]", Want: "5"},
			}
			all = append(all, x)
		}
	}
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), samples: all, log: "x\n", exit: done})
	r := open(t, s, id, 120, 38)
	r.press("]").sees("8 of 9 · step 20", "input", "expected", "got", "and 4 more tests", "along training  0 ✗CE  10 ✗WA  20 ✓")
	line := func(of string) string {
		t.Helper()
		for l := range strings.Lines(r.view()) {
			if strings.Contains(l, of) {
				return strings.Join(strings.Fields(strings.Split(l, "│")[0]), " ")
			}
		}
		t.Fatalf("no line has %q", of)
		return ""
	}
	for of, want := range map[string]string{"[]": "✓ [] 0 the same", "[3, -4": "WA [3, -4, 7] [1, 2] [9]", "汉字": `RE ["汉字"] None`} {
		if got := line(of); got != want {
			t.Errorf("the line of %q is %q, want %q", of, got, want)
		}
	}
	r.press("{").sees("5 of 9 · step 10", "along training  0 ✗CE  10 ✗WA  20 ✓")
	r.press("[").sees("rollout").lacks("along training")
	r.press("{", "]").sees("✗ CE", "line 1: got end of file").lacks("…")
	for _, w := range []int{60, 70, 84, 100, 160} { // nothing is cut off
		r = open(t, s, id, w, 60)
		r.press("]", "tab", "tab", "z")
		text := strings.Join(strings.Fields(r.view()), "")
		for _, want := range []string{"9]", "[3,-4,", "None", "and4moretests"} {
			if !strings.Contains(text, want) {
				t.Errorf("at %d cells there is no %q:\n%s", w, want, r.view())
			}
		}
	}
}

// The newest values of all metrics are those of the last whole line, however it was
// written.
func TestValuesGrow(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: []store.Point{
		{Step: 1, Time: began, M: store.Values{"train/loss": 1, "first": 11}},
	}})
	r := open(t, s, id, 80, 22)
	path := filepath.Join(store.AttemptDir(s.RunDir(id), 1), "metrics.jsonl")
	at := 1.0
	add := func(text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Close()
		at++
		r.send(page.Tick{Now: now + at})
	}
	point := func(step int, name string, v float64) string {
		b, err := json.Marshal(store.Point{Step: int64(step), Time: began, M: store.Values{name: v}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	value := func(name, want string) {
		t.Helper()
		r.press("m")
		found := ""
		for l := range strings.Lines(r.view()) {
			if f := strings.Fields(strings.Trim(l, " ▸\n")); len(f) == 2 && f[0] == name {
				found = f[1]
			}
		}
		r.press("esc")
		if found != want {
			t.Errorf("%s is %q, want %q", name, found, want)
		}
	}
	value("first", "11")
	text := point(2, "second", 22)
	add(text[:20])
	value("second", "")
	add(text[20:])
	value("second", "22")
	add(strings.Repeat(point(3, "train/loss", 3), 3000) + point(4, "first", 12)) // more than is looked at
	value("first", "12")
	value("second", "22")
	if err := os.WriteFile(path, []byte(point(1, "anew", 5)), 0o644); err != nil {
		t.Fatal(err)
	}
	add("")
	value("anew", "5")
	value("first", "")
}

// At any size the first that is said of a run is its status.
func TestStatusComesFirst(t *testing.T) {
	t.Parallel()
	r := open(t, recorded(t), doneRun, 60, 13)
	if got := look.Plain(r.page.State(plain())[0]); got != "+ done" {
		t.Errorf("the state begins with %q", got)
	}
}

// A chart is as wide as what was done until that is a good part of all: of a long
// run the beginning is no sliver at the edge.
func TestEarlySteps(t *testing.T) {
	t.Parallel()
	for last, whole := range map[int]bool{6: false, 12: false, 13: true, 60: true} {
		s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, last)})
		r := open(t, s, id, 80, 22)
		if got := strings.Contains(r.view(), "100 step"); got != whole {
			t.Errorf("after %d steps of 100 the axis goes to the end: %v, want %v\n%s", last, got, whole, r.view())
		}
	}
}

// What a run that has ended did not write takes no room.
func TestOneMetric(t *testing.T) {
	t.Parallel()
	point := func(step int64) store.Point {
		return store.Point{Step: step, Time: began, M: store.Values{"train/loss": float64(step)}}
	}
	points := []store.Point{point(1), point(2), point(3)}
	s, id := written(t, experiments.Run{Recipe: "command"}, tried{points: points, log: "x\n", exit: done})
	r := open(t, s, id, 120, 38)
	r.sees("▸ train/loss").lacks("not written").lacks("eval/pass@1")
	if r.press("tab").lacks("▸"); !strings.Contains(r.view(), "[programs]") {
		t.Errorf("tab went to a chart that is not there:\n%s", r.view())
	}
}

// A run that is judged by its loss has another curve beside that, and says it once.
func TestJudgedByTheLoss(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ besides, want string }{
		{"perf/tokens_per_s", "perf/tokens_per_s"}, {"train/lr", "train/lr"}, {"tokens", ""},
	} {
		var points []store.Point
		for i := range int64(30) {
			points = append(points, store.Point{Step: i + 1, Time: began + float64(i), M: store.Values{"train/loss": 3, tt.besides: float64(7 + i)}})
		}
		s, id := written(t, experiments.Run{Recipe: "command"}, tried{points: points, exit: done})
		r := open(t, s, id, 120, 38)
		r.send(page.Data{Update: store.Update{Focus: store.Focus{Experiment: "exp"}, Plan: &experiments.Plan{Objective: experiments.Objective{Metric: "train/loss", Goal: "min"}}}})
		r.send(page.Tick{Now: now + 10})
		if n := strings.Count(r.view(), "train/loss"); n != 1 || tt.want != "" && !strings.Contains(r.view(), tt.want) {
			t.Errorf("beside the loss stands no %q:\n%s", tt.want, r.view())
		}
		if text := look.Plain(strings.Join(r.page.State(plain()), "  ")); strings.Count(text, "loss") != 1 {
			t.Errorf("the state says %q", text)
		}
	}
}

// What happened is told to its end, on as many lines as that takes.
func TestLongEvents(t *testing.T) {
	t.Parallel()
	text := "python3 train.py --data " + strings.Repeat("/a/long/path ", 12) + "--end"
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), events: []store.Event{{Time: began, Kind: "start", Text: text}}, exit: done})
	open(t, s, id, 80, 22).press("E").sees("--data", "--end").lacks("…")
}

// Where no glyph but ASCII can be drawn, the focus is still seen; and where one chart
// alone has room, that there is another.
func TestPlainFocus(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), exit: done})
	r := open(t, s, id, 80, 22)
	l := look.New(chart.Style{Theme: chart.Theme{NoColor: true}, Glyphs: chart.ASCII})
	if text := strings.Join(r.page.View(l, 80, 22), "\n"); !strings.Contains(text, "> train/loss  1 of 2") {
		t.Errorf("the focus is not seen:\n%s", text)
	}
	r.press("tab").sees("2 of 2")
	open(t, s, id, 120, 38).lacks("1 of 2")
}

// A run that nothing is added to is not read again: a second brings one look.
func TestNothingNew(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), samples: []store.Sample{{Program: "x"}}, log: "a\n", exit: done})
	r := open(t, s, id, 120, 38)
	reads := func() (n int) {
		t.Helper()
		r.came = 0
		for i := range 5 {
			r.send(page.Tick{Now: now + 1 + float64(i)})
		}
		return r.came
	}
	if n := reads(); n != 5 {
		t.Errorf("5 seconds in which nothing happened brought %d answers, want 5 looks", n)
	}
	f, err := os.OpenFile(filepath.Join(store.AttemptDir(s.RunDir(id), 1), "out.log"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("added\n"); err != nil {
		t.Fatal(err)
	}
	if n := reads(); n != 6 {
		t.Errorf("a line of the log brought %d answers, want 5 looks and the line", n)
	}
	r.press("L").sees("added")
}

// What a stop rule ended is tried again only after a question, and then in the way
// that the engine needs to hear it.
func TestRetryOfWhatARuleEnded(t *testing.T) {
	t.Parallel()
	exit := &store.Exit{Code: -1, Signal: "terminated", Reason: "rule nan: train/loss is NaN at step 3", Seconds: 2}
	s, id := written(t, experiments.Run{Recipe: "command"}, tried{points: losses(1, 1, 3), log: "x\n", exit: exit})
	r := open(t, s, id, 120, 38)
	r.sees("✗ failed", "t retry all the same").press("t")
	if !strings.Contains(r.said, "would end it the same way") {
		t.Errorf("it asks %q", r.said)
	}
	if diff := cmp.Diff([]string{"retry " + id + " force"}, r.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	exit.Reason = "rule plateau: train/loss did not fall"
	s, id = written(t, experiments.Run{Recipe: "command"}, tried{points: losses(1, 1, 3), log: "x\n", exit: exit})
	r = open(t, s, id, 120, 38)
	r.sees("– stopped").press("p")
	if diff := cmp.Diff([]string{"resume " + id + " force"}, r.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// A question says in a sentence what comes of it.
func TestStopQuestion(t *testing.T) {
	t.Parallel()
	for recipe, want := range map[string]string{
		"sft": "stop x=1 s1? p goes on later: it goes on from its newest checkpoint.", "command": "stop x=1 s1? p goes on later: a new attempt starts its command again.",
	} {
		s, id := written(t, experiments.Run{Recipe: recipe})
		if r := open(t, s, id, 80, 22).press("s"); r.said != want {
			t.Errorf("of %s it asks %q, want %q", recipe, r.said, want)
		}
	}
}

// A run that ended without a number leaves the room of the charts to its log.
func TestNoNumbers(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "command"}, tried{log: strings.Repeat("said\n", 30) + "end\n", exit: done})
	r := open(t, s, id, 100, 26)
	if n := strings.Count(r.sees("[log]").view(), "said"); n < 20 {
		t.Errorf("%d lines of the log in 26:\n%s", n, r.view())
	}
	r.press("tab", "tab", "tab", "tab").sees("the run wrote no numbers")
}
