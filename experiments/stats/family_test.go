package stats

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// By hand, in the order in which they were given.
func TestFamilies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ p, holm []float64 }{
		{nil, nil},
		{[]float64{math.NaN()}, []float64{math.NaN()}},
		{[]float64{0.04}, []float64{0.04}},
		{[]float64{0.03, math.NaN(), 0.01}, []float64{0.03, math.NaN(), 0.02}},
		{[]float64{0.9, 0.02, 0.8, 0.03}, []float64{1, 0.08, 1, 0.09}},
		{[]float64{0.02, 0.02, 0.02}, []float64{0.06, 0.06, 0.06}},
	} {
		t.Run(fmt.Sprint(c.p), func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(c.p)
			same := []cmp.Option{cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-12)}
			if diff := cmp.Diff(c.holm, Holm(c.p), same...); diff != "" {
				t.Errorf("Holm: %s", diff)
			}
			if diff := cmp.Diff(before, c.p, same...); diff != "" {
				t.Errorf("what was given is another: %s", diff)
			}
		})
	}
}
