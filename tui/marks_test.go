package tui

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/page"
)

// saidOf are the marks of a store in which so much was said.
func saidOf(t *testing.T, marks ...store.Mark) store.Marks {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, m := range marks {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, b...), '\n')
	}
	if err := os.WriteFile(s.MarksFile(), text, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadMarks(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// with is midway with runs of some statuses and marks, by place in the plan.
func with(t *testing.T, statuses map[int]store.Status, marks ...store.Mark) updateMsg {
	t.Helper()
	u := midway(t)
	for i, s := range statuses {
		u.Records[i].Status = s
	}
	u.Marks = saidOf(t, marks...)
	return u
}

func TestVerbKeys(t *testing.T) {
	t.Parallel()
	// In the order of the table: done, queued, running, running, failed, queued.
	rows := drive(t, 120, 40, "quick").rows()
	for _, tt := range []struct {
		name     string
		statuses map[int]store.Status // by place in the plan: cells first
		marks    []store.Mark
		keys     string // after g
		want     string
		sees     string
	}{
		{"p pauses what is going", nil, nil, "j j p", "pause " + rows[2], ""},
		{"p pauses what waits", nil, nil, "j p", "pause " + rows[1], ""},
		{"p pauses the marked ones that are going", nil, nil, "space space space p", "pause " + rows[1] + " " + rows[2], ""},
		{"p goes on with a paused one", map[int]store.Status{0: store.Paused}, nil, "p", "resume " + rows[0], "‖ paused"},
		{"p goes on with a stopped one", map[int]store.Status{0: store.Stopped}, nil, "p", "resume " + rows[0], ""},
		{"p on one that is done", nil, nil, "p", "", "nothing to pause here"},
		{"t retries a failed one", nil, nil, "j j j j t", "retry " + rows[4], ""},
		{"t retries the marked ones that failed or were lost", map[int]store.Status{0: store.Lost}, nil, "space space j j space t", "retry " + rows[0] + " " + rows[4], ""},
		{"t on one that is done asks for all that failed", nil, nil, "t y", "retry " + rows[4], ""},
		{"t where none failed", map[int]store.Status{2: store.Done}, nil, "t", "", "nothing to retry here"},
		{"* stars", nil, nil, "*", "mark " + rows[0] + " star", ""},
		{"* takes a star away", nil, []store.Mark{{On: rows[0], Kind: "star"}}, "*", "mark " + rows[0] + " unstar", "★1024×1 s1"},
		{"* stars all where one has none", nil, []store.Mark{{On: rows[0], Kind: "star"}}, "space space *", "mark " + rows[0] + " " + rows[1] + " star", ""},
		{"x hides", nil, nil, "x", "mark " + rows[0] + " hide", ""},
		{"X shows what is hidden, x takes it out of hiding", nil, []store.Mark{{On: rows[0], Kind: "hide"}}, "X g x", "mark " + rows[0] + " unhide", "1024×1 s1"},
		{"X with nothing hidden", nil, nil, "X", "", "no run is hidden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 120, 40, "quick").send(with(t, tt.statuses, tt.marks...)).press("g").press(strings.Fields(tt.keys)...)
			if tt.want != "" {
				d.asked(tt.want)
			} else {
				d.asked()
			}
			d.sees(tt.sees)
		})
	}
	t.Run("a run that nobody asked for cannot be marked", func(t *testing.T) {
		t.Parallel()
		drive(t, 120, 40, "quick").press("*").asked().sees("only a run that was asked for")
	})
}

// Hiding takes a run out of the table and out of nothing else.
func TestHiddenRuns(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).press("g", "x")
	first, next := d.rows()[0], d.rows()[1]
	d.send(with(t, nil, store.Mark{On: first, Kind: "hide"})).sees("1 hidden", "1/6 done", ".40 █████ 1/2").lacks("1024×1 s1")
	if d.m.exp.Focus().Run != next {
		t.Errorf("the cursor is on %s, want the next run %s", d.m.exp.Focus().Run, next)
	}
	d.press("X").sees("1 hidden run shown", "1024×1 s1").press("X").lacks("1024×1 s1")
	d = drive(t, 80, 24, "quick").send(with(t, nil, store.Mark{On: "quick", Kind: "hide"})).sees("every run is hidden", "6 hidden").press("j", "G", "x", "p").asked()
	d.press("S", "y").asked("stop " + strings.Join([]string{d.rows()[1], d.rows()[2], d.rows()[3], d.rows()[5]}, " "))
}

// What somebody distrusts stands there with the reason, and in no mean.
func TestDistrustedRuns(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).press("g").sees(".40 █████ 1/2")
	id := d.rows()[0]
	d.send(with(t, nil, store.Mark{By: "ann@lab", On: id, Kind: "distrust", Text: "saw \x1b[2Jthe tests"}, store.Mark{On: id, Kind: "tag", Text: "paper"},
		store.Mark{By: "bob@lab", On: "quick", Kind: "note", Text: "for the talk"})).
		sees("!1024×1 s1", "distrusted by ann@lab: saw the tests", "#paper", "bob@lab: for the talk").lacks(".40 ███ 1/2").lacks("1024×1  0.400")
}

func TestWordsForReplies(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{"stop": "0 stopping", "pause": "0 pausing", "retry": "0 queued", "resume": "0 queued", "mark": "0 marked"} {
		drive(t, 80, 24, "quick").send(page.Reply{Verb: verb}).sees(want)
	}
}

// Until somebody moves it the cursor is where something goes on: a key that acted
// on that run must not act on another one the next time.
func TestCursorStaysWhereAKeyActed(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t))
	on := d.m.exp.Focus().Run
	d.press("p").asked("pause " + on)
	u := midway(t)
	for i, r := range u.Records {
		if r.ID == on {
			u.Records[i].Status = store.Paused
		}
	}
	d.send(u).press("p").asked("resume " + on)
}

// A halted run keeps its memory and its GPUs: it can be stopped.
func TestStopHalted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		started, ended float64
		key            string
		asks           string
	}{
		{"halted", 5, 0, "s", "stop 1024×1 s1?"},
		{"halted, all runs", 5, 0, "S", "stop 5 runs?"},
		{"ended with a checkpoint", 5, 9, "s", "nothing to stop here"},
		{"before it started", 0, 0, "s", "nothing to stop here"},
	} {
		u := with(t, map[int]store.Status{0: store.Paused})
		u.Records[0].Started, u.Records[0].Ended = tt.started, tt.ended
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			drive(t, 120, 40, "quick").send(u).press("g", tt.key).sees(tt.asks)
		})
	}
}
