package report

import (
	"fmt"
	"math"

	"ablate/experiments"
	"ablate/experiments/stats"
)

// fitSeed is that of the bootstrap of every fit, so that all screens have the same
// digits.
const fitSeed = 1

// FitPoint is what the runs at one size came to, in the unit of the metric.
type FitPoint struct {
	X, Mean, Lo, Hi float64   // Lo and Hi are NaN where nothing tells of the spread
	Runs            []float64 // of each seed; nil: not known
	Tasks           int       // behind it; 0: not known
}

// FitCurve is a metric by size, and the laws that it may follow.
type FitCurve struct {
	Axis     string
	Held     []experiments.Setting // the other axes, each at one value
	Quantity string                // that the laws are fitted to: "1 - pass@1"
	Points   []FitPoint            // ascending
	Fitted   stats.Fitted

	published
	flipped bool // the quantity is 1 less the metric
}

// FitOf fits laws to points of a metric: to the error, 1 less the rate, where more of
// a rate is better, and to the metric itself where less is. Of any other it says that
// it cannot.
func FitOf(points []FitPoint, metric, goal string) FitCurve {
	c := FitCurve{Quantity: ShortName(metric)}
	switch {
	case goal == experiments.Max && IsRate(metric):
		c.flipped, c.Quantity = true, "1 - "+c.Quantity
	case goal == "":
		c.Points, c.Fitted.Unfit = points, "nobody said whether more or less of "+c.Quantity+" is better"
		return c
	case goal != experiments.Min:
		c.Points, c.Fitted.Unfit = points, c.Quantity+" is neither a rate nor anything of which less is better"
		return c
	}
	sizes := make([]stats.Size, len(points))
	for i, p := range points {
		sizes[i] = stats.Size{X: p.X, Y: c.turned(p.Mean), Lo: c.turned(p.Lo), Hi: c.turned(p.Hi)}
		if c.flipped {
			sizes[i].Lo, sizes[i].Hi = sizes[i].Hi, sizes[i].Lo
		}
		for _, r := range p.Runs {
			sizes[i].Runs = append(sizes[i].Runs, c.turned(r))
		}
	}
	c.Points, c.Fitted = points, stats.Fit(sizes, fitSeed)
	if c.flipped && c.Fitted.Unfit != "" && len(points) > 0 && constantRate(points) {
		c.Fitted.Unfit = fmt.Sprintf("%s is %s at every size: there is nothing to fit", ShortName(metric), number(points[0].Mean))
	}
	return c
}

func constantRate(points []FitPoint) bool {
	for _, p := range points {
		if p.Mean != points[0].Mean {
			return false
		}
	}
	return len(points) > 1
}

// turned is the quantity of a value of the metric, and the other way round.
func (c FitCurve) turned(v float64) float64 {
	if c.flipped {
		return clean(1 - v)
	}
	return v
}

// At is the metric by the law at a size, with the band of the draws.
func (c FitCurve) At(x float64) (mean, lo, hi float64) {
	lo, hi = c.Fitted.Band(x)
	mean, lo, hi = c.turned(c.Fitted.Law.At(x)), c.turned(lo), c.turned(hi)
	if c.flipped {
		lo, hi = hi, lo
	}
	return mean, lo, hi
}

// FitLine is a law as charts draw it, over the sizes that it was fitted to.
type FitLine struct {
	X, Y, Lo, Hi []float64 // none where no law holds; Lo and Hi are NaN without a band
	Words        string    // "power law, exponent 0.34 [0.28, 0.41]"
	Brief        string    // the same, or why there is none, for a narrow place
}

// Line is nil where there are too few points to say anything.
func (c FitCurve) Line() *FitLine {
	if len(c.Points) < 3 {
		return nil
	}
	f := c.Fitted
	line := &FitLine{Words: f.Words()}
	switch {
	case f.Unfit != "":
		line.Brief = "no law"
		return line
	case f.Rises:
		line.Brief = "not a power law here"
		return line
	case f.Misses:
		line.Brief = "no law fits here"
		return line
	case f.Law.Kind == stats.Constant, f.Law.Alpha > 0 && !f.Holds():
		line.Brief = "no power law seen"
		return line
	case f.Law.Alpha <= 0:
		line.Brief = "no falling power law"
	default:
		line.Brief = fmt.Sprintf("power law, exponent %.2f", f.Law.Alpha) + bracketed(f.AlphaLo, f.AlphaHi, "%.2f")
	}
	const steps = 32
	from, to := c.Points[0].X, c.Points[len(c.Points)-1].X
	for i := range steps + 1 {
		x := from * math.Pow(to/from, float64(i)/steps)
		y, lo, hi := c.At(x)
		line.X, line.Y = append(line.X, x), append(line.Y, y)
		line.Lo, line.Hi = append(line.Lo, lo), append(line.Hi, hi)
	}
	return line
}
