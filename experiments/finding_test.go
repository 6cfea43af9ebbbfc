package experiments_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

// The weights by hand: of a difference the cells' own, of a slope those of least
// squares over log2 of the axis, where values at -1, 0, 1 have -1/2, 0, 1/2.
func TestWeights(t *testing.T) {
	t.Parallel()
	const grid = "[experiment.e]\nrecipe='sft'\naxes={tasks=[512,128,256],lr=[0.5,1]}\n"
	tests := []struct {
		name, finding string
		want          []float64 // tasks 512, 512, 128, 128, 256, 256 with lr 0.5 and 1 in turn
	}{
		{"two cells", "plus=[{tasks=512,lr=1}]\nminus=[{tasks=128,lr=1}]", []float64{0, 1, 0, -1, 0, 0}},
		{"averaged", "plus=[{lr=1}]\nminus=[{tasks=128}]", []float64{0, 1. / 3, -1. / 2, -1. / 6, 0, 1. / 3}},
		{
			"interaction", "plus=[{tasks=512,lr=1},{tasks=128,lr=0.5}]\nminus=[{tasks=512,lr=0.5},{tasks=128,lr=1}]",
			[]float64{-1, 1, 1, -1, 0, 0},
		},
		{"one list", "plus=[{tasks=128}]\nminus_metric='x'", []float64{0, 0, 0.5, 0.5, 0, 0}},
		{"slope", "slope='tasks'", []float64{0.25, 0.25, -0.25, -0.25, 0, 0}},
		{"slope where", "slope='tasks'\nwhere={lr=1}", []float64{0, 0.5, 0, -0.5, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := one(t, grid+"[[experiment.e.finding]]\nclaim='c'\nmetric='m'\n"+tt.finding).Plan()
			got := p.Findings[0].Weights(p.Cells)
			for i, w := range tt.want {
				if len(got) != len(tt.want) || math.Abs(got[i]-w) > 1e-12 {
					t.Fatalf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}

// From 128 to 512 are two doublings: half of the difference is one.
func TestDoublings(t *testing.T) {
	t.Parallel()
	p := one(t, "[experiment.e]\nrecipe='sft'\naxes={tasks=[1024,128,512]}\n"+
		"[[experiment.e.finding]]\nclaim='c'\nmetric='m'\nslope='tasks'").Plan()
	want := []experiments.Doubling{
		{From: int64(128), To: int64(512), Weights: []float64{0, -0.5, 0.5}},
		{From: int64(512), To: int64(1024), Weights: []float64{1, 0, -1}},
	}
	if diff := cmp.Diff(want, p.Findings[0].Doublings(p.Cells)); diff != "" {
		t.Error(diff)
	}
}
