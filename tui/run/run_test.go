package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/run"
	"ablate/tui/screentest"
)

// TestMain puts all clocks into one zone, since screens show times of day. When a
// benchmark starts this binary again, it opens the run that it names.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	if dir := os.Getenv(opening); dir != "" {
		if err := openOnce(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// The runs of the recorded store.
const (
	doneRun    = "reward/reward=partial~31c037/s1"
	failedRun  = "mine/lr=0.1~a7b193/s1"
	resumedRun = "mine/lr=0.01~d65229/s1"
	stoppedRun = "mine/lr=0.003~8c4473/s1"
	nanRun     = "mine/lr=1~9a8772/s1"
)

// recorded is a copy of the recorded store.
func recorded(t *testing.T) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/recorded/runs")); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// reader looks at the page of a run as a person would.
type reader struct {
	t     *testing.T
	site  *page.Site
	page  *run.Page
	w, h  int
	asked []string
	said  string
	given string // copied
	came  int    // answers of what was read
}

const now = 1795651800

func open(t *testing.T, s *store.Store, id string, w, h int) *reader {
	t.Helper()
	r := &reader{t: t, w: w, h: h}
	r.site = &page.Site{Store: s, File: &experiments.File{}, Slots: 2, Do: r.do}
	r.page = run.New(r.site, id)
	return r.send(page.Tick{Now: now})
}

func (r *reader) do(q engine.Request) tea.Cmd {
	return func() tea.Msg {
		what := q.Verb + " " + strings.Join(q.Runs, " ")
		if q.Mark != nil {
			what += " " + q.Mark.Kind
		}
		if q.Force {
			what += " force"
		}
		r.asked = append(r.asked, what)
		return nil
	}
}

func (r *reader) send(msg tea.Msg) *reader {
	r.t.Helper()
	r.run(r.page.Update(msg))
	r.view()
	return r
}

// run carries out what a key or a message leads to.
func (r *reader) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			r.run(c)
		}
	case page.Say:
		r.said = msg.Text
	case page.Copy:
		r.given = msg.Text
	case page.Ask:
		r.said = msg.Text
		r.run(msg.Yes)
	default:
		r.came++
		r.send(msg)
	}
}

// press presses keys, or types them where text is typed.
func (r *reader) press(keys ...string) *reader {
	r.t.Helper()
	for _, name := range keys {
		if r.page.Typing() {
			r.send(screentest.Key(name))
			continue
		}
		if name == "esc" {
			r.page.Back()
			r.view()
			continue
		}
		i := slices.IndexFunc(r.page.Keys(), func(k page.Key) bool { return k.Do != nil && slices.Contains(strings.Fields(k.Keys), name) })
		if i < 0 {
			r.t.Fatalf("there is no key %q here", name)
		}
		r.run(r.page.Keys()[i].Do())
		r.view()
	}
	return r
}

func (r *reader) typing(text string) *reader {
	r.t.Helper()
	for _, c := range text {
		r.press(string(c))
	}
	return r.press("enter")
}

func plain() look.Look { return look.New(chart.Style{Theme: chart.Theme{NoColor: true}}) }

// view is the screen; it has exactly its size, and nothing in it moves a cursor.
func (r *reader) view() string {
	r.t.Helper()
	lines := r.page.View(plain(), r.w, r.h)
	if len(lines) != r.h {
		r.t.Fatalf("%d lines of %d", len(lines), r.h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != r.w {
			r.t.Fatalf("line %d has %d cells of %d: %q", i+1, n, r.w, l)
		}
		if bare := ansi.Strip(l); strings.ContainsFunc(bare, func(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 }) {
			r.t.Fatalf("line %d moves the cursor: %q", i+1, bare)
		}
	}
	return ansi.Strip(strings.Join(lines, "\n"))
}

func (r *reader) sees(texts ...string) *reader {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.view(), text) {
			r.t.Fatalf("the screen does not say %q:\n%s", text, r.view())
		}
	}
	return r
}

func (r *reader) lacks(text string) *reader {
	r.t.Helper()
	if strings.Contains(r.view(), text) {
		r.t.Fatalf("the screen says %q:\n%s", text, r.view())
	}
	return r
}

func (r *reader) state() string {
	var parts []string
	for _, p := range r.page.State(plain()) {
		parts = append(parts, ansi.Strip(p))
	}
	return strings.Join(parts, " | ")
}

// golden compares the state and the screen with a file.
func (r *reader) golden(name string) {
	r.t.Helper()
	got := strings.ReplaceAll(r.page.Title()+" | "+r.state()+"\n"+r.view()+"\n", r.site.Store.Dir, "STORE")
	path := filepath.Join("testdata", name+".golden")
	screentest.Golden(r.t, path, got)
}

func TestScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 13}, {80, 22}, {120, 38}, {200, 58}} {
		w, h := size[0], size[1]
		name := fmt.Sprintf("-%dx%d", w, h+2) // with the first and the last line
		t.Run(name[1:], func(t *testing.T) {
			t.Parallel()
			s := recorded(t)
			open(t, s, doneRun, w, h).golden("done" + name)
			open(t, s, failedRun, w, h).golden("failed" + name)
			open(t, s, resumedRun, w, h).golden("resumed" + name)
		})
	}
	t.Run("panes", func(t *testing.T) {
		t.Parallel()
		s := recorded(t)
		open(t, s, doneRun, 80, 22).press("L").golden("log")
		open(t, s, resumedRun, 80, 22).press("E").golden("events")
		open(t, s, nanRun, 80, 22).golden("nan")
		open(t, s, doneRun, 80, 22).press("m").golden("metrics")
	})
}

