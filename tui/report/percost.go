package report

import (
	"fmt"
	"math"
	"strings"

	"ablate/experiments"
	"ablate/gpu"
)

// PointCost is what a run of the better of two cells takes over one of the other for each
// point by which it is better: "per_point" of `compare A B --json`. Below 0 it takes less;
// a null is what nobody knows.
type PointCost struct {
	By        string   `json:"by"` // the better one: "a" or "b"
	CoreHours *float64 `json:"core_hours"`
	GPUHours  *float64 `json:"gpu_hours"`
	KWh       *float64 `json:"kwh"`
	Price     *float64 `json:"price"` // of the GPU-hours
	Currency  string   `json:"currency"`

	better, other string
}

// PerPoint sets what both cells took against the difference x of a rate. All that was
// spent counts, on runs that failed too, for each run that is done. Nil where neither
// cell is better by the verdict, and while runs go on; the prices may be nil.
func PerPoint(x Contrast, a, b UnitCost, cost *experiments.Cost) *PointCost {
	p := &PointCost{By: "b", better: x.B, other: x.A}
	switch {
	case !IsRate(x.Metric) || a.Runs == 0 || b.Runs == 0 || a.Live+b.Live > 0:
		return nil
	case x.Verdict == Worse:
		p.By, p.better, p.other, a, b = "a", x.A, x.B, b, a
	case x.Verdict != Better:
		return nil
	}
	points := 100 * math.Abs(x.Mean)
	each := func(of func(UnitCost) float64) *float64 {
		if of(a) == 0 && of(b) == 0 { // nobody wrote down what they took
			return nil
		}
		return finite((of(b)/float64(b.Runs) - of(a)/float64(a.Runs)) / points)
	}
	p.CoreHours = each(func(u UnitCost) float64 { return u.CoreHours })
	if a.gpuHours() == 0 && b.gpuHours() == 0 {
		return p
	}
	p.GPUHours, p.KWh = each(UnitCost.gpuHours), each(UnitCost.kWh)
	if cost != nil {
		p.Currency = cost.Currency
		p.Price = each(func(u UnitCost) float64 { return u.price(cost) })
	}
	return p
}

// lines are names and texts of what is known: of hours those of GPUs where there are some;
// brief ones for a narrow place.
func (p *PointCost) lines(brief bool) (lines [][2]string) {
	if p == nil {
		return nil
	}
	add := func(name string, v *float64) {
		switch short := strings.Replace(name, "hours", "h", 1) + "/point"; {
		case v == nil:
		case brief && *v > 0:
			lines = append(lines, [2]string{short, fmt.Sprintf("%.3g for %s", *v, p.better)})
		case brief:
			lines = append(lines, [2]string{short, "none for " + p.better})
		case *v > 0:
			lines = append(lines, [2]string{name + " per point", fmt.Sprintf("%.3g a run of %s", *v, p.better)})
		default:
			lines = append(lines, [2]string{name + " per point", fmt.Sprintf("none: %s takes no more than %s", p.better, p.other)})
		}
	}
	if p.GPUHours != nil {
		add("GPU-hours", p.GPUHours)
	} else {
		add("core-hours", p.CoreHours)
	}
	add("kWh", p.KWh)
	price := "price"
	if p.Currency != "" {
		price = p.Currency
	}
	add(price, p.Price)
	return lines
}

// PointLines are what each point by which a side is better takes: a name and a text a
// side, of A none; brief ones for a narrow place.
func (c *Comparison) PointLines(brief bool) (lines [][]string) {
	if c.Chosen == nil {
		return nil
	}
	at := map[string]int{}
	for i, x := range c.Chosen.Against {
		if i == 0 || x.Lacking {
			continue
		}
		for _, l := range PerPoint(x, c.Detail.Cost[0], c.Detail.Cost[i], c.Cost).lines(brief) {
			if _, ok := at[l[0]]; !ok {
				at[l[0]] = len(lines)
				lines = append(lines, append([]string{l[0]}, make([]string, len(c.Sides))...))
			}
			lines[at[l[0]]][1+i] = l[1]
		}
	}
	return lines
}

// gpuHours are those of GPUs that were held, or used by trainers that hold none.
func (u UnitCost) gpuHours() float64 { return max(u.GPUHours, u.Use.Hours) }

// kWh is the energy of all runs; NaN where it is known of none, or in part, and 0 without
// a GPU.
func (u UnitCost) kWh() float64 {
	switch {
	case u.gpuHours() == 0:
		return 0
	case u.Use.KWh == nil || u.Use.AtLeast:
		return math.NaN()
	}
	return *u.Use.KWh
}

// price is that of the GPU-hours of all runs; NaN where their types are not known, or are
// several of which one has another price, and 0 without a GPU.
func (u UnitCost) price(cost *experiments.Cost) float64 {
	hours := u.gpuHours()
	if hours == 0 {
		return 0
	}
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
	return price * hours
}
