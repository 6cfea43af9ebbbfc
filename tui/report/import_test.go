package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine/formats"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/report"
)

// problems are results as LiveCodeBench writes them, with a letter a sample of each
// problem: 1 passed.
func problems(t *testing.T, path string, graded ...string) string {
	t.Helper()
	type problem struct {
		ID         string `json:"question_id"`
		Platform   string `json:"platform"`
		Date       string `json:"contest_date"`
		Difficulty string `json:"difficulty"`
		Graded     []bool `json:"graded_list"`
	}
	var all []problem
	for i, g := range graded {
		p := problem{string(rune('a' + i)), "atcoder", "2024-01-0" + string(rune('1'+i/2)), []string{"easy", "hard"}[i%2], []bool{}}
		for _, c := range g {
			p.Graded = append(p.Graded, c == '1')
		}
		all = append(all, p)
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func importing(t *testing.T, s *store.Store, as string, asJSON bool, files ...string) (string, error) {
	t.Helper()
	var b bytes.Buffer
	err := report.Import(t.Context(), &b, s, report.ImportOptions{Files: files, As: as, Read: formats.ReadEvaluation}, asJSON)
	return b.String(), err
}

// tree is what is in a store: the time of change of every file but those of locks.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "lock") {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out[strings.TrimPrefix(path, dir)] = info.ModTime().String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	qwen := problems(t, filepath.Join(dir, "Qwen_eval_all.json"), "1110", "0000", "1111", "1000")
	other := problems(t, filepath.Join(dir, "elsewhere", "Qwen_eval_all.json"), "1111", "0000", "1111", "1000")
	llama := problems(t, filepath.Join(dir, "Llama", "Scenario.codegeneration_4_0.2_eval_all.json"), "0000", "0000", "1111", "")
	text, err := importing(t, s, "", false, qwen, other, llama)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Qwen_eval_all.json taken in as imported/model=Qwen~", "/s1: livecodebench, 4 tasks, pass@1 0.500\n", "/s2: livecodebench, 4 tasks, pass@1 0.562\n",
		"as imported/model=Llama~", "/s1: livecodebench, 3 tasks, pass@1 0.333\n  1 task without samples left out\n", "`ablate compare imported/Qwen imported/Llama`",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	ids, err := s.RunIDs("imported")
	if err != nil || len(ids) != 3 {
		t.Fatalf("runs are %v, %v", ids, err)
	}
	p, err := s.ReadPlan("imported")
	if err != nil || p.Recipe != experiments.Imported || len(p.Cells) != 2 || len(p.Seeds) != 2 || p.Objective.Metric != "eval/pass@1" {
		t.Errorf("the design is %+v, %v", p, err)
	}
	for _, id := range ids {
		r, err := s.Look(id)
		if err != nil || r.Status != store.Done || r.Attempt != 1 || len(r.Metrics) != 4 {
			t.Errorf("%s is %+v, %v", id, r, err)
		}
	}
	r, _ := s.Look(ids[1])
	items, err := store.ReadItems(r, "a1/items/current@0.jsonl")
	want := []store.Item{
		{ID: "a", N: 4, C: 3, Stratum: "easy", Cluster: "atcoder 2024-01-01"}, {ID: "b", N: 4, Stratum: "hard", Cluster: "atcoder 2024-01-01"},
		{ID: "c", N: 4, C: 4, Stratum: "easy", Cluster: "atcoder 2024-01-02"}, {ID: "d", N: 4, C: 1, Stratum: "hard", Cluster: "atcoder 2024-01-02"},
	}
	if diff := cmp.Diff(want, items); err != nil || diff != "" {
		t.Errorf("items of %s, %v (-want +got):\n%s", ids[1], err, diff)
	}

	before := tree(t, s.Dir)
	text, err = importing(t, s, "", false, other, problems(t, filepath.Join(dir, "renamed.json"), "1110", "0000", "1111", "1000"))
	if err != nil || strings.Count(text, "is there already as") != 2 {
		t.Errorf("the same again: %v\n%s", err, text)
	}
	if diff := cmp.Diff(before, tree(t, s.Dir)); diff != "" {
		t.Errorf("it changed (-before +after):\n%s", diff)
	}
}

// Compared in the store, results say the digits that the files do.
func TestImportedAsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := store.Open(filepath.Join(dir, "runs"))
	a := problems(t, filepath.Join(dir, "a", "A_eval_all.json"), "1110", "0000", "1111", "1000", "0100", "0011")
	a2 := problems(t, filepath.Join(dir, "a2", "A_eval_all.json"), "1110", "0001", "1111", "1000", "0100", "0011")
	b := problems(t, filepath.Join(dir, "B_eval_all.json"), "1111", "1100", "1111", "1010", "0110", "0011")
	b2 := problems(t, filepath.Join(dir, "b2", "B_eval_all.json"), "1101", "1110", "1111", "1010", "0110", "1011")
	if text, err := importing(t, s, "mine", false, a, a2, b, b2); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, names := range [][4]string{{"mine/A", "mine/B", a + "," + a2, b + "," + b2}, {"mine/A/s1", "mine/B/s1", a, b}} {
		inStore := compare(t, s, report.CompareOptions{Names: names[:2]})
		asFiles := compare(t, s, report.CompareOptions{Names: names[2:], Read: formats.ReadEvaluation})
		x, y := inStore.Rows[0].Against[1], asFiles.Rows[0].Against[1]
		if x.Words != y.Words || x.Clusters != 3 || x.Tasks != 6 || inStore.Sides[0].Units[0].Planned != asFiles.Sides[0].Units[0].Planned {
			t.Errorf("%v: in the store %q, as files %q", names, x.Words, y.Words)
		}
	}
}