// The chart has 60 columns or more on a terminal of 80x24, as it is opened.
func TestChartOnSmallTerminal(t *testing.T) {
	t.Parallel()
	r := open(t, recorded(t), doneRun, 80, 22)
	for line := range strings.Lines(r.view()) {
		if i := strings.IndexAny(line, "┼"); i >= 0 {
			if n := len([]rune(strings.TrimRight(line, "\n"))) - len([]rune(line[:i])); n >= 60 {
				return
			}
		}
	}
	t.Errorf("no chart of 60 columns:\n%s", r.view())
}

func TestFailureIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 13}, {80, 22}, {120, 38}, {200, 58}} {
		r := open(t, recorded(t), failedRun, size[0], size[1])
		r.sees("✗ failed", "at step 13 of 24", "exit code 3", "OverflowError: the gradient of step 13 is too large", "t retry")
		r.press("t")
		if diff := cmp.Diff([]string{"retry " + failedRun}, r.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, run string
		keys      []string
		asked     []string
		said      string
	}{
		{"retry what is done", doneRun, []string{"t"}, nil, "only what failed or was lost"},
		{"stop what is done", doneRun, []string{"s"}, nil, "it does not run"},
		{"pause what failed", failedRun, []string{"p"}, nil, "t tries again"},
		{"retry what was stopped", stoppedRun, []string{"t"}, nil, "p goes on"},
		{"go on with what was stopped", stoppedRun, []string{"p"}, []string{"resume " + stoppedRun}, ""},
		{"star", doneRun, []string{"*"}, []string{"mark " + doneRun + " star"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := open(t, recorded(t), tt.run, 80, 22).press(tt.keys...)
			if diff := cmp.Diff(tt.asked, r.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if !strings.Contains(r.said, tt.said) {
				t.Errorf("it says %q, want %q", r.said, tt.said)
			}
		})
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	tests := []struct {
		name, run string
		keys      []string
		want      string
	}{
		{"the name", doneRun, []string{"Y"}, doneRun},
		{"the error", failedRun, []string{"Y"}, "OverflowError"},
		{"the folder", doneRun, []string{"i", "Y"}, s.RunDir(doneRun)},
		{"a line of the log", failedRun, []string{"L", "Y"}, "OverflowError: the gradient of step 13 is too large; lower lr"},
		{"a program", doneRun, []string{"]", "tab", "tab", "Y"}, "def f("},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := open(t, s, tt.run, 80, 22).press(tt.keys...).given; !strings.Contains(got, tt.want) {
				t.Errorf("copied %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	saveLines(t, s.MarksFile(), []store.Mark{
		{Time: 1, By: "ada", On: "mine", Kind: store.Starred}, {Time: 2, By: "ada", On: doneRun, Kind: store.Noted, Text: "看这里"},
	})
	if got := open(t, s, failedRun, 80, 22).press("*"); !slices.Equal(got.asked, []string{"mark " + failedRun + " unstar"}) || !strings.Contains(got.state(), "★") {
		t.Errorf("of a starred run it asked %q, state %q", got.asked, got.state())
	}
	r := open(t, s, doneRun, 80, 22).press("i").sees("看这里")
	marks, err := store.ReadMarks(s)
	if err != nil {
		t.Fatal(err)
	}
	r.send(page.Data{Update: store.Update{Focus: store.Focus{Experiment: "mine"}, Marks: marks}})
	if strings.Contains(r.state(), "★") {
		t.Errorf("another experiment's data count: %q", r.state())
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	r := open(t, recorded(t), "mine/lr=0.001~d6de82/s1", 80, 22)
	if r.press("K"); !strings.Contains(r.said, "first") {
		t.Errorf("before the first it says %q", r.said)
	}
	var titles []string
	for range 4 {
		titles = append(titles, r.press("J").page.Title())
	}
	if diff := cmp.Diff([]string{"lr=0.003 s1", "lr=0.01 s1", "lr=0.1 s1", "lr=1 s1"}, titles); diff != "" {
		t.Errorf("the next ones (-want +got):\n%s", diff)
	}
	r.press("K").sees("✗ failed")
}

func TestFocus(t *testing.T) {
	t.Parallel()
	r := open(t, recorded(t), doneRun, 80, 22).sees("▸ train/reward")
	r.press("tab").sees("▸ eval/pass@1").press("tab").sees("[programs]").press("tab").sees("[log]")
	r.press("z").lacks("verdicts").sees("phase grpo")
	r.press("esc").sees("verdicts").press("i").sees("[parameters]", "• reward = partial")
	r.press("shift+tab").sees("[events]")
	if r.send(page.Click{X: 20, Y: 4}).sees("▸ "); strings.Contains(r.view(), "[events]") {
		t.Error("a click on the chart left the focus where it was")
	}
}

// What is gone is said, and what was read stays.
func TestStoreVanishes(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	r := open(t, s, doneRun, 80, 22)
	if err := os.RemoveAll(s.Dir); err != nil {
		t.Fatal(err)
	}
	r.send(page.Tick{Now: now + 1})
	r.sees("train/reward", "why").press("!").sees("cannot be read").press("L", "g", "i", "E", "]", "}", "m", "esc")
	if got := r.state(); !strings.Contains(got, "? cannot be read") {
		t.Errorf("the state is %q", got)
	}
	open(t, s, doneRun, 80, 22).sees("never asked for").press("t", "s", "p", "*", "L", "Y", "J", "]", "m")
}
