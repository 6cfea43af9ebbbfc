package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

const exported = `schema = 1
[experiment.e]
title = "Tasks <script>alert(1)</script> & *solutions*"
question = "Do more tasks help?"
recipe = "sft"
seeds = [101, 102]
reference = "lcb5_solutions_per_task_64k_rows"
axes = { tasks = [4, 8], solutions = [1, 4] }
[[experiment.e.finding]]
letter = "a"
claim = "more tasks <b>help</b>"
metric = "eval/pass@1"
plus = [{ tasks = 8 }]
minus = [{ tasks = 4 }]
[experiment.fresh]
recipe = "sft"
axes = { tasks = [4, 8] }
`

// exportStore is a store with the experiment e: one of its runs failed, one is
// distrusted, one has a value that is no number.
func exportStore(t *testing.T) *store.Store {
	t.Helper()
	m := func(loss, odd float64) store.Values { return store.Values{"train/loss": loss, "odd \"name\", 1": odd} }
	s, f := storeOf(t, exported, map[string]ran{
		"4x1 s101": {"0000000000", m(0.5, 1)}, "4x1 s102": {"1000000000", m(0.25, math.NaN())},
		"4x4 s101": {"1100000000", m(0.5, 1e-9)}, "4x4 s102": {"1100000001", m(0.5, 1e20)},
		"8x1 s101": {"1111111000", m(0.125, 1)}, "8x1 s102": {"1111110010", m(0.125, math.Inf(1))},
		"8x4 s101": {"1111000000", m(0.75, 1)},
	})
	e, err := f.Experiment("e")
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range e.Plan().Runs() {
		dir := s.RunDir(run.ID)
		switch label := report.CellLabel(run.Axes); {
		case label == "8×4" && run.Seed == 102:
			finish(t, s, run, store.Exit{Code: 1, Reason: "out of <memory>"})
			continue
		case label == "4×4" && run.Seed == 102:
			add(t, s.MarksFile(), fmt.Sprintf(`{"time":%d,"by":"ada@lab","on":%q,"kind":"distrust","text":"saw the tests"}`+"\n", began, run.ID))
		}
		for step := 1; step <= 3; step++ {
			add(t, filepath.Join(dir, "a1", "metrics.jsonl"), fmt.Sprintf(
				`{"step":%d,"time":%d.5,"m":{"train/loss":%g,"eval/pass@1":0.%d}}`+"\n", step, began+step, 2/float64(step), step))
		}
	}
	return s
}

// export is what is written to standard output.
func export(t *testing.T, s *store.Store, o report.ExportFlags, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Export(&b, io.Discard, s, experiments.Origin{Path: "none.toml"}, names, o, ""); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	for name, o := range map[string]report.ExportFlags{
		"export.md": {Format: "md"}, "export.json": {Format: "json"}, "export-loss.md": {Format: "md", Metric: "train/loss"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, s.Dir, export(t, s, o, "e"))
		})
	}
}

// A row a run and a row a point, with line ends and quotes as RFC 4180 has them.
func TestExportCSV(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	for name, o := range map[string]report.ExportFlags{
		"export.csv": {Format: "csv"}, "export-points.csv": {Format: "csv", Points: true, Metric: "pass@1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := export(t, s, o, "e")
			if strings.Count(text, "\r\n") != strings.Count(text, "\n") {
				t.Error("a line ends without CR LF")
			}
			if _, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil {
				t.Error(err)
			}
			golden(t, name, s.Dir, strings.ReplaceAll(text, "\r\n", "\n"))
		})
	}
}

// Of steps that two attempts made, the points are the newer one's.
func TestExportPointsOfAttempts(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1] }")
	s := fill(t, p, ended(t, store.Exit{}))
	dir := s.RunDir(p.Runs()[0].ID)
	for attempt, steps := range [][]int{{1, 2, 3}, {2, 3, 4}} {
		for _, step := range steps {
			add(t, filepath.Join(dir, fmt.Sprintf("a%d", attempt+1), "metrics.jsonl"),
				fmt.Sprintf(`{"step":%d,"time":7,"m":{"loss":%d}}`+"\n", step, 10*(attempt+1)+step))
		}
	}
	var got []string
	for line := range strings.Lines(export(t, s, report.ExportFlags{Format: "csv", Points: true}, "own")) {
		_, after, _ := strings.Cut(strings.TrimSpace(line), ",")
		got = append(got, after)
	}
	if diff := cmp.Diff([]string{"metric,step,value,time", "loss,1,11,7", "loss,2,22,7", "loss,3,23,7", "loss,4,24,7"}, got); diff != "" {
		t.Error(diff)
	}
}