// What a list and a matrix say of an experiment rests on clusters of tasks, and pairs no
// seeds that were counted, as a comparison does.
func TestStandingOfImported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := store.Open(filepath.Join(dir, "runs"))
	a := problems(t, filepath.Join(dir, "A_eval_all.json"), "1110", "0000", "1111", "1000", "0100", "0011")
	b := problems(t, filepath.Join(dir, "B_eval_all.json"), "1111", "1100", "1111", "1010", "0110", "0011")
	a2 := problems(t, filepath.Join(dir, "a2", "A_eval_all.json"), "1110", "0001", "1111", "1000", "0100", "0011")
	b2 := problems(t, filepath.Join(dir, "b2", "B_eval_all.json"), "1101", "1110", "1111", "1010", "0110", "1011")
	for _, files := range [][]string{{a, b}, {a2, b2}} { // one seed of each, then two
		if text, err := importing(t, s, "mine", false, files...); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		p, err := s.ReadPlan("mine")
		if err != nil {
			t.Fatal(err)
		}
		x := compare(t, s, report.CompareOptions{Names: []string{"mine/A", "mine/B"}}).Rows[0].Against[1]
		bare := func(v float64) string { return strings.TrimSuffix(x.Amount(v), " points") }
		want := fmt.Sprintf("%s [%s, %s]", x.Amount(x.Mean), bare(x.Lo), bare(x.Hi))
		got, err := report.Standings(s, p, records(t, s, p))
		if err != nil || x.Clusters != 3 || len(got) != 1 || got[0].Amount != want {
			t.Errorf("%+v, %v; a comparison of %d clusters says %s", got, err, x.Clusters, want)
		}
		near, err := report.BestSet(s, p, records(t, s, p), x.Metric, [][]int{{0}, {1}})
		if got := near.Behind[1-near.Best]; err != nil || got.Mean != -x.Mean || got.Lo != -x.Hi || got.Hi != -x.Lo {
			t.Errorf("the matrix says %+v, %v; a comparison %s", got, err, want)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := storeOf(t, compared, pairOfCells())
	good := problems(t, filepath.Join(dir, "A_eval_all.json"), "11", "00")
	bad := filepath.Join(dir, "bad.json")
	items := filepath.Join(dir, "items.jsonl")
	for path, text := range map[string]string{bad: `[{"question_id":"a"`, items: `{"id":"a","n":1,"c":1}`, filepath.Join(dir, "b.tar.zst"): "\x28\xb5\x2f\xfd....."} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		as    string
		files []string
		want  string
	}{
		"no file":               {"", nil, "want files"},
		"a name":                {"../x", []string{good}, `"../x" cannot name an experiment`},
		"an experiment of runs": {"e", []string{good}, "e is an experiment whose runs are made here (recipe sft): name another with --as EXP"},
		"half a file":           {"", []string{bad}, "bad.json: byte 19: the file ends in the middle"},
		"none":                  {"", []string{filepath.Join(dir, "none.json")}, "import " + filepath.Join(dir, "none.json") + ": no such file"},
		"a bundle":              {"", []string{filepath.Join(dir, "b.tar.zst")}, "no bundle, or damaged"},
	} {
		if text, err := importing(t, s, c.as, false, c.files...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q\n%s", name, err, c.want, text)
		}
	}
	// One that cannot be read keeps none of the others out.
	if text, err := importing(t, s, "", false, bad, good); err == nil || !strings.Contains(text, "A_eval_all.json taken in") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := importing(t, s, "", false, items); err == nil || !strings.Contains(err.Error(), `imported holds results with eval_format "livecodebench", and these have "items"`) {
		t.Errorf("%v", err)
	}
	if _, err := importing(t, s, "apart", false, items); err != nil {
		t.Error(err)
	}
}

