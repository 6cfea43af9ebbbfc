package experiments_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

func TestParamsJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value any
		text  string
	}{
		{"int", int64(1), `{"x":1}`},
		{"large int", int64(math.MaxInt64), `{"x":9223372036854775807}`},
		{"negative int", int64(math.MinInt64), `{"x":-9223372036854775808}`},
		{"whole float", 1.0, `{"x":1.0}`},
		{"small float", 5e-05, `{"x":5e-5}`},
		{"large float", 1e300, `{"x":1e300}`},
		{"beyond int64", 1e19, `{"x":1e19}`},
		{"million", 1234567.0, `{"x":1.234567e6}`},
		{"float", 0.1, `{"x":0.1}`},
		{"smallest float", math.SmallestNonzeroFloat64, `{"x":5e-324}`},
		{"string", "1", `{"x":"1"}`},
		{"bool", true, `{"x":true}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := experiments.Params{"x": tt.value}
			text, err := json.Marshal(in)
			if err != nil || string(text) != tt.text {
				t.Fatalf("got %s, %v; want %s", text, err, tt.text)
			}
			var out experiments.Params
			if err := json.Unmarshal(text, &out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(in, out); diff != "" {
				t.Error(diff)
			}
			setting := experiments.Setting{Name: "x", Value: tt.value}
			text, err = json.Marshal(setting)
			if err != nil {
				t.Fatal(err)
			}
			var back experiments.Setting
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(setting, back); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParamsJSONRefuses(t *testing.T) {
	t.Parallel()
	for _, v := range []any{math.NaN(), math.Inf(1), nil, 1, []any{int64(1)}} {
		if text, err := json.Marshal(experiments.Params{"x": v}); err == nil {
			t.Errorf("%v was written as %s", v, text)
		}
	}
	for _, text := range []string{`{"x":null}`, `{"x":[1]}`, `{"x":{}}`, `[]`, `{"x":1e999}`} {
		var p experiments.Params
		if err := json.Unmarshal([]byte(text), &p); err == nil {
			t.Errorf("%s was read as %v", text, p)
		}
	}
}

func TestParamsAccess(t *testing.T) {
	t.Parallel()
	p := experiments.Params{"i": int64(7), "f": 0.5, "s": "x", "b": true}
	got := []any{p.Int("i"), p.Float("f"), p.Float("i"), p.Text("s"), p.Bool("b"),
		p.Int("f"), p.Float("s"), p.Text("i"), p.Bool("none"), experiments.Params(nil).Int("i")}
	want := []any{7, 0.5, 7.0, "x", true, 0, 0.0, "", false, 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
