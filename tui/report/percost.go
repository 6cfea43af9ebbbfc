package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/gpu"
)

// PointCost is what a run of the better side takes over one of the other for each point by
// which it is better.
type PointCost struct {
	Of   string  `json:"of"`   // "core-hours", "GPU-hours", "kWh", "price"
	More float64 `json:"more"` // a run and a point; below 0: it takes less
	Unit string  `json:"unit"` // of a price: the currency
}

// String is the cost for people: "1.2 USD a run".
func (p PointCost) String() string {
	if p.More <= 0 {
		return "nothing more"
	}
	if p.Unit == "" {
		return fmt.Sprintf("%.3g a run", p.More)
	}
	return fmt.Sprintf("%.3g %s a run", p.More, p.Unit)
}

// PerPoint is what B takes over A for each point by which it is better: diff is that
// difference of a rate, 0.03 for 3 points, and above 0. It has what is known on both sides:
// hours, energy and money of a run that is done. Nil where there is no gain. The prices may
// be nil.
func PerPoint(a, b UnitCost, diff float64, cost *experiments.Cost) (all []PointCost) {
	if !(diff > 0) || a.Runs == 0 || b.Runs == 0 {
		return nil
	}
	each := func(name, unit string, of func(UnitCost) float64) {
		less := of(a) / float64(a.Runs)
		more := of(b)/float64(b.Runs) - less
		if math.Abs(more) < 1e-9*math.Abs(less) { // of adding up in two orders
			more = 0
		}
		if math.IsNaN(more) || of(a) == 0 && of(b) == 0 {
			return
		}
		all = append(all, PointCost{name, more / (100 * diff), unit})
	}
	if a.GPUHours > 0 || b.GPUHours > 0 {
		each("GPU-hours", "", func(u UnitCost) float64 { return u.GPUHours })
	} else {
		each("core-hours", "", func(u UnitCost) float64 { return u.CoreHours })
	}
	each("kWh", "", kWhOf)
	if cost != nil {
		each("price", cost.Currency, func(u UnitCost) float64 { return priceOf(u, cost) })
	}
	return all
}

// perPoint is what the better side of a comparison takes for each point; nil where none
// is better, and where points are not what is gained.
func (x *Contrast) perPoint(a, b UnitCost, cost *experiments.Cost) []PointCost {
	switch {
	case !IsRate(x.Metric):
		return nil
	case x.Verdict == Better:
		return PerPoint(a, b, math.Abs(x.Mean), cost)
	case x.Verdict == Worse:
		return PerPoint(b, a, math.Abs(x.Mean), cost)
	}
	return nil
}

// PointLines are what a point takes by which a side of the chosen row is better: a name,
// and for each side but A a text with the better one's letter, "" where there is none.
func (c *Comparison) PointLines() (lines [][]string) {
	if c.Chosen == nil {
		return nil
	}
	for i := 1; i < len(c.Sides); i++ {
		x, better := &c.Chosen.Against[i], c.Sides[i].Letter
		if x.Verdict == Worse {
			better = c.Sides[0].Letter
		}
		for _, cost := range x.perPoint(c.Detail.Cost[0], c.Detail.Cost[i], c.prices) {
			name := strings.TrimSuffix(cost.Of, "ours") + " a point" // core-h: columns of screens are narrow
			at := slices.IndexFunc(lines, func(l []string) bool { return l[0] == name })
			if at < 0 {
				at, lines = len(lines), append(lines, append([]string{name}, make([]string, len(c.Sides)-1)...))
			}
			lines[at][i] = better + ": " + cost.String()
		}
	}
	return lines
}

// kWhOf is the energy of all runs; NaN where it is known of none, or in part.
func kWhOf(u UnitCost) float64 {
	if u.Use.KWh == nil || u.Use.AtLeast {
		return math.NaN()
	}
	return *u.Use.KWh
}

// priceOf is the price of the GPU-hours of all runs; NaN where their types are not known,
// or are several of which one has another price.
func priceOf(u UnitCost, cost *experiments.Cost) float64 {
	price := 0.0
	for _, name := range u.Use.Names {
		hour := cost.HourOf(gpu.ShortName(name))
		if hour == 0 || price != 0 && hour != price {
			return math.NaN()
		}
		price = hour
	}
	if price == 0 {
		return math.NaN()
	}
	return price * u.GPUHours
}