// An import that was cut off is made whole by the next one.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := store.Open(filepath.Join(dir, "runs"))
	file := problems(t, filepath.Join(dir, "A_eval_all.json"), "11", "00")
	for range 2 {
		if _, err := importing(t, s, "", false, file); err != nil {
			t.Fatal(err)
		}
		ids, err := s.RunIDs("imported")
		if err != nil || len(ids) != 1 || !strings.HasSuffix(ids[0], "/s1") {
			t.Fatalf("%v, %v", ids, err)
		}
		asked, err := store.ReadAsked(s.RunDir(ids[0]))
		if err != nil || len(asked) != 1 {
			t.Errorf("it was asked for %d times, %v", len(asked), err)
		}
		if err := os.Remove(filepath.Join(s.RunDir(ids[0]), "run.json")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestImportJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := store.Open(filepath.Join(dir, "runs"))
	plus := `{"hash":"h","eval":{"HumanEval/0":[{"base_status":"pass","plus_status":"fail"}],"HumanEval/1":[{"base_status":"pass","plus_status":"pass"}]}}`
	file := filepath.Join(dir, "M.eval_results.json")
	if err := os.WriteFile(file, []byte(plus), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := importing(t, s, "", true, file)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	id, _ := doc["id"].(string)
	if !strings.HasPrefix(id, "imported/model=M~") {
		t.Errorf("id is %q", id)
	}
	delete(doc, "id")
	want := map[string]any{
		"new": true, "format": "evalplus", "points": 2.0, "warnings": []any{},
		"metrics": map[string]any{"eval/pass@1": 0.5, "eval/base/pass@1": 1.0},
		"source":  map[string]any{"eval/pass@1": "base_status, plus_status", "eval/base/pass@1": "base_status, plus_status"},
	}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r, err := s.Look(id)
	if err != nil {
		t.Fatal(err)
	}
	if items, err := store.ReadItems(r, "a1/items/base@0.jsonl"); err != nil || len(items) != 2 || items[0].C != 1 {
		t.Errorf("%+v, %v", items, err)
	}
	if text, err := importing(t, s, "", true, file, file); err != nil || !strings.HasPrefix(text, "[") || !strings.Contains(text, `"new": false`) {
		t.Errorf("%v\n%s", err, text)
	}
}
