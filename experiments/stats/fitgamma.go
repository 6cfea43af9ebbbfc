package stats

import (
	"fmt"
	"math"
	"slices"
)

// Spread is what so many tasks with so many solutions each came to.
type Spread struct {
	Tasks, Solutions float64
	Y                float64   // an error or a loss, above 0
	Runs             []float64 // the same of single runs; nil: not known
}

// Diversity is what more solutions of a task are worth beside more tasks.
type Diversity struct {
	// Unknown says why there is no such number; what stands below is not set then, or
	// not to be trusted.
	Unknown string
	// Gamma is that of tasks x solutions^gamma, the data that counts: 0 where further
	// solutions are worth nothing, 1 where they are as good as new tasks.
	Gamma, GammaLo, GammaHi float64 // 95 % of the draws; NaN without
	// ByCurve is true where the error follows no power law of that data. Gamma is then
	// read off the curve of tasks at the fewest solutions: how many tasks are as good
	// as each cell with more.
	ByCurve bool
	Read    int // cells that were read off

	Alpha, AlphaLo, AlphaHi float64 // by which the error falls with the data; of the law
	Floor                   float64 // that it falls to; 0: the law has none
	Line, Offset            float64 // scores of the laws without a floor and with one
	Points, Draws           int
	Seed                    uint64
}

// mostGamma is the greatest gamma that is told. Beyond it tasks change next to nothing,
// and the ratio of what both change is one of noise.
const mostGamma = 3

// Diverse fits A (tasks x solutions^gamma)^-alpha, and the same above a floor, and takes
// the one that [Fit] would. It needs points that differ in tasks and in solutions, and
// not in both by one rule: along equal rows gamma and alpha cannot be told apart.
func Diverse(points []Spread, seed uint64) Diversity {
	d := Diversity{
		Points: len(points), Seed: seed,
		Gamma: math.NaN(), GammaLo: math.NaN(), GammaHi: math.NaN(), AlphaLo: math.NaN(), AlphaHi: math.NaN(),
	}
	if d.Unknown = indistinct(points); d.Unknown != "" {
		return d
	}
	data := planeOf(points)
	d.Line, d.Offset = data.leaveOneOut(false), data.leaveOneOut(true)
	floor := max(d.Offset, exactScore) < (1-clearly)*max(d.Line, exactScore)
	theta := data.fit(floor, nil, exactly)
	d.Alpha, d.Gamma = theta[1], theta[2]/theta[1]
	if floor {
		d.Floor = math.Exp(theta[3])
	}
	d.byLaw(points, data, floor, theta)
	if d.lawless(points, data, data.residuals(floor, theta)) {
		d.byCurve(points, data)
	} else if !(d.Alpha > 0) || d.AlphaLo <= 0 || math.Abs(d.Gamma) > mostGamma {
		d.Unknown = "the error does not surely fall with the data, so nothing tells what solutions are worth"
	}
	return d
}

// lawless reports whether the law misses the points, or these fall ever faster with the
// data, as no power law does. Where nothing tells of their spread, one that plainly
// misses a point left out is none.
func (d Diversity) lawless(points []Spread, data plane, residuals []float64) bool {
	sizes, x := make([]Size, len(points)), make([]float64, len(points))
	for i, p := range points {
		sizes[i] = Size{Y: p.Y, Lo: math.NaN(), Hi: math.NaN(), Runs: p.Runs}
		x[i] = data.t[i] + d.Gamma*data.s[i]
	}
	parameters, score := 3, d.Line
	if d.Floor > 0 {
		parameters, score = 4, d.Offset
	}
	variance, freedom := spreads(sizes)
	if variance == nil {
		return score > plain
	}
	return misses(residuals, sizes, parameters) || bends(x, data.y, variance, freedom)
}

// indistinct says why points tell of no gamma, "" if they do.
func indistinct(points []Spread) string {
	for _, p := range points {
		if !(p.Tasks > 0) || !(p.Solutions > 0) || !(p.Y > 0) || math.IsInf(p.Y, 0) {
			return fmt.Sprintf("the value %s at %s x %s has no logarithm", short(p.Y), short(p.Tasks), short(p.Solutions))
		}
	}
	if len(points) < fewSizes {
		return fmt.Sprintf("%d of the %d points that it needs", len(points), fewSizes)
	}
	var tt, ss, ts float64
	var t, s []float64
	for _, p := range points {
		t, s = append(t, math.Log(p.Tasks)), append(s, math.Log(p.Solutions))
	}
	mt, ms := Mean(t), Mean(s)
	for i := range t {
		tt, ss, ts = tt+(t[i]-mt)*(t[i]-mt), ss+(s[i]-ms)*(s[i]-ms), ts+(t[i]-mt)*(s[i]-ms)
	}
	switch {
	case tt < 1e-12 || ss < 1e-12:
		return "all points have the same tasks, or the same solutions: both have to differ"
	case 1-ts*ts/(tt*ss) < 1e-6:
		return "tasks and solutions change by one rule, as at equal rows: their effects cannot be told apart"
	}
	return ""
}

// plane is points over two sizes, all in logarithms.
type plane struct{ t, s, y []float64 }

func planeOf(points []Spread) (p plane) {
	for _, at := range points {
		p.t, p.s, p.y = append(p.t, math.Log(at.Tasks)), append(p.s, math.Log(at.Solutions)), append(p.y, math.Log(at.Y))
	}
	return p
}

