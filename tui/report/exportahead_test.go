package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/tui/report"
)

// A report says what its design could see and what it costs, with the words and digits of
// the plan; of all runs, though none is left. By hand: 4 runs of 2.16e16 FLOP.
func TestExportSaysWhatThePlanSays(t *testing.T) {
	t.Parallel()
	p := trainsModel(t, "seeds = 2\naxes = { size = [1, 2] }")
	run := func(dir string, _ float64) {
		onGPUs(t, dir, 1, 0, 1800, 2, twoH20())
		speeds(t, dir, 1, 1000, 3000)
	}
	s := fill(t, p, run, run, run, run)
	path := filepath.Join(t.TempDir(), "t.toml")
	add(t, path, "schema = 1\n[cost]\ncurrency = 'USD'\nteacher_tokens = 60_000\ntoken_price = 0.8\nkeep_rate = 0.6\nhuman_task = 0.2\ngpu_hour = { H20 = 1.2, H200 = 3.5 }\nmfu = { H200 = 0.5 }\n")
	from := experiments.Origin{Path: path}
	written := func(from experiments.Origin, format string, names ...string) string {
		var b bytes.Buffer
		if err := report.Export(&b, io.Discard, s, from, names, report.ExportFlags{Format: format}, ""); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var plan bytes.Buffer
	if err := report.Plan(&plan, s, p, report.Ahead{Slots: 1, Cost: from.Cost()}, false); err != nil {
		t.Fatal(err)
	}
	const see, kept = "what it could see is not known: the 4 runs of own that were read differ in nothing", "a kept task costs 0.08 USD (keep rate 60 %, stated)"
	for _, c := range []struct{ name, text, table string }{
		{"md", written(from, "md", "own"), "| the whole design: 86.4 PFLOP | H20 | H200 |\n|---|---:|---:|\n| MFU | 4.05 % measured | 50 % stated |\n| GPU-hours | 4 | 0.0485 |"},
		{"html", written(from, "html", "own"), `the whole design: 86.4 PFLOP</th><th scope="col" class="n">H20</th>`},
		{"plan", plan.String(), "2 cells x 2 seeds"},
	} {
		for _, want := range []string{see, kept, c.table} {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s does not say %q:\n%s", c.name, want, c.text)
			}
		}
	}
	var doc report.Exported
	if err := json.Unmarshal([]byte(written(from, "json", "own")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.See == nil || doc.See.Words[0] != see || doc.Cost == nil || doc.Cost.Of != "all" || *doc.Cost.FLOPs != 8.64e16 || *doc.Cost.KeptTask != 0.08 {
		t.Errorf("%+v, %+v", doc.See, doc.Cost)
	}
	if err := json.Unmarshal([]byte(written(from, "json", "own/size=1")), &doc); err != nil || doc.See != nil || doc.Cost != nil {
		t.Errorf("one cell: %+v, %+v, %v", doc.See, doc.Cost, err)
	}
	if text := written(experiments.Origin{Path: "none.toml"}, "md", "own"); strings.Contains(text, "USD") || !strings.Contains(text, "the whole design: 86.4 PFLOP") {
		t.Errorf("without prices:\n%s", text)
	}
}

// The laws stand in the text, and what further solutions are worth under the charts of
// both axes.
func TestExportSaysWhichLaw(t *testing.T) {
	t.Parallel()
	m := func(score string) ran { return ran{score, nil} }
	s, _ := storeOf(t, `schema = 1
[experiment.e]
recipe = "sft"
seeds = [101]
cell = [{ tasks = 4, solutions = 1 }, { tasks = 8, solutions = 1 }, { tasks = 16, solutions = 1 }, { tasks = 4, solutions = 4 }]
`, map[string]ran{"4x1 s101": m("1000000000"), "8x1 s101": m("1110000000"), "16x1 s101": m("1111100000"), "4x4 s101": m("1110000000")})
	md, html := export(t, s, report.ExportFlags{Format: "md"}, "e"), export(t, s, report.ExportFlags{Format: "html"}, "e")
	for _, want := range []string{"## Laws", "- pass@1 by tasks, at solutions = 1: ", "- tasks x solutions^gamma, over 4 cells: "} {
		if !strings.Contains(md, want) {
			t.Errorf("the text does not say %q:\n%s", want, md)
		}
	}
	if n := strings.Count(html, "tasks x solutions^gamma, over 4 cells: "); n != 2 {
		t.Errorf("the page says %d times what solutions are worth", n)
	}
}