// The digits of the document are those of a comparison of the two cells.
func TestExportSaysWhatCompareSays(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	var doc report.Exported
	if err := json.Unmarshal([]byte(export(t, s, report.ExportFlags{Format: "json"}, "e")), &doc); err != nil {
		t.Fatal(err)
	}
	c := compare(t, s, report.CompareOptions{Names: []string{"e/8x1", "e/4x1"}})
	want := c.Rows[0].Against[1]
	for _, x := range doc.Comparisons {
		if !strings.HasPrefix(x.B.Cell, "tasks=4,solutions=1~") {
			continue
		}
		if *x.Diff != want.Mean || *x.CI != [2]float64{want.Lo, want.Hi} || *x.P != want.P() || *x.MDE != want.MDEAt(0.05/float64(x.Family)) || !strings.HasPrefix(x.A.Cell, "tasks=8,solutions=1~") {
			t.Errorf("%+v, want %+v", x, want)
		}
		return
	}
	t.Error("the document does not compare the first cell")
}

// A cell or a run alone has no others beside it.
func TestExportOneCell(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	var doc report.Exported
	if err := json.Unmarshal([]byte(export(t, s, report.ExportFlags{Format: "json"}, "e/tasks=8,solutions=1")), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Cells) != 1 || len(doc.Cells[0].Runs) != 2 || len(doc.Comparisons) != 0 || doc.Provenance.Runs != 2 {
		t.Errorf("%+v", doc)
	}
	if rows := strings.Count(export(t, s, report.ExportFlags{Format: "csv"}, "e/tasks=8,solutions=1/s101"), "\n"); rows != 2 {
		t.Errorf("the table of a run has %d lines", rows)
	}
}

