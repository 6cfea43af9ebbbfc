package tui

import (
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/page"
)

// The runs of the recorded store that the stories are about.
const (
	failedRun = "mine/lr=0.1~a7b193/s1"
	sampleRun = "reward/reward=partial~31c037/s1"
)

// recordedStore is a copy of the recorded store.
func recordedStore(t *testing.T) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/recorded/runs")); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openRun is the interface on the recorded store with the page of a run on top.
func openRun(t *testing.T, id string, w, h int) *driver {
	t.Helper()
	experiment, _, _ := strings.Cut(id, "/")
	d := drive(t, w, h, experiment)
	d.m.site.Store = recordedStore(t)
	d.send(page.Open{Place: page.Run, Names: []string{id}})
	d.backend.asked = nil
	return d
}

// copied holds that a text is in the clipboard of the terminal.
func (d *driver) copied(want string) *driver {
	d.t.Helper()
	if !strings.Contains(d.clipboard, want) {
		d.t.Fatalf("the clipboard has %q, want %q in it", d.clipboard, want)
	}
	return d
}

// Why did it fail? The page says so before any key, on every size of terminal.
func TestStoryWhyDidItFail(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		openRun(t, failedRun, size[0], size[1]).
			sees("✗ failed", "exit code 3", "OverflowError: the gradient of step 13 is too large", "t retry").within(0)
	}
}

func TestStoryRetryTheFailed(t *testing.T) {
	t.Parallel()
	openRun(t, failedRun, 80, 24).press("t").within(1).asked("retry " + failedRun)
}

// Find the line of the log, and copy it.
func TestStoryFindTheLogLine(t *testing.T) {
	t.Parallel()
	d := openRun(t, failedRun, 80, 24)
	d.press("L", "/").types("lower").press("enter").sees("▸OverflowError").within(8)
	d.press("Y").copied("OverflowError: the gradient of step 13 is too large; lower lr")
	d.press("esc").lacks("/lower").sees("[log]")
}

func TestStoryCopyTheResult(t *testing.T) {
	t.Parallel()
	d := openRun(t, sampleRun, 120, 40)
	d.press("Y").within(1).copied(sampleRun)
	d.press("i", "Y").within(2).copied(d.m.site.Store.RunDir(sampleRun))
}

// Look at what the model wrote before and after: the same task at the first step.
func TestStoryLookAtASample(t *testing.T) {
	t.Parallel()
	d := openRun(t, sampleRun, 120, 40)
	d.sees("17 of 36 · step 8", "rollout: reward -2.000").press("]").sees("18 of 36").within(1)
	d.press("{").sees("2 of 36 · step 0").press("]", "]").sees("4 of 36").within(3)
}

// Which of its metrics moved? Entropy in place of the reward, by tokens.
func TestStoryAnotherMetric(t *testing.T) {
	t.Parallel()
	d := openRun(t, sampleRun, 120, 40)
	d.press("m").types("entr").press("enter", "x", "x").sees("▸ train/entropy", "tokens").within(8)
}

// The next run of the experiment, without going back.
func TestStoryNextRun(t *testing.T) {
	t.Parallel()
	openRun(t, "mine/lr=0.03~8c4473/s1", 80, 24).sees("not in the store")
	d := openRun(t, "mine/lr=0.003~8c4473/s1", 80, 24).sees("– stopped")
	d.press("J").sees("lr=0.01 s1").press("J").sees("lr=0.1 s1", "✗ failed").press("t").within(3).asked("retry " + failedRun)
}

func TestStoryStarAndGoOn(t *testing.T) {
	t.Parallel()
	d := openRun(t, "mine/lr=0.003~8c4473/s1", 80, 24)
	d.press("*").asked("mark mine/lr=0.003~8c4473/s1 star")
	d.press("p").asked("resume mine/lr=0.003~8c4473/s1")
}

// The mouse: a pane by its name, a crosshair on the chart.
func TestStoryMouse(t *testing.T) {
	t.Parallel()
	d := openRun(t, sampleRun, 120, 40)
	d.click("events").sees("[events]", "phase").click("parameters").sees("• reward = partial")
	d.send(tea.MouseClickMsg{X: 30, Y: 8, Button: tea.MouseLeft}).sees("▸ train/reward")
}
