package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Size is what one size came to.
type Size struct {
	X      float64   // above 0: tasks, rows, parameters
	Y      float64   // an error or a loss, above 0
	Lo, Hi float64   // its 95 % interval; NaN: none
	Runs   []float64 // the same of single runs, whose mean it is; nil: not known
}

// Fitted is what there is to say about an error or a loss against a size.
type Fitted struct {
	Sizes []Size // ascending
	// Unfit says why no law was fitted; nothing below is set then.
	Unfit string

	Exponents []Exponent // between neighbours
	// Rises is true where the exponents grow with the size, beyond what the spread of
	// the points allows: such a curve comes to no power law.
	Rises     bool
	Laws      []Law // the rivals, the simplest first
	Law       Law   // the one that leave-one-out chose
	Residuals []float64
	// Misses is true where even that law is farther from the points than their spread
	// allows, as it is from a curve that turns.
	Misses bool
	// Draws is how often the bootstrap drew, 0 where a size has fewer than [BandRuns]
	// runs; Seed is that of its draws.
	Draws   int
	Seed    uint64
	AlphaLo float64 // 95 % of the draws; NaN without, and for a constant
	AlphaHi float64
	FloorLo float64 // of E, as Alpha
	FloorHi float64
	drawn   []Law
}

// Fit sets a constant, a log-log line and a power law with an offset against each other
// over three or more sizes; seed is that of the bootstrap, which resamples the runs of
// each size. What cannot be fitted is said in words, in Unfit.
//
// All laws are fitted to logarithms with a Huber loss, so that a relative error counts
// the same everywhere (Hoffmann et al. 2022; Besiroglu et al. 2024).
func Fit(sizes []Size, seed uint64) Fitted {
	f := Fitted{Sizes: slices.Clone(sizes), Seed: seed}
	slices.SortStableFunc(f.Sizes, func(a, b Size) int { return cmp.Compare(a.X, b.X) })
	f.AlphaLo, f.AlphaHi, f.FloorLo, f.FloorHi = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	if f.Unfit = unfit(f.Sizes); f.Unfit != "" {
		return f
	}
	x, y := logs(f.Sizes)
	for i, e := range exponents(x, y) {
		f.Exponents = append(f.Exponents, Exponent{f.Sizes[i].X, f.Sizes[i+1].X, e, math.NaN(), math.NaN()})
	}
	f.Rises = rises(f.Sizes)
	f.Laws = rivals(x, y)
	f.Law = choose(f.Laws)
	for i := range x {
		f.Residuals = append(f.Residuals, y[i]-f.Law.log(x[i]))
	}
	f.Misses = misses(f.Residuals, f.Sizes, f.Law.Kind.needs())
	f.bootstrap(x)
	return f
}

// unfit says why sizes in ascending order have no law, "" if they have.
func unfit(sizes []Size) string {
	for i, s := range sizes {
		switch {
		case !(s.X > 0) || math.IsInf(s.X, 0):
			return fmt.Sprintf("a size of %v has no logarithm", s.X)
		case math.IsNaN(s.Y) || math.IsInf(s.Y, 0):
			return fmt.Sprintf("the value at %s is no number (%v)", short(s.X), s.Y)
		case i > 0 && s.X == sizes[i-1].X:
			return fmt.Sprintf("the size %s stands twice", short(s.X))
		}
	}
	if n := len(sizes); n < 3 {
		return fmt.Sprintf("%d of the 3 sizes that a law needs", n)
	}
	first := sizes[0].Y
	if !slices.ContainsFunc(sizes, func(s Size) bool { return s.Y != first }) {
		return fmt.Sprintf("it is %s at every size: there is nothing to fit", short(first))
	}
	for _, s := range sizes {
		if s.Y <= 0 {
			return fmt.Sprintf("it is %s at %s, which no power law reaches", short(s.Y), short(s.X))
		}
	}
	return ""
}

func logs(sizes []Size) (x, y []float64) {
	for _, s := range sizes {
		x, y = append(x, math.Log(s.X)), append(y, math.Log(s.Y))
	}
	return x, y
}

// fewSizes is how many are too few to go beyond them.
const fewSizes = 4

// Beyond says why the law tells nothing of other sizes than it was fitted to, "" where
// it may be drawn on.
func (f Fitted) Beyond() string {
	switch {
	case f.Unfit != "":
		return f.Unfit
	case f.Rises:
		return "the exponent grows with x (" + f.exponentWords() + "): do not extrapolate"
	case f.Misses:
		return "no law fits these sizes: the nearest is off by " + f.offBy() + ", more than their spread allows"
	case f.Law.Kind == Constant:
		return "a constant predicts a size left out as well as any power law does"
	case f.Law.Alpha <= 0:
		return "it grows with the size: there is no falling law to draw on"
	case f.AlphaLo <= 0:
		return "its exponent may be 0: there is no law to draw on"
	case len(f.Sizes) <= fewSizes:
		return fmt.Sprintf("%d sizes are too few to tell: five or more", len(f.Sizes))
	}
	return ""
}

// Holds reports whether a power law is what the points follow, as far as they tell.
func (f Fitted) Holds() bool {
	return f.Unfit == "" && !f.Rises && !f.Misses && f.Law.Kind != Constant && f.Law.Alpha > 0 && !(f.AlphaLo <= 0)
}

// Words is the fit in one line, as a chart says it.
func (f Fitted) Words() string {
	switch {
	case f.Unfit != "":
		return "no law: " + f.Unfit
	case f.Rises:
		return "not a power law on this range: " + f.Beyond()
	case f.Misses:
		return f.Beyond()
	case f.Law.Kind == Constant:
		return "no power law seen: a constant predicts as well"
	case f.Law.Alpha <= 0:
		return fmt.Sprintf("no falling power law: it grows with x, by the exponent %.2f", -f.Law.Alpha)
	case f.AlphaLo <= 0:
		return fmt.Sprintf("no power law seen: its exponent may be 0, %.2f [%.2f, %.2f]", f.Law.Alpha, f.AlphaLo, f.AlphaHi)
	}
	s := "power law, exponent " + fmt.Sprintf("%.2f", f.Law.Alpha)
	if !math.IsNaN(f.AlphaLo) {
		s += fmt.Sprintf(" [%.2f, %.2f]", f.AlphaLo, f.AlphaHi)
	}
	if f.Law.Kind == Offset {
		s += " above " + short(f.Law.E)
	}
	if n := len(f.Sizes); n <= fewSizes {
		s += fmt.Sprintf(", as far as %d sizes tell", n)
	}
	return s
}

// offBy is the root mean square of the residuals as a share.
func (f Fitted) offBy() string { return fmt.Sprintf("%.0f %%", 100*math.Expm1(rms(f.Residuals))) }

// Signs is the pattern of the residuals, a sign a size: "+ - - +" where a law bends
// another way than the points.
func (f Fitted) Signs() string {
	signs := make([]string, len(f.Residuals))
	for i, r := range f.Residuals {
		switch {
		case r > 1e-6:
			signs[i] = "+"
		case r < -1e-6:
			signs[i] = "-"
		default:
			signs[i] = "0"
		}
	}
	return strings.Join(signs, " ")
}

func (f Fitted) exponentWords() string {
	words := make([]string, len(f.Exponents))
	for i, e := range f.Exponents {
		words[i] = fmt.Sprintf("%.2f", e.Value)
	}
	return strings.Join(words, ", ")
}

// short is a number in at most four digits.
func short(x float64) string { return fmt.Sprintf("%.4g", x) }
