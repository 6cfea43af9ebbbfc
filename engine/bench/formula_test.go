package bench

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// By hand, for the smallest and the middle model that are measured: 6 x 115008 +
// 6 x 2 x 64 x 64, and 6 x 820352 + 6 x 4 x 128 x 128; sampling is a third.
func TestTokenFLOPs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model         Model
		params        int
		train, sample float64
	}{
		{Model{Dim: 64, Layers: 2, Context: 64}, 115_008, 739_200, 246_400},
		{Model{Dim: 128, Layers: 4, Context: 128}, 820_352, 5_315_328, 1_771_776},
	} {
		if got := c.model.trainFLOPs(c.params); got != c.train {
			t.Errorf("%+v: training takes %v FLOPs a token, want %v", c.model, got, c.train)
		}
		if got := c.model.sampleFLOPs(c.params); got != c.sample {
			t.Errorf("%+v: sampling takes %v FLOPs a token, want %v", c.model, got, c.sample)
		}
		m, err := c.model.model(c.model.Context)
		if err != nil {
			t.Fatal(err)
		}
		if m.Params() != c.params {
			t.Errorf("%+v has %d parameters, want %d", c.model, m.Params(), c.params)
		}
	}
}

// The attention term counted position by position. A sampled sequence feeds T-1
// positions and draws as many tokens, so there the formula is exact; a trained
// one feeds T, of which it leaves out half a position each.
func TestAttentionFLOPs(t *testing.T) {
	t.Parallel()
	m := Model{Dim: 64, Layers: 2, Context: 64}
	count := func(positions int) (flops float64) {
		for i := range positions {
			seen := float64(i + 1)
			scores, values := 2*64*seen, 2*64*seen
			flops += 2 * (scores + values) // two layers
		}
		return flops / float64(positions)
	}
	if got, want := m.sampleFLOPs(0), count(63); got != want {
		t.Errorf("sampling: %v FLOPs a token for attention, counted %v", got, want)
	}
	if got, want := m.trainFLOPs(0), 3*count(64)*64/65; math.Abs(got-want) > 1e-6 {
		t.Errorf("training: %v FLOPs a token for attention, counted %v", got, want)
	}
}

// A layer's forward product and those of its gradients, of 2 x 512 x 128 x 4096
// operations each.
func TestLayerProducts(t *testing.T) {
	t.Parallel()
	var got []string
	for _, x := range (Layer{Rows: 4096, Out: 128, In: 512}).timings(func() float32 { return 1 }) {
		got = append(got, fmt.Sprintf("%s %dx%dx%d", x.Op, x.M, x.N, x.K))
		if n := productFLOPs(x.M, x.N, x.K); n != 536_870_912 {
			t.Errorf("%s takes %v FLOPs", x.Op, n)
		}
	}
	if want := "nn 4096x128x512, nt 4096x512x128, tn 512x128x4096"; strings.Join(got, ", ") != want {
		t.Errorf("products %v, want %s", got, want)
	}
	for _, x := range (Layer{Rows: 8, Out: 4, In: 6}).timings(func() float32 { return 1 }) {
		x.take() // a factor of another shape would stop it
	}
}

// By hand: the differences are 0.1, 0.2 and 0.1, their standard deviation is
// 0.1 / root 3; to see root 3 standard deviations a paired t test needs 5 seeds
// (its power is 0.644 with 4 and 0.821 with 5 by Lenth's algorithm AS 243).
func TestResolve(t *testing.T) {
	t.Parallel()
	cells := []PilotCell{{"a", []float64{0.5, 0.6, 0.7}}, {"b", []float64{0.4, 0.4, 0.6}}}
	r := newResolve(cells, []float64{4, 5, 6}, 2)
	if r.SD == nil || math.Abs(*r.SD-0.1/math.Sqrt(3)) > 1e-12 || r.Freedom != 2 {
		t.Fatalf("sd %v with %d degrees of freedom, want 0.0577 with 2", r.SD, r.Freedom)
	}
	if got, want := r.minutes(), 5*2*5/2.0/60; r.Seeds != 5 || got == nil || math.Abs(*got-want) > 1e-12 {
		t.Errorf("%d seeds, %v minutes; want 5 seeds, %v minutes", r.Seeds, got, want)
	}
	// Two cells that always differ by the same need two seeds, and so no more
	// than four slots.
	cells[1].Scores = []float64{0.4, 0.5, 0.6}
	r = newResolve(cells, []float64{30}, 8)
	if got := r.minutes(); r.Seeds != 2 || r.Slots != 4 || got == nil || math.Abs(*got-0.5) > 1e-12 {
		t.Errorf("%d seeds, %d slots, %v minutes; want 2, 4 and half a minute", r.Seeds, r.Slots, got)
	}
}

