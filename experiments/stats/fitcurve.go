package stats

import (
	"math"
	"slices"
)

// byCurve reads gamma off the tasks that are as good as each cell with more solutions,
// whatever law the error follows: where the curve of tasks at the fewest solutions has
// the error of the cell, between two neighbours by logarithms.
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
	read := func(y []float64) []float64 { return plane{data.t, data.s, y}.readOff(curve) }
	values := read(data.y)
	d.Read = len(values)
	if d.Read == 0 {
		d.Unknown = "the error follows no power law, and no cell with more solutions has an error that the curve of tasks at fewest solutions goes through"
		return
	}
	d.Gamma = Mean(values)
	if drawn := d.draw(points, read); drawn != nil {
		var all []float64
		for _, v := range drawn {
			if len(v) == d.Read { // a draw may leave the curve
				all = append(all, Mean(v))
			}
		}
		if len(all) > d.Draws/2 {
			d.GammaLo, d.GammaHi = percentiles(all)
		}
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

// readOff are the gammas of all other points whose error the curve goes through, once.
func (p plane) readOff(curve []int) (gammas []float64) {
	for i := range p.y {
		if slices.Contains(curve, i) {
			continue
		}
		for k := 1; k < len(curve); k++ {
			a, b := curve[k-1], curve[k]
			if p.y[a] >= p.y[i] && p.y[i] > p.y[b] {
				tasks := p.t[a] + (p.t[b]-p.t[a])*(p.y[a]-p.y[i])/(p.y[a]-p.y[b])
				gammas = append(gammas, (tasks-p.t[i])/(p.s[i]-p.s[curve[0]]))
				break
			}
		}
	}
	return gammas
}
