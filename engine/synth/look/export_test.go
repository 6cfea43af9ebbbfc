package look

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readLines reads a file of JSON lines.
func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []T
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	for d.More() {
		var row T
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func TestExport(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	got := decoded[verified](t, Request{N: 60, All: true, Export: dir}, "teacher_error=0.15")
	files := contents(t, dir)
	sft := readLines[sftRow](t, filepath.Join(dir, sftFile))
	rl := readLines[rlRow](t, filepath.Join(dir, rlFile))
	var kept []verifiedTask
	for _, task := range got.Examples {
		if task.Dropped == "" {
			kept = append(kept, task)
		}
	}
	if len(kept) == 60 || len(kept) == 0 || len(sft) != len(kept) || len(rl) != len(kept) {
		t.Fatalf("%d rows, %d rows for %d kept tasks of 60", len(sft), len(rl), len(kept))
	}
	for i, task := range kept {
		if want := "```python\n" + task.Golden + "```"; sft[i].Response != want {
			t.Errorf("response %q, want %q", sft[i].Response, want)
		}
		if want := []message{{"user", sft[i].Query}}; !cmp.Equal(rl[i].Prompt, want) {
			t.Errorf("row %d: the prompts differ", i)
		}
		if want := (extraInfo{"train", i, task.ID, task.Style, task.Depth}); rl[i].ExtraInfo != want {
			t.Errorf("extra info %v, want %v", rl[i].ExtraInfo, want)
		}
		var truth groundTruth
		if err := json.Unmarshal([]byte(rl[i].RewardModel.GroundTruth), &truth); err != nil {
			t.Fatal(err)
		}
		want := groundTruth{Function: "f"}
		for _, c := range task.Tests {
			if c.Label != "" {
				want.Inputs, want.Outputs = append(want.Inputs, c.Input), append(want.Outputs, c.Label)
			}
		}
		if diff := cmp.Diff(want, truth); diff != "" {
			t.Error(diff)
		}
	}
	var d exported
	if err := json.Unmarshal([]byte(files[datasetFile]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Rows != len(kept) || d.Kept != len(kept) || d.Made != 60 || d.Seed != 1 || d.Params.Float("teacher_error") != 0.15 {
		t.Errorf("described as %+v", d)
	}
	if len(d.Files) != len(files)-1 {
		t.Errorf("%d files described of %d", len(d.Files), len(files))
	}
	for _, f := range d.Files {
		sum := sha256.Sum256([]byte(files[f.Name]))
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != len(files[f.Name]) {
			t.Errorf("%s is not as described", f.Name)
		}
	}
}

// The same request gives the same bytes, also over an export that is there.
func TestExportIsRepeatable(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	for _, r := range []Request{{N: 20, Export: a}, {N: 10, Seed: 2, Export: b}, {N: 20, Export: b}} {
		if _, err := run(t, r, line{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(contents(t, a), contents(t, b)); diff != "" {
		t.Error(diff)
	}
}

// An export that ends early leaves no description, not even of the one before.
func TestTornExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := run(t, Request{N: 10, Export: dir}, line{}); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, rlFile)
	if err := errors.Join(os.Remove(blocked), os.MkdirAll(filepath.Join(blocked, "x"), 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, Request{N: 12, Export: dir}, line{}); err == nil {
		t.Fatal("it wrote over a folder")
	}
	if _, err := os.Stat(filepath.Join(dir, datasetFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", datasetFile, err)
	}
}

func TestExportSparesOthers(t *testing.T) {
	t.Parallel()
	tests := []struct{ file, text, want string }{
		{"notes.txt", "mine", "not of an export, notes.txt; choose an empty folder"},
		{"sft.jsonl", "mine", "no dataset.json that says they are of an export"},
		{"dataset.json", `{"made_by":"me"}`, "no dataset.json that says they are of an export"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := run(t, Request{N: 5, Export: dir}, line{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if diff := cmp.Diff(map[string]string{tt.file: tt.text}, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExportIntoAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		dir = "/proc/export" // root cannot make it either
		if _, err := os.Stat("/proc/self"); err != nil {
			t.Skip("root may write everywhere but in /proc, which is not here: that an export refuses a read-only folder goes unchecked")
		}
	}
	if _, err := run(t, Request{N: 5, Export: dir}, line{}); err == nil || !strings.Contains(err.Error(), "choose a folder that can be written") {
		t.Errorf("error %v", err)
	}
}

// reward reads the files as trainers do: the program is the last block of the
// response, inputs and outputs are JSON. It prints how many tests pass, of
// how many.
const reward = `
import json, re, sys
passed = total = 0
for q, r in zip(open("sft.jsonl"), open("rl.jsonl")):
    q, r = json.loads(q), json.loads(r)
    names, own = {}, {}
    exec(q["response"].split("` + "```python" + `")[-1].split("` + "```" + `")[0], names)
    truth = json.loads(r["reward_model"]["ground_truth"])
    f = names[truth["fn_name"]]
    def says(text, want):
        try:
            return f(*[json.loads(line) for line in text.split("\n")]) == json.loads(want)
        except Exception:
            return False
    for i, o in zip(truth["inputs"], truth["outputs"]):
        total += 1
        passed += says(i, o)
        a = json.loads(i)
        assert isinstance(a, list) and len(a) <= 40 and all(-20 <= x <= 20 for x in a), a
    shown = re.findall(r"^f\((.*)\) == (.*)$", r["prompt"][0]["content"], re.M)
    assert len(shown) >= 2, r["prompt"]
    for i, o in shown:
        assert says(i, o), (i, o)
        assert truth["outputs"][truth["inputs"].index(i)] == o
print(passed, total)
`

// Exported programs of a teacher that is never wrong run in Python and pass all
// exported tests; those of any teacher give what their prompts show.
func TestExportRunsInPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH: that exported responses pass exported tests goes unchecked here")
	}
	tests := []struct {
		name string
		set  []string
		each int // tests of a task; 0: some programs fail some
	}{
		{"generator", []string{"teacher_error=0", "trace=long"}, 15},
		{"lists", []string{"teacher_error=0", "test_kind=lists", "tests=5"}, 5},
		{"wrong", []string{"teacher_error=0.3"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			got := decoded[verified](t, Request{N: 60, Export: dir}, tt.set...)
			cmd := exec.CommandContext(t.Context(), python, "-c", reward)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			n := tt.each * got.Export.Rows
			if want := fmt.Sprintln(n, n); err != nil || (n == 0 || string(out) != want) && tt.each > 0 {
				t.Errorf("%v: %s, want %s", err, out, want)
			}
		})
	}
}
