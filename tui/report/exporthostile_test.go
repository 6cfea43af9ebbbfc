package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ablate/engine/formats"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const hostile = `schema = 1
[experiment.e]
title = "\u202Eeltit \u001b[2J]]></title><script>alert(1)</script>"
question = "=cmd|' /C calc'!A0"
recipe = "command"
argv = ["train", "{way}", "{seed}"]
seeds = [1, 2]
objective = { metric = "acc", goal = "max" }
axes = { way = ["=1+1", "-2", "\u2066<b>\u2069", "idle"] }
`

// hostileStore has results of all cells but one, with names that mean something to
// whoever shows them.
func hostileStore(t *testing.T) *store.Store {
	t.Helper()
	s := &store.Store{Dir: t.TempDir()}
	e, err := asking(t, hostile).Experiment("e")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WritePlan(e.Plan()); err != nil {
		t.Fatal(err)
	}
	for _, run := range e.Plan().Runs() {
		way := fmt.Sprint(run.Axes[0].Value)
		exit := store.Exit{Outcome: store.Outcome{Metrics: store.Values{"acc": float64(len(way)) / 10, "@odd": 1}}}
		if way == "idle" {
			exit = store.Exit{Code: 1, Reason: "\u202Egone\u001b[31m"}
		}
		finish(t, s, run, exit)
	}
	return s
}

func TestExportOfHostileTexts(t *testing.T) {
	t.Parallel()
	s := hostileStore(t)
	for _, format := range []string{"html", "md"} {
		text := export(t, s, report.ExportFlags{Format: format}, "e")
		for _, bad := range []string{"\u202e", "\u2066", "\u2069", "\x1b", "<script"} {
			if at := strings.Index(strings.ReplaceAll(text, `\<script`, ""), bad); at >= 0 {
				t.Errorf("%s has %q: %.80q", format, bad, text[at:])
			}
		}
		if !strings.Contains(text, "no result in 1 of the 3 others") || strings.Contains(text, "from all 3 others") {
			t.Errorf("%s does not say what was not compared:\n%s", format, text)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(export(t, s, report.ExportFlags{Format: "csv"}, "e"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var ways []string
	for _, row := range rows {
		ways = append(ways, row[2])
	}
	if got, want := strings.Join(ways, " "), "way '=1+1 '=1+1 -2 -2 \u2066<b>\u2069 \u2066<b>\u2069 idle idle"; got != want {
		t.Errorf("axis %q, want %q", got, want)
	}
	if head := strings.Join(rows[0], " "); !strings.Contains(head, " '@odd ") {
		t.Errorf("head %q", head)
	}
}

// Of cells that are level none was picked, what a cell is called by is said at once, and
// a curve of runs that failed is no result.
func TestExportSaysWhatIsDrawn(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, exported, map[string]ran{"4x1 s101": {"11110000", nil}, "8x1 s101": {"00001111", nil}})
	e, err := f.Experiment("e")
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range e.Plan().Runs() {
		if run.Seed == 102 {
			finish(t, s, run, store.Exit{Code: 1})
			add(t, filepath.Join(s.RunDir(run.ID), "a1", "metrics.jsonl"), `{"step":1,"m":{"eval/pass@1":0.9}}`+"\n"+`{"step":2,"m":{"eval/pass@1":0.9}}`+"\n")
		}
	}
	text := export(t, s, report.ExportFlags{Format: "html"}, "e")
	for _, want := range []string{"4×1 (tasks×solutions) and 8×1 have the best mean of pass@1", "runs that are not done (4) are drawn as far as they came"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "picked after looking") {
		t.Error("one of two that are level was picked")
	}
}

// A full disk is told once.
func TestBundleToFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	var b bytes.Buffer
	err := report.Export(&b, io.Discard, hostileStore(t), experiments.Origin{Path: "none.toml"}, []string{"e"}, report.ExportFlags{Bundle: true}, filepath.Join("/dev", "full"))
	if err == nil || strings.Count(err.Error(), "no space left") != 1 || b.Len() > 0 {
		t.Errorf("error %v, output %q", err, b.String())
	}
}

// Several bundles are one document of JSON.
func TestImportOfBundlesAsJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "e.ablate")
	if err := report.Export(io.Discard, io.Discard, hostileStore(t), experiments.Origin{Path: "none.toml"}, []string{"e"}, report.ExportFlags{Bundle: true}, path); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Import(t.Context(), &b, &store.Store{Dir: t.TempDir()}, report.ImportOptions{Files: []string{path, path}}, true); err != nil {
		t.Fatal(err)
	}
	var in []store.TakenIn
	if err := json.Unmarshal(b.Bytes(), &in); err != nil || len(in) != 2 || len(in[0].New) != 8 || len(in[1].Already) != 8 {
		t.Errorf("%v: %s", err, b.String())
	}
}

// A metric that no run reports is not waited for, and no chart is drawn of it.
func TestExportOfMissingMetric(t *testing.T) {
	t.Parallel()
	s := &store.Store{Dir: t.TempDir()}
	e, err := asking(t, strings.Replace(hostile, `["=1+1", "-2", "\u2066<b>\u2069", "idle"]`, "[1, 2, 4]", 1)).Experiment("e")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WritePlan(e.Plan()); err != nil {
		t.Fatal(err)
	}
	for _, run := range e.Plan().Runs() {
		finish(t, s, run, store.Exit{Outcome: store.Outcome{Metrics: store.Values{"train/loss": 1}}})
	}
	text := export(t, s, report.ExportFlags{Format: "html"}, "e")
	if !strings.Contains(text, "All of 6 runs are done, and none has a result in acc.") || strings.Contains(text, "<svg") {
		t.Errorf("a page without results:\n%s", text)
	}
}

// A pipe that nobody writes to holds nobody up.
func TestImportOfPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	err := report.Import(t.Context(), io.Discard, &store.Store{Dir: t.TempDir()}, report.ImportOptions{Files: []string{path}, Read: formats.ReadEvaluation}, false)
	if err == nil || !strings.Contains(err.Error(), "want a file") {
		t.Errorf("error %v", err)
	}
}