func TestResolveUnknown(t *testing.T) {
	t.Parallel()
	for name, cells := range map[string][]PilotCell{
		"nothing ended": {{"a", nil}, {"b", nil}},
		"one seed":      {{"a", []float64{0.5}}, {"b", []float64{0.4}}},
		"one cell":      {{"a", []float64{0.5, 0.6}}},
		"no cell":       nil,
	} {
		if r := newResolve(cells, []float64{4}, 2); r.minutes() != nil || r.SD != nil || r.Note == "" {
			t.Errorf("%s: %+v, want no figure and a note", name, r)
		}
	}
}

// Pooled over three pairs of cells the variance is the mean of the three.
func TestPairedSD(t *testing.T) {
	t.Parallel()
	cells := []PilotCell{{"a", []float64{1, 5, 2, 8}}, {"b", []float64{3, 3, 9, 1}}, {"c", []float64{2, 7, 1, 8}}}
	sum := 0.0
	for i := range cells {
		var d []float64
		for s, v := range cells[i].Scores {
			d = append(d, v-cells[(i+1)%3].Scores[s])
		}
		sum += stats.SD(d) * stats.SD(d)
	}
	if got, freedom := pairedSD(cells); math.Abs(got-math.Sqrt(sum/3)) > 1e-12 || freedom != 6 {
		t.Errorf("pairedSD = %v with %d degrees of freedom, want %v with 6", got, freedom, math.Sqrt(sum/3))
	}
}

// A model that trains 1000 tokens a second samples some 3000: in a fifth of 20 s
// that is 12000 tokens, or 93 sequences of 128.
func TestSequences(t *testing.T) {
	t.Parallel()
	b := Bench{Sizes: DefaultSizes()}
	for speed, want := range map[float64]int{1e6: 256, 1000: 64, 1: fewest} {
		if got := b.sequences(Training{Model: Model{Context: 128}, Tokens: speed}); got != want {
			t.Errorf("at %v tokens/s %d sequences at once, want %d", speed, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, xs := range map[float64][]float64{2: {3, 1, 2}, 2.5: {4, 1, 3, 2}, 7: {7}} {
		if got := median(xs); got != want {
			t.Errorf("median(%v) = %v, want %v", xs, got, want)
		}
	}
}

// Steps of 0.5, 0.25 and 1 second after one that began who knows when: the median
// of them is 120 a minute, and they wrote 12, 18 and 15 tokens a program.
func TestNewRewarding(t *testing.T) {
	t.Parallel()
	p := experiments.Params{"dim": int64(64), "layers": int64(2), "prompts": int64(32), "rollouts": int64(8)}
	want := Rewarding{Dim: 64, Layers: 2, Prompts: 32, Rollouts: 8, Workers: 2}
	h := &store.History{Series: map[string]*store.Series{}}
	for name, steps := range map[string]*store.Series{
		"no step":  nil,
		"one step": {Steps: []float64{1}, Values: []float64{99}, Times: []float64{100}},
	} {
		h.Series["rl/length"] = steps
		if diff := cmp.Diff(want, newRewarding(p, h, 2)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	h.Series["rl/length"] = &store.Series{
		Steps: []float64{1, 2, 3, 4}, Values: []float64{99, 12, 18, 15}, Times: []float64{100, 100.5, 100.75, 101.75},
	}
	want.PerMinute, want.Length, want.Steps = new(120.0), 15, 3
	if diff := cmp.Diff(want, newRewarding(p, h, 2), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
