package experiments

import (
	"math"
	"slices"
)

// What a finding expects of its effect.
const (
	Above   = "above"   // it is above 0
	Below   = "below"   // it is below 0
	Nothing = "nothing" // it is 0: a placebo
)

// Finding is a question written down before its runs are made: an effect that is
// linear in what the cells come to, and the side of 0 on which it is expected.
// It is no part of a cell's identity; it is part of the plan's hash, which every
// run carries.
type Finding struct {
	Letter      string      `json:"letter,omitempty"`
	Claim       string      `json:"claim"`
	Metric      string      `json:"metric"`
	MinusMetric string      `json:"minus_metric,omitempty"` // each cell counts with Metric less this one
	Plus        [][]Setting `json:"plus,omitempty"`         // partial cells: of each the mean over the cells that it matches,
	Minus       [][]Setting `json:"minus,omitempty"`        // and the sum of these less the sum of those
	Slope       string      `json:"slope,omitempty"`        // or the slope a doubling of this axis,
	Where       []Setting   `json:"where,omitempty"`        // over the cells that this partial cell matches
	Expect      string      `json:"expect"`                 // Above, Below or Nothing
	Paper       string      `json:"paper,omitempty"`        // what was published, in words
	Note        string      `json:"note,omitempty"`         // what to keep in mind
}

// Doubling is the step from one value of a slope's axis to the next.
type Doubling struct {
	From, To any
	Weights  []float64 // of each cell in the difference, scaled to one doubling
}

// Weights are what each cell counts in the effect; 0: it is not needed.
func (f Finding) Weights(cells []Cell) []float64 {
	weights := make([]float64, len(cells))
	if f.Slope == "" {
		for _, c := range f.Plus {
			spread(weights, cells, c, 1)
		}
		for _, c := range f.Minus {
			spread(weights, cells, c, -1)
		}
		return weights
	}
	values := f.values(cells)
	mean, square := 0.0, 0.0
	for _, v := range values {
		mean += log2(v) / float64(len(values))
	}
	for _, v := range values {
		square += (log2(v) - mean) * (log2(v) - mean)
	}
	for _, v := range values {
		spread(weights, cells, f.at(v), (log2(v)-mean)/square)
	}
	return weights
}

// Doublings are the steps of a slope, from the smallest value on; none for a
// difference.
func (f Finding) Doublings(cells []Cell) []Doubling {
	var steps []Doubling
	values := f.values(cells)
	for i := 1; i < len(values); i++ {
		d := Doubling{From: values[i-1], To: values[i], Weights: make([]float64, len(cells))}
		width := log2(d.To) - log2(d.From)
		spread(d.Weights, cells, f.at(d.To), 1/width)
		spread(d.Weights, cells, f.at(d.From), -1/width)
		steps = append(steps, d)
	}
	return steps
}

// values are those of the slope's axis in the cells that count, ascending.
func (f Finding) values(cells []Cell) []any {
	var values []any
	for _, c := range cells {
		for _, a := range c.Axes {
			if a.Name == f.Slope && c.matches(f.Where) && !slices.Contains(values, a.Value) {
				values = append(values, a.Value)
			}
		}
	}
	slices.SortFunc(values, func(a, b any) int { return int(math.Copysign(1, log2(a)-log2(b))) })
	return values
}

// at is the partial cell of one value of the slope's axis.
func (f Finding) at(v any) []Setting {
	return append(slices.Clone(f.Where), Setting{Name: f.Slope, Value: v})
}

// spread gives the cells that match a share of the weight each.
func spread(weights []float64, cells []Cell, partial []Setting, weight float64) {
	n := 0
	for _, c := range cells {
		if c.matches(partial) {
			n++
		}
	}
	for i, c := range cells {
		if c.matches(partial) {
			weights[i] += weight / float64(n)
		}
	}
}

// matches is true if the cell has every setting.
func (c Cell) matches(settings []Setting) bool {
	return !slices.ContainsFunc(settings, func(s Setting) bool { return !slices.Contains(c.Axes, s) })
}

// log2 is the binary logarithm of a number; NaN for what is none or not above 0.
func log2(v any) float64 {
	if x, ok := Number(v); ok && x > 0 {
		return math.Log2(x)
	}
	return math.NaN()
}