// The page is sound, needs nothing from elsewhere, runs nothing, and has every text
// as a text.
func TestExportHTML(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	text := export(t, s, report.ExportFlags{Format: "html"}, "e")
	wellFormed(t, text)
	for _, want := range []string{
		"Tasks &lt;script&gt;alert(1)&lt;/script&gt; &amp; *solutions*", "Do more tasks help?", "is ahead in pass@1 with", "Holm over 3",
		"more tasks &lt;b&gt;help&lt;/b&gt;", "out of &lt;memory&gt;", "distrusted by ada@lab: saw the tests", "picked after looking",
		"prefers-color-scheme: dark", "@media print", "0123456789ab", "X-Coder figure 3", "n = 268", "depth2", "How the numbers were made",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(text, "<figure>"); n != 5 {
		t.Errorf("the page has %d charts", n)
	}
	for _, never := range []string{"<script", "<b>help", "<memory>", "<link", "<img", "<iframe", "@import", "url(", "javascript:", " onload", " src="} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, at := range regexp.MustCompile(`.{12}https?://[^"]*`).FindAllString(text, -1) {
		if !strings.HasSuffix(at, `xmlns="http://www.w3.org/2000/svg`) {
			t.Errorf("the page speaks of %q", at)
		}
	}
}

// wellFormed reads a page as XML, which it is, too: all that is opened ends in its place.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// An experiment of which nothing ran is a report, too.
func TestExportOfNothing(t *testing.T) {
	t.Parallel()
	s, f := storeOf(t, exported, nil)
	e, err := f.Experiment("fresh")
	if err != nil {
		t.Fatal(err)
	}
	run := e.Plan().Runs()[0]
	write(t, filepath.Join(s.RunDir(run.ID), "run.json"), run)
	for _, format := range []string{"md", "html"} {
		if text := export(t, s, report.ExportFlags{Format: format}, "fresh"); !strings.Contains(text, "No run is done yet, of 6 runs.") {
			t.Errorf("%s: %s", format, text)
		}
	}
	var b bytes.Buffer
	err = report.Export(&b, io.Discard, s, experiments.Origin{Path: "none.toml"}, []string{"fresh"}, report.ExportFlags{Format: "svg"}, "")
	if err == nil || !strings.Contains(err.Error(), "nothing to draw") {
		t.Errorf("a chart of nothing: %v", err)
	}
}

// A chart alone, without its page, says of cells with one seed what they speak of.
func TestChartsOfOneSeedSayIt(t *testing.T) {
	t.Parallel()
	s, _ := storeOf(t, exported+"[experiment.one]\nrecipe = \"sft\"\naxes = { tasks = [16, 32], solutions = [1, 4] }\nseeds = 1\n", map[string]ran{
		"16x1 s1": {"0011", store.Values{}}, "16x4 s1": {"0111", store.Values{}}, "32x1 s1": {"0111", store.Values{}}, "32x4 s1": {"1111", store.Values{}},
		"4x1 s101": {"00", store.Values{}}, "4x1 s102": {"01", store.Values{}}, "8x1 s101": {"11", store.Values{}},
		"4x4 s101": {"00", store.Values{}}, "4x4 s102": {"01", store.Values{}},
	})
	points, err := filepath.Glob(filepath.Join(s.RunDir("one"), "*", "*", "a1"))
	if err != nil || len(points) != 4 {
		t.Fatalf("%d runs: %v", len(points), err)
	}
	for _, dir := range points {
		write(t, filepath.Join(dir, "metrics.jsonl"), store.Point{Step: 1, M: store.Values{"eval/pass@1": 0.25}}, store.Point{Step: 2, M: store.Values{"eval/pass@1": 0.5}})
	}
	for _, name := range []string{"curves", "scaling", "matrix"} {
		if text := export(t, s, report.ExportFlags{Format: "svg", Chart: name}, "one"); !strings.Contains(text, "one seed: checkpoints, not recipes") {
			t.Errorf("%s does not say it: %s", name, text)
		}
	}
	if text := export(t, s, report.ExportFlags{Format: "svg", Chart: "matrix"}, "e"); !strings.Contains(text, "one seed in 1 of 3 cells: checkpoints, not recipes") {
		t.Errorf("of one of three cells it says %s", text)
	}
}

func TestExportSVG(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	for name, want := range map[string]string{
		"": "pass@1", "curves": "pass@1", "loss": "train/loss", "scaling": "pass@1 by tasks", "scaling:solutions": "X-Coder figure 3, n = 268", "matrix": "±",
	} {
		text := export(t, s, report.ExportFlags{Format: "svg", Chart: name}, "e")
		if !strings.HasPrefix(text, "<svg ") || !strings.Contains(text, want) {
			t.Errorf("the chart %q is %.200s", name, text)
		}
		wellFormed(t, text)
	}
}

func TestExportMistakes(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	folder := t.TempDir()
	for _, test := range []struct {
		names []string
		o     report.ExportFlags
		path  string
		want  string
	}{
		{nil, report.ExportFlags{Format: "csv"}, "", "want the name of an experiment"},
		{[]string{"e"}, report.ExportFlags{}, "", "say --format F, which is one of csv, json, md, svg, html"},
		{[]string{"e"}, report.ExportFlags{}, filepath.Join(folder, "a.pdf"), "names no format"},
		{[]string{"e"}, report.ExportFlags{Format: "pdf"}, "", `no format "pdf"`},
		{[]string{"e"}, report.ExportFlags{Format: "md", Points: true}, "", "--points is of --format csv"},
		{[]string{"e"}, report.ExportFlags{Format: "md", Chart: "loss"}, "", "--chart is of --format svg"},
		{[]string{"e"}, report.ExportFlags{Format: "svg", Chart: "pie"}, "", `no chart "pie"; there are curves, loss, scaling, matrix`},
		{[]string{"e"}, report.ExportFlags{Format: "md", Metric: "pass@9"}, "", `no run has the metric "pass@9"; there are eval/pass@1`},
		{[]string{"e/4x9"}, report.ExportFlags{Format: "md"}, "", "none of that name"},
		{[]string{"e/4x1"}, report.ExportFlags{Format: "md"}, "", "a report is on a whole experiment; name e"},
		{[]string{"e/tasks=4,solutions=1"}, report.ExportFlags{Format: "html"}, "", "a report is on a whole experiment"},
		{[]string{"x"}, report.ExportFlags{Format: "json"}, "", "no runs of that experiment"},
		{[]string{"e"}, report.ExportFlags{Format: "md"}, folder, "it is a folder"},
		{[]string{"e"}, report.ExportFlags{Format: "md"}, filepath.Join(folder, "no", "a.md"), "no such file"},
		{[]string{"x"}, report.ExportFlags{Bundle: true}, "", "bundles are of whole experiments"},
	} {
		var b bytes.Buffer
		err := report.Export(&b, io.Discard, s, experiments.Origin{Path: "none.toml"}, test.names, test.o, test.path)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v %+v: %v, want %q", test.names, test.o, err, test.want)
		}
	}
}

