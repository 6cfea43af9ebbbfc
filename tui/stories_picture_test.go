package tui

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/tui/page"
)

// written holds that a file is there as an SVG that says all of the texts.
func (d *driver) written(file string, texts ...string) *driver {
	d.t.Helper()
	d.sees("wrote " + file)
	text, err := os.ReadFile(filepath.Join(d.m.site.Workdir, file))
	if err != nil {
		d.t.Fatal(err)
	}
	for read := xml.NewDecoder(strings.NewReader(string(text))); ; {
		if _, err := read.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			d.t.Fatalf("%s is no SVG: %v\n%.300s", file, err, text)
		}
	}
	for _, want := range append(texts, "<svg") {
		if !strings.Contains(string(text), want) {
			d.t.Errorf("%s does not say %q:\n%.600s", file, want, text)
		}
	}
	if strings.ContainsAny(string(text), "›▸") {
		d.t.Errorf("the sign of the focus is in %s", file)
	}
	return d
}

// The chart with the focus becomes a file, as it is looked at; what has no chart says so.
func TestStoryWriteTheChart(t *testing.T) {
	t.Parallel()
	svg := func(d *driver) *driver { return d.press(":").types("write svg").press("enter") }
	for name, story := range map[string]func(*testing.T){
		"of a comparison": func(t *testing.T) {
			d := judging(t, 120, 40, clearWin(), "2048x1", "256x8")
			svg(d).sees("no chart has the focus: tab goes to one")
			svg(d.press("tab")).written("compare-pass@1-2048-1-256-8.svg", "pass@1", "A 2048×1", "B 256×8")
			svg(d).sees("compare-pass@1-2048-1-256-8.svg is there already: write it anew?").press("y").sees("wrote compare")
			d.m.site.Workdir = filepath.Join(d.m.site.Workdir, "none")
			svg(d).sees("no such file")
		},
		"of the scaling view": func(t *testing.T) {
			d := judging(t, 120, 40, clearWin(), "2048x1", "256x8").press("tab", "tab")
			svg(d).written("compare-pass@1-by-tasks-2048-1-256-8.svg", "pass@1 against tasks")
		},
		"of an experiment": func(t *testing.T) {
			d := drive(t, 120, 40, "quick")
			d.m.site.Store, d.m.site.Workdir = verdicts(t, clearWin()), t.TempDir()
			svg(d.press("tab")).written("quick-matrix-pass@1.svg", "tasks", "solutions")
			svg(d.press("tab")).written("quick-pass@1.svg", "pass@1")
			svg(d.press("tab")).written("quick-train-loss.svg", "train/loss")
		},
		"of a run": func(t *testing.T) {
			d := openRun(t, sampleRun, 120, 40)
			d.m.site.Workdir = t.TempDir()
			svg(d).written("reward-reward=partial-31c037-s1-train-reward.svg", "train/reward")
			svg(d.press("tab", "tab")).written("reward-reward=partial-31c037-s1-verdicts.svg", "verdicts at", "AC", "WA")
		},
		"not where there is none": func(t *testing.T) {
			d := drive(t, 120, 40, "quick").send(page.Open{Place: page.Queue})
			svg(d).sees(`there is no command "write svg"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}
