package store_test

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		add  store.Spans
		want store.Spans
	}{
		{"none", nil, nil},
		{"apart", store.Spans{{5, 6}, {1, 2}, {3, 4}}, store.Spans{{1, 2}, {3, 4}, {5, 6}}},
		{"the same twice", store.Spans{{1, 2}, {1, 2}}, store.Spans{{1, 2}}},
		{"overlapping", store.Spans{{1, 3}, {2, 4}}, store.Spans{{1, 4}}},
		{"touching", store.Spans{{1, 2}, {2, 3}}, store.Spans{{1, 3}}},
		{"one that joins others", store.Spans{{1, 2}, {3, 4}, {5, 6}, {1.5, 5.5}}, store.Spans{{1, 6}}},
		{"within", store.Spans{{1, 9}, {2, 3}}, store.Spans{{1, 9}}},
		{"backwards", store.Spans{{3, 1}}, nil},
	}
	for _, tt := range tests {
		var got store.Spans
		for _, x := range tt.add {
			got = got.With(x)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	cuts := []struct {
		cut  store.Span
		want store.Spans
	}{
		{store.Span{2, 3}, store.Spans{{1, 2}, {3, 4}, {6, 8}}},
		{store.Span{0, 9}, nil},
		{store.Span{4, 6}, store.Spans{{1, 4}, {6, 8}}},
		{store.Span{3, 7}, store.Spans{{1, 3}, {7, 8}}},
		{store.Span{2, math.Inf(1)}, store.Spans{{1, 2}}},
		{store.Span{-5, 0}, store.Spans{{1, 4}, {6, 8}}},
	}
	for _, tt := range cuts {
		if diff := cmp.Diff(tt.want, store.Spans{{1, 4}, {6, 8}}.Without(tt.cut)); diff != "" {
			t.Errorf("without %v (-want +got):\n%s", tt.cut, diff)
		}
	}
	if got := (store.Spans{{1, 4}, {6, 8}}).Total(); got != 5 {
		t.Errorf("total is %v, want 5", got)
	}
}

// What an attempt took is what its runner's own clock says, whatever the clock on
// the wall did; what it held and when it stood still comes from its start and from
// what was asked. Packed or not is the same.
func TestLives(t *testing.T) {
	t.Parallel()
	halt := store.Asked{Time: 1010, Verb: "pause", Halted: true}
	on := store.Asked{Time: 1030, Verb: "resume"}
	exit := func(seconds, at float64) *store.Exit {
		return &store.Exit{Seconds: seconds, Outcome: store.Outcome{Time: at}}
	}
	tests := []struct {
		name  string
		exits []*store.Exit // of the attempts; nil: it left none and last wrote at 1040
		asked []store.Asked
		want  []store.Life
	}{
		{"none began", nil, nil, nil},
		{"by the runner's clock", []*store.Exit{exit(60, 5000)}, nil, []store.Life{{Began: 1000, Ended: 1060, GPUs: 2, Going: store.Spans{{1000, 1060}}}}},
		{"a clock that jumped back", []*store.Exit{exit(0, 10)}, nil, []store.Life{{Began: 1000, Ended: 1000, GPUs: 2, Going: store.Spans{{1000, 1000}}}}},
		{"by the wall", []*store.Exit{exit(0, 1100)}, nil, []store.Life{{Began: 1000, Ended: 1100, GPUs: 2, Going: store.Spans{{1000, 1100}}}}},
		{"no record of the end", []*store.Exit{nil}, nil, []store.Life{{Began: 1000, Ended: 1040, GPUs: 2, Going: store.Spans{{1000, 1040}}}}},
		{"halted in between", []*store.Exit{exit(60, 0)}, []store.Asked{halt, on}, []store.Life{{Began: 1000, Ended: 1060, GPUs: 2, Going: store.Spans{{1000, 1010}, {1030, 1060}}}}},
		{"halted to its end", []*store.Exit{exit(60, 0)}, []store.Asked{halt}, []store.Life{{Began: 1000, Ended: 1060, GPUs: 2, Going: store.Spans{{1000, 1010}}}}},
		{"two attempts", []*store.Exit{exit(20, 0), exit(70, 0)}, nil, []store.Life{
			{Began: 1000, Ended: 1020, GPUs: 2, Going: store.Spans{{1000, 1020}}}, {Began: 1000, Ended: 1070, GPUs: 2, Going: store.Spans{{1000, 1070}}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, dir := newRun(t)
			for i, e := range tt.exits {
				a := store.AttemptDir(dir, i+1)
				put(t, filepath.Join(a, "start.json"), store.Start{Time: 1000, Held: []string{"GPU-1", "GPU-2"}})
				add(t, filepath.Join(a, "metrics.jsonl"), `{"step":1,"time":1001,"m":{"train/loss":1}}`+"\n")
				if e != nil {
					put(t, filepath.Join(a, "exit.json"), e)
				}
				age(t, a, time.Unix(1040, 0))
			}
			asked, err := store.AppendTo(filepath.Join(dir, "asked.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			defer asked.Close()
			for _, a := range tt.asked {
				if err := asked.Append(a); err != nil {
					t.Fatal(err)
				}
			}
			check := func(what string) {
				got, err := store.ReadLives(dir)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
			check("lives")
			if len(tt.exits) > 0 && tt.exits[len(tt.exits)-1] != nil {
				if err := store.Pack(dir); err != nil {
					t.Fatal(err)
				}
				check("of a packed run")
			}
		})
	}
}