// fit is (log A, alpha, alpha gamma), with the logarithm of the floor behind them where
// there is one. A start from near saves those that a fit from nowhere tries.
func (p plane) fit(floor bool, near []float64, e effort) []float64 {
	predict := func(theta []float64, i int) float64 { return theta[0] - theta[1]*p.t[i] - theta[2]*p.s[i] }
	if !floor {
		start := p.squares(p.y)
		theta, _ := e.least(misfit(p.y, predict), [][]float64{start})
		return theta
	}
	var starts [][]float64
	if near != nil {
		starts = append(starts, near)
	}
	for _, share := range []float64{0.02, 0.3, 0.7, 0.95} {
		if near != nil && share != 0.3 {
			continue
		}
		low := slices.Min(p.y) + math.Log(share)
		above := make([]float64, len(p.y))
		for i, v := range p.y {
			above[i] = v + math.Log1p(-math.Exp(low-v))
		}
		starts = append(starts, append(p.squares(above), low))
	}
	theta, _ := e.least(misfit(p.y, func(theta []float64, i int) float64 { return logSumExp(predict(theta, i), theta[3]) }), starts)
	return theta
}

// squares is the plane of least squares.
func (p plane) squares(y []float64) []float64 {
	mt, ms, my := Mean(p.t), Mean(p.s), Mean(y)
	var tt, ss, ts, ty, sy float64
	for i := range y {
		t, s, v := p.t[i]-mt, p.s[i]-ms, y[i]-my
		tt, ss, ts, ty, sy = tt+t*t, ss+s*s, ts+t*s, ty+t*v, sy+s*v
	}
	det := tt*ss - ts*ts
	if det < 1e-9*tt*ss || det == 0 { // one left out may leave a line: any plane through it will do
		return []float64{my, 0, 0}
	}
	a, b := -(ty*ss-sy*ts)/det, -(sy*tt-ty*ts)/det
	return []float64{my + a*mt + b*ms, a, b}
}

func (p plane) leaveOneOut(floor bool) float64 {
	needs := 3
	if floor {
		needs = 4
	}
	if len(p.y) <= needs {
		return math.NaN()
	}
	missed := make([]float64, len(p.y))
	for i := range p.y {
		theta := plane{without(p.t, i), without(p.s, i), without(p.y, i)}.fit(floor, nil, exactly)
		missed[i] = p.residuals(floor, theta)[i]
	}
	return rms(missed)
}

// residuals are what the law leaves of each point.
func (p plane) residuals(floor bool, theta []float64) []float64 {
	r := make([]float64, len(p.y))
	for i := range p.y {
		v := theta[0] - theta[1]*p.t[i] - theta[2]*p.s[i]
		if floor {
			v = logSumExp(v, theta[3])
		}
		r[i] = p.y[i] - v
	}
	return r
}

// byLaw gives the law its intervals.
func (d *Diversity) byLaw(points []Spread, data plane, floor bool, near []float64) {
	drawn := d.draw(points, func(y []float64) []float64 { return plane{data.t, data.s, y}.fit(floor, near, closely) })
	if drawn != nil {
		d.AlphaLo, d.AlphaHi = percentiles(column(d.Draws, func(i int) float64 { return drawn[i][1] }))
		d.GammaLo, d.GammaHi = percentiles(column(d.Draws, func(i int) float64 { return drawn[i][2] / drawn[i][1] }))
	}
}

// draw does something with the logarithms of errors whose runs were drawn with
// replacement, as for the bands of [Fit]. Nil: some point has too few runs.
func (d *Diversity) draw(points []Spread, do func(y []float64) []float64) [][]float64 {
	sizes := make([]Size, len(points))
	for i, p := range points {
		if len(p.Runs) < BandRuns {
			return nil
		}
		sizes[i] = Size{Y: p.Y, Runs: p.Runs}
	}
	d.Draws = fitDraws
	drawn := make([][]float64, d.Draws)
	inParallel(d.Draws, func(draw int) { drawn[draw] = do(drawLogs(sizes, d.Seed, draw)) })
	return drawn
}

// Words is the answer in one line.
func (d Diversity) Words() string {
	if d.Unknown != "" {
		return "gamma is not known: " + d.Unknown
	}
	s := fmt.Sprintf("gamma %.2f", d.Gamma)
	if math.IsNaN(d.GammaLo) {
		return s + fmt.Sprintf(", without an interval: it needs %d runs of each cell", BandRuns)
	}
	return s + fmt.Sprintf(" [%.2f, %.2f]: ", d.GammaLo, d.GammaHi) + d.worth()
}

// worth is what the interval leaves possible.
func (d Diversity) worth() string {
	lo, hi := d.GammaLo, d.GammaHi
	switch {
	case hi < 0:
		return "further solutions of a task make it worse"
	case lo <= 0 && hi >= 1:
		return "that further solutions are worth nothing and that they are as good as new tasks are both possible"
	case lo <= 0:
		return "further solutions of a task may be worth nothing, and are worth less than new tasks"
	case hi < 1:
		return "further solutions of a task are worth something, and less than new tasks"
	case lo > 1:
		return "further solutions of a task are worth more than new tasks"
	}
	return "further solutions of a task may be as good as new tasks"
}
