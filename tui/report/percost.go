package report

import (
	"fmt"
	"math"

	"ablate/experiments"
	"ablate/gpu"
)

// PerPoint is what B takes over A for each point by which it is better: diff is that
// difference of a rate, 0.03 for 3 points, and above 0. Lines are names and texts, of
// what is known on both sides: hours, energy and money of a run that is done. Where B is
// better and takes no more, that is said. Nil where there is no gain. The prices may be
// nil.
func PerPoint(a, b UnitCost, diff float64, cost *experiments.Cost) (lines [][2]string) {
	if !(diff > 0) || a.Runs == 0 || b.Runs == 0 {
		return nil
	}
	each := func(name, unit string, of func(UnitCost) float64) {
		more := of(b)/float64(b.Runs) - of(a)/float64(a.Runs)
		switch {
		case math.IsNaN(more) || of(a) == 0 && of(b) == 0:
		case more <= 0:
			lines = append(lines, [2]string{name + " per point gained", "none: B takes no more than A"})
		default:
			lines = append(lines, [2]string{name + " per point gained", fmt.Sprintf("%.3g%s a run", more/(100*diff), unit)})
		}
	}
	if a.GPUHours > 0 || b.GPUHours > 0 {
		each("GPU-hours", "", func(u UnitCost) float64 { return u.GPUHours })
	} else {
		each("core-hours", "", func(u UnitCost) float64 { return u.CoreHours })
	}
	each("kWh", "", kWhOf)
	if cost != nil {
		unit := ""
		if cost.Currency != "" {
			unit = " " + cost.Currency
		}
		each("price", unit, func(u UnitCost) float64 { return priceOf(u, cost) })
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
