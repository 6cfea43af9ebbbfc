package stats

import (
	"math"
	"slices"
)

// byCurve reads gamma off the tasks that are as good as each cell with more solutions,
// whatever law the error follows: where the curve of tasks at the fewest solutions has
// the error of the cell, between two neighbours by logarithms. Its interval is for new
// runs, and knows nothing of how the curve bends between the two.
func (d *Diversity) byCurve(points []Spread, data plane) {
	d.ByCurve, d.Draws = true, 0
	d.Gamma, d.GammaLo, d.GammaHi = math.NaN(), math.NaN(), math.NaN()
	curve := fewest(data)
	for k := 1; k < len(curve); k++ {
		if data.y[curve[k]] >= data.y[curve[k-1]] {
			d.Unknown = "the error follows no power law, and does not fall with every step of the tasks at the fewest solutions"
			return
		}
	}
	read := data.between(curve)
	d.Read = len(read)
	if d.Read == 0 {
		d.Unknown = "the error follows no power law, and no cell with more solutions has an error that the curve of tasks at fewest solutions goes through"
		return
	}
	gammas := func(y []float64) []float64 { return plane{data.t, data.s, y}.gammas(read) }
	d.Gamma = Mean(gammas(data.y))
	if drawn := d.draw(points, gammas); drawn != nil {
		d.GammaLo, d.GammaHi = percentiles(column(d.Draws, func(i int) float64 { return Mean(drawn[i]) }))
	}
}

// fewest are the points with the fewest solutions, by tasks in ascending order.
func fewest(data plane) (curve []int) {
	least := slices.Min(data.s)
	for i, s := range data.s {
		if s == least {
			curve = append(curve, i)
		}
	}
	slices.SortFunc(curve, func(a, b int) int { return int(math.Copysign(1, data.t[a]-data.t[b])) })
	return curve
}

// reading is a cell with more solutions, and the two neighbours on the curve whose errors
// its own is between.
type reading struct{ cell, above, below int }

// between are the cells whose error the curve goes through.
func (p plane) between(curve []int) (read []reading) {
	for i := range p.y {
		if slices.Contains(curve, i) {
			continue
		}
		for k := 1; k < len(curve); k++ {
			if a, b := curve[k-1], curve[k]; p.y[a] >= p.y[i] && p.y[i] > p.y[b] {
				read = append(read, reading{i, a, b})
				break
			}
		}
	}
	return read
}

// gammas are those of cells, on the line through their neighbours, which goes on where a
// draw is beyond them: without these a cell as good as the last of the curve would never
// be better.
func (p plane) gammas(read []reading) []float64 {
	gammas := make([]float64, len(read))
	for k, r := range read {
		tasks := p.t[r.above] + (p.t[r.below]-p.t[r.above])*(p.y[r.above]-p.y[r.cell])/(p.y[r.above]-p.y[r.below])
		gammas[k] = (tasks - p.t[r.cell]) / (p.s[r.cell] - p.s[r.above])
	}
	return gammas
}