// What runs made of GPUs is in the table of runs and in the cost of cells.
func TestExportOfGPUs(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 1\naxes = { size = [1, 2] }")
	run := func(dir string, _ float64) { onGPUs(t, dir, 1, 0, 1800, 2, twoH20()) }
	s := fill(t, p, run, done(t, 0.5, 1))
	rows, err := csv.NewReader(strings.NewReader(export(t, s, report.ExportFlags{Format: "csv"}, "own"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join(row[len(row)-2:], " "))
	}
	if diff := cmp.Diff([]string{"gpu_hours kwh", "1 1", "0 "}, got); diff != "" {
		t.Error(diff)
	}
	if text := export(t, s, report.ExportFlags{Format: "md"}, "own"); !regexp.MustCompile(`(?m)^\| size \| minutes a run \|.* GPU-hours \|.* kWh \|`).MatchString(text) {
		t.Errorf("the report does not have the GPUs:\n%s", text)
	}
}

// Of many cells a report has all in its tables, and the best in its charts.
func TestExportOfManyCells(t *testing.T) {
	t.Parallel()
	p := trainer(t, "seeds = 1\naxes = { size = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }")
	var ends []func(string, float64)
	for i := range 15 {
		ends = append(ends, func(dir string, at float64) {
			done(t, float64(i)/100, 1)(dir, at)
			for step := 1; step <= 2; step++ {
				add(t, filepath.Join(dir, "a1", "metrics.jsonl"), fmt.Sprintf(`{"step":%d,"m":{"eval/pass@1":0.%02d}}`+"\n", step, i))
			}
		})
	}
	s := fill(t, p, ends...)
	text := export(t, s, report.ExportFlags{Format: "md"}, "own")
	if strings.Count(text, "| no evidence |") != 14 || !strings.Contains(text, "- 2 comparisons more: the table has them\n") || !strings.Contains(text, "**size 15 is ahead") {
		t.Error(text)
	}
	if text := export(t, s, report.ExportFlags{Format: "svg"}, "own"); !strings.Contains(text, "size 8") || strings.Contains(text, "size 7") {
		t.Errorf("the chart does not have the best eight:\n%s", text)
	}
	if text := export(t, s, report.ExportFlags{Format: "html"}, "own"); !strings.Contains(text, "8 of the 15 cells, those with the best results") {
		t.Error("the page does not say that there are more cells")
	}
}

// A file is whole or as it was, and nothing is left beside it.
func TestExportFile(t *testing.T) {
	t.Parallel()
	s := exportStore(t)
	path := filepath.Join(t.TempDir(), "e.csv")
	add(t, path, "what was there")
	var b bytes.Buffer
	from := experiments.Origin{Path: "none.toml"}
	if err := report.Export(&b, io.Discard, s, from, []string{"e"}, report.ExportFlags{Format: "md", Metric: "pass@9"}, path); err == nil {
		t.Error("a metric that no run has was written")
	}
	if text, _ := os.ReadFile(path); string(text) != "what was there" {
		t.Errorf("a report that failed left %q", text)
	}
	if err := report.Export(&b, io.Discard, s, from, []string{"e"}, report.ExportFlags{}, path); err != nil || b.Len() > 0 {
		t.Errorf("%v, and on standard output %q", err, b.String())
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != export(t, s, report.ExportFlags{Format: "csv"}, "e") {
		t.Errorf("the file is %q, %v", text, err)
	}
	if beside, _ := os.ReadDir(filepath.Dir(path)); len(beside) != 1 {
		t.Errorf("beside it there is %v", beside)
	}
}

// Where the cells have different numbers of seeds, the sentence says from how many to how
// many.
func TestSentenceOfUnevenSeeds(t *testing.T) {
	t.Parallel()
	const text = "schema = 1\n[experiment.e]\nrecipe = \"sft\"\nseeds = 3\nobjective = { metric = \"eval/pass@1\", goal = \"max\" }\naxes = { tasks = [128, 256, 512] }\nparams = { eval_samples = 0 }\n"
	s, _ := storeOf(t, text, map[string]ran{
		"128 s1": {bits: "0000"}, "128 s2": {bits: "0001"}, "128 s3": {bits: "0000"},
		"256 s1": {bits: "0011"}, "256 s2": {bits: "0001"},
		"512 s1": {bits: "1111"}, "512 s2": {bits: "1101"}, "512 s3": {bits: "1111"},
	})
	var b bytes.Buffer
	if err := report.Export(&b, io.Discard, s, experiments.Origin{Path: filepath.Join(t.TempDir(), "none.toml")}, []string{"e"}, report.ExportFlags{Format: "md"}, ""); err != nil {
		t.Fatal(err)
	}
	if want := "Recipe level, 2 to 3 seeds.**"; !strings.Contains(b.String(), want) {
		t.Errorf("it does not say %q:\n%.400s", want, b.String())
	}
}
