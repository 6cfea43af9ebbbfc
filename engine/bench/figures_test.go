package bench

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// measured are figures of a machine that never was.
func measured() Figures {
	model := Model{Dim: 128, Layers: 4, Context: 128, Batch: 32}
	f := Figures{
		Machine:  Machine{OS: "linux", Arch: "amd64", CPU: "Abacus 3", Cores: 2, Workers: 2, Arithmetic: "avx2"},
		Formulas: formulas(),
		Peak:     Peak{One: 100, Two: 200},
		GEMM: []Product{
			{M: 4096, N: 128, K: 512, Op: "nn", GFLOPs: 90}, {M: 4096, N: 512, K: 128, Op: "nt", GFLOPs: 80},
			{M: 512, N: 128, K: 4096, Op: "tn", GFLOPs: 75.5},
		},
		Train:   []Training{{Model: model, Params: 820_352, Tokens: 20_000, PerToken: 5_315_328, GFLOPs: 106.30656, Rounds: 5}},
		Sample:  []Sampling{{Model: model, Params: 820_352, Tokens: 50_000, PerToken: 1_771_776, GFLOPs: 88.5888, Rounds: 5}},
		Judge:   Judging{Judged: 30_000, Raw: 33_333, OfRaw: 0.9, Cases: 8},
		Verify:  Verifying{PerMinute: 60_000, Kept: 0.95, Candidates: 8, Tests: 15, Workers: 2, Rounds: 5},
		GRPO:    Rewarding{PerMinute: new(240.0), Dim: 64, Layers: 2, Prompts: 32, Rollouts: 8, Length: 16.5, Workers: 2, Steps: 11},
		Resolve: newResolve([]PilotCell{{"tasks=1024,solutions=1", []float64{0.5, 0.6, 0.7}}, {"tasks=512,solutions=2", []float64{0.4, 0.4, 0.6}}}, []float64{4, 5, 6}, 2),
		Seconds: 71,
	}
	f.Sample[0].Batch = 256
	f.Minutes = f.Resolve.minutes()
	f.relate()
	return f
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := measured().WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.txt", b.Bytes())
}

// A machine too slow for the pilot says so instead of a figure.
func TestTableWithoutMinutes(t *testing.T) {
	t.Parallel()
	f := measured()
	f.Resolve = newResolve([]PilotCell{{"tasks=1024,solutions=1", nil}, {"tasks=512,solutions=2", nil}}, nil, 2)
	f.Minutes = f.Resolve.minutes()
	f.GRPO.PerMinute = nil
	var b bytes.Buffer
	if err := f.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "slow.txt", b.Bytes())
}

func TestTableError(t *testing.T) {
	t.Parallel()
	if err := measured().WriteTable(full{}); err == nil {
		t.Error("a table that could not be written is no error")
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no room") }

// contract are the keys that other programs rely on, with a value of their kind.
const contract = `{
	"peak_gflops": {"1": 0.5, "2": 0.5},
	"gemm": [{"m": 1, "n": 1, "k": 1, "op": "nn", "gflops": 0.5, "of_peak": 0.5}],
	"train": [{"d": 1, "layers": 1, "context": 1, "batch": 1, "params": 1, "tokens_per_s": 0.5, "gflops": 0.5, "of_peak": 0.5}],
	"sample": [{"d": 1, "layers": 1, "context": 1, "batch": 1, "params": 1, "tokens_per_s": 0.5, "of_peak": 0.5}],
	"judge": {"programs_per_s_per_core": 0.5, "raw": 0.5},
	"verify": {"verified_tasks_per_minute": 0.5},
	"grpo": {"grpo_steps_per_minute": 0.5},
	"minutes_to_resolve_10_points": 0.5
}`

func TestJSON(t *testing.T) {
	t.Parallel()
	b, err := json.MarshalIndent(measured(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "figures.json", append(b, '\n'))
	var want, got any
	if err := json.Unmarshal([]byte(contract), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	contains(t, "bench --json", want, got)
}

// contains checks that got has every key of want, and values of the same kind.
func contains(t *testing.T, at string, want, got any) {
	t.Helper()
	if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
		t.Errorf("%s is %v (%T), want a %T", at, got, got, want)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		for key, v := range want {
			contains(t, at+"."+key, v, got.(map[string]any)[key])
		}
	case []any:
		for i, v := range got.([]any) {
			contains(t, fmt.Sprintf("%s[%d]", at, i), want[0], v)
		}
	}
}
