package experiments_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

const priced = `[cost]
currency       = "USD"
teacher_tokens = 60_000
token_price    = 0.8
keep_rate      = 0.6
human_task     = 1.5
gpu_hour       = { H20 = 1.2, H200 = 3.5 }
mfu            = { H20 = 0.4 }
`

func TestCost(t *testing.T) {
	t.Parallel()
	want := &experiments.Cost{
		Currency: "USD", TeacherTokens: 60000, TokenPrice: 0.8, KeepRate: 0.6, HumanTask: 1.5,
		GPUHour: map[string]float64{"H20": 1.2, "H200": 3.5}, MFU: map[string]float64{"H20": 0.4},
	}
	got := parse(t, priced).Cost
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := got.KeptTask(); got < 0.08-1e-12 || got > 0.08+1e-12 { // 0.048 a task, 0.6 of them kept
		t.Errorf("a kept task costs %v, want 0.08", got)
	}
	if got.HourOf("h200") != 3.5 || got.HourOf("H100") != 0 || got.MFUOf("H20") != 0.4 || got.MFUOf("H200") != 0 {
		t.Error("types of GPU are not found by their names")
	}
	if c := parse(t, "").Cost; c != nil {
		t.Errorf("nobody said what things cost, and it is %+v", c)
	}
	if diff := cmp.Diff(&experiments.Cost{}, parse(t, "[cost]").Cost); diff != "" {
		t.Error(diff)
	}
}

// What things cost is part of no design.
func TestCostIsNoIdentity(t *testing.T) {
	t.Parallel()
	const e = "[experiment.e]\nrecipe='sft'\naxes={tasks=[1]}\n"
	if diff := cmp.Diff(one(t, e).Plan(), one(t, priced+e).Plan()); diff != "" {
		t.Error(diff)
	}
}

// A file that is missing or broken has no prices, and stops nobody who does without.
func TestCostOfOrigin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"priced.toml": "schema = 1\n[cost]\nhuman_task = 5.0\n", "broken.toml": "schema = 1\n[cost]\nhuman_task = 'x'\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if c := (experiments.Origin{Path: filepath.Join(dir, "priced.toml")}).Cost(); c == nil || c.HumanTask != 5 {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"broken.toml", "missing.toml"} {
		if c := (experiments.Origin{Path: filepath.Join(dir, name)}).Cost(); c != nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
