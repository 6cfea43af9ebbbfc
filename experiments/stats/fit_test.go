package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

func sizesOf(x, y []float64) []Size {
	var s []Size
	for i := range x {
		s = append(s, Size{X: x[i], Y: y[i], Lo: math.NaN(), Hi: math.NaN()})
	}
	return s
}

var doublings = []float64{64, 128, 256, 512, 1024, 2048}

// y = 0.2 + 3 x^-0.5 in ten digits comes back, and the laws with fewer parameters lose.
func TestFitOffset(t *testing.T) {
	t.Parallel()
	f := Fit(sizesOf(doublings, []float64{0.575, 0.4651650429, 0.3875, 0.3325825215, 0.29375, 0.2662912607}), 1)
	if l := f.Law; l.Kind != Offset || math.Abs(l.E-0.2) > 1e-5 || math.Abs(l.A-3) > 1e-3 || math.Abs(l.Alpha-0.5) > 1e-4 {
		t.Errorf("the law is %+v", l)
	}
	if got, want := f.Law.At(8192), 0.2+3/math.Sqrt(8192); math.Abs(got-want) > 1e-5 {
		t.Errorf("at 8192 it is %v, want %v", got, want)
	}
	if f.Rises || f.Beyond() != "" || f.Draws != 0 {
		t.Errorf("it rises %v, beyond %q, %d draws", f.Rises, f.Beyond(), f.Draws)
	}
	if len(f.Laws) != 3 || !(f.Laws[2].Score < 1e-4 && f.Laws[1].Score > 0.01 && f.Laws[0].Score > f.Laws[1].Score) {
		t.Errorf("the rivals are %+v", f.Laws)
	}
	// (ln 0.575 - ln 0.4651650429) / ln 2
	if e := f.Exponents[0]; e.From != 64 || e.To != 128 || math.Abs(e.Value-0.3058193) > 1e-6 {
		t.Errorf("the first local exponent is %+v", e)
	}
}

// Where a simpler law says the same, it is the law.
func TestFitSimplest(t *testing.T) {
	t.Parallel()
	var line []float64
	for _, x := range doublings {
		line = append(line, 3*math.Pow(x, -0.25))
	}
	f := Fit(sizesOf(doublings, line), 1)
	if l := f.Law; l.Kind != Line || math.Abs(l.A-3) > 1e-5 || math.Abs(l.Alpha-0.25) > 1e-6 || l.E != 0 {
		t.Errorf("a line is %+v", l)
	}
	if f.Rises || f.Beyond() != "" || f.Words() != "power law, exponent 0.25" {
		t.Errorf("rises %v, %q, %q", f.Rises, f.Beyond(), f.Words())
	}
	f = Fit(sizesOf(doublings, []float64{0.52, 0.48, 0.51, 0.49, 0.52, 0.48}), 1)
	if f.Law.Kind != Constant || math.Abs(f.Law.E-0.5) > 0.005 || !strings.Contains(f.Words(), "a constant predicts as well") {
		t.Errorf("noise is %+v, %q", f.Law, f.Words())
	}
	if !strings.Contains(f.Beyond(), "as well as any power law") {
		t.Errorf("beyond it: %q", f.Beyond())
	}
}

// X-Coder's Figure 3: 43.7, 47.0, 54.1 and 62.7 % at 32k to 200k tasks. The exponents
// of the article's axis, where the last size is 192k, are 0.087, 0.208 and 0.512.
func TestFitRefusesXCoder(t *testing.T) {
	t.Parallel()
	y := []float64{0.563, 0.530, 0.459, 0.373}
	f := Fit(sizesOf([]float64{32000, 64000, 128000, 192000}, y), 1)
	for i, want := range []float64{0.087, 0.208, 0.512} {
		if math.Abs(f.Exponents[i].Value-want) > 6e-4 {
			t.Errorf("local exponent %d is %v, want %v", i, f.Exponents[i].Value, want)
		}
	}
	want := "not a power law on this range: the exponent grows with x (0.09, 0.21, 0.51): do not extrapolate"
	if !f.Rises || f.Words() != want || f.Beyond() == "" {
		t.Errorf("rises %v: %q, want %q", f.Rises, f.Words(), want)
	}
	if f = Fit(sizesOf([]float64{32000, 64000, 128000, 200000}, y), 1); !f.Rises {
		t.Errorf("with 200k: %q", f.Words())
	}
}

// The same rise is refused where runs agree on it and not where they scatter as much.
func TestFitRiseAndSpread(t *testing.T) {
	t.Parallel()
	y := []float64{0.56, 0.53, 0.50, 0.44, 0.36}
	x := []float64{32, 64, 128, 256, 512}
	for _, c := range []struct {
		spread float64
		rises  bool
	}{{0, true}, {0.005, true}, {0.1, false}} {
		s := sizesOf(x, y)
		for i := range s {
			s[i].Runs = []float64{y[i] - c.spread, y[i], y[i] + c.spread}
		}
		if f := Fit(s, 1); f.Rises != c.rises {
			t.Errorf("runs ± %v: rises %v", c.spread, f.Rises)
		}
		for i := range s {
			s[i].Runs, s[i].Lo, s[i].Hi = nil, y[i]-2*c.spread, y[i]+2*c.spread
		}
		if f := Fit(s, 1); f.Rises != c.rises {
			t.Errorf("intervals ± %v: rises %v", 2*c.spread, f.Rises)
		}
	}
}

// Local exponents that grow from 0.298 to 0.302, or from 0.25 to 0.35: however surely,
// only what makes a difference to who draws on the law is refused.
func TestFitRisesFaintly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bend  float64
		rises bool
	}{{0.0007, false}, {0.018, true}} {
		var y []float64
		for _, x := range doublings {
			l := math.Log(x / 362)
			y = append(y, 0.3*math.Exp(-0.3*l-c.bend*l*l))
		}
		s := sizesOf(doublings, y)
		if f := Fit(s, 1); f.Rises != c.rises || (f.Beyond() == "") == c.rises {
			t.Errorf("bends by %v, no spread known: rises %v, %q", c.bend, f.Rises, f.Words())
		}
		for i := range s {
			s[i].Runs = []float64{y[i] * (1 - 1e-6), y[i], y[i] * (1 + 1e-6)}
		}
		if f := Fit(s, 1); f.Rises != c.rises || (f.Beyond() == "") == c.rises {
			t.Errorf("bends by %v: rises %v, %q", c.bend, f.Rises, f.Words())
		}
	}
}

// A falling line predicts best, and the runs leave it open whether anything falls: that is
// no law to draw on.
func TestFitThatMayNotFall(t *testing.T) {
	t.Parallel()
	y := []float64{0.4146, 0.4072, 0.4033, 0.3962, 0.3924, 0.3855}
	for _, c := range []struct {
		spread float64
		holds  bool
	}{{0.01, true}, {0.09, false}} {
		s := sizesOf(doublings, y)
		for i := range s {
			s[i].Runs = []float64{y[i] - c.spread, y[i], y[i] + c.spread}
		}
		f := Fit(s, 1)
		if f.Law.Kind != Line || f.Law.Alpha <= 0 || f.Holds() != c.holds || (f.Beyond() == "") != c.holds || strings.Contains(f.Words(), "no power law seen") == c.holds {
			t.Errorf("runs ± %v: %+v holds %v, %q, beyond %q", c.spread, f.Law, f.Holds(), f.Words(), f.Beyond())
		}
	}
}

// Of a true power law at most one in twenty is refused; half as many may be more by
// chance of the draws.
func TestFitRisesSeldom(t *testing.T) {
	t.Parallel()
	refused := 0
	const of = 400
	for n := range of {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		if rises(noisy(rng, 4, 0.05)) {
			refused++
		}
	}
	if refused > of*3/40 || refused == 0 {
		t.Errorf("%d of %d true power laws are refused", refused, of)
	}
}

// noisy are sizes of 3 x^-0.3 with runs that scatter by a share.
func noisy(rng *rand.Rand, runs int, share float64) []Size {
	var sizes []Size
	for _, x := range doublings {
		s := Size{X: x, Lo: math.NaN(), Hi: math.NaN()}
		for range runs {
			s.Runs = append(s.Runs, 3*math.Pow(x, -0.3)*(1+share*rng.NormFloat64()))
		}
		s.Y = Mean(s.Runs)
		sizes = append(sizes, s)
	}
	return sizes
}

// Bands are for new seeds: most hold the exponent that made the points, and the same
// seed gives the same digits with any number of workers.
func TestFitBand(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: 16 bootstraps of fits, by -short")
	}
	held, of := 0, 16
	for n := range of {
		f := Fit(noisy(rand.New(rand.NewPCG(3, uint64(n))), 8, 0.05), 5)
		if f.Law.Kind != Line {
			continue
		}
		if f.AlphaLo <= 0.3 && 0.3 <= f.AlphaHi {
			held++
		}
		if lo, hi := f.Band(4096); !(lo < f.Law.At(4096) && f.Law.At(4096) < hi) {
			t.Errorf("%v is not in its band %v to %v", f.Law.At(4096), lo, hi)
		}
	}
	if held < of*3/4 {
		t.Errorf("%d of %d intervals hold the exponent", held, of)
	}
	s := noisy(rand.New(rand.NewPCG(1, 1)), 8, 0.05)
	a := Fit(s, 5)
	was := runtime.GOMAXPROCS(1)
	b := Fit(s, 5)
	runtime.GOMAXPROCS(was)
	if a.AlphaLo != b.AlphaLo || a.AlphaHi != b.AlphaHi || a.Exponents[2] != b.Exponents[2] {
		t.Errorf("[%v, %v] and [%v, %v]", a.AlphaLo, a.AlphaHi, b.AlphaLo, b.AlphaHi)
	}
	if c := Fit(s, 6); c.AlphaLo == a.AlphaLo {
		t.Error("another seed draws the same")
	}
}

func TestFitWords(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		name string
		x, y []float64
		want string
	}{
		{"nothing", nil, nil, "0 of the 3 sizes that a law needs"},
		{"one point", []float64{8}, []float64{0.5}, "1 of the 3 sizes that a law needs"},
		{"equal sizes", []float64{8, 8, 8}, []float64{0.5, 0.4, 0.3}, "the size 8 stands twice"},
		{"NaN", []float64{1, 2, 3}, []float64{0.5, nan, 0.3}, "the value at 2 is no number (NaN)"},
		{"size 0", []float64{0, 2, 3}, []float64{0.5, 0.4, 0.3}, "a size of 0 has no logarithm"},
		{"always wrong", []float64{1, 2, 3}, []float64{1, 1, 1}, "it is 1 at every size: there is nothing to fit"},
		{"always right", []float64{1, 2, 3}, []float64{0, 0, 0}, "it is 0 at every size: there is nothing to fit"},
		{"right at last", []float64{1, 2, 3}, []float64{0.4, 0.1, 0}, "it is 0 at 3, which no power law reaches"},
	} {
		f := Fit(sizesOf(c.x, c.y), 1)
		if f.Unfit != c.want || f.Beyond() != c.want || f.Words() != "no law: "+c.want || len(f.Laws) > 0 {
			t.Errorf("%s: %q, want %q", c.name, f.Unfit, c.want)
		}
	}
	f := Fit(sizesOf([]float64{1, 2, 4, 8}, []float64{0.8, 0.4, 0.2, 0.1}), 1)
	if want := "4 sizes are too few to tell: five or more"; f.Beyond() != want || f.Law.Kind != Line {
		t.Errorf("four sizes: %q of a %v", f.Beyond(), f.Law.Kind)
	}
	f = Fit(sizesOf([]float64{1, 2, 4, 8, 16}, []float64{0.1, 0.15, 0.23, 0.34, 0.5}), 1)
	if f.Law.Alpha >= 0 || !strings.Contains(f.Beyond(), "grows with the size") {
		t.Errorf("a rising error: %+v, %q", f.Law, f.Beyond())
	}
}

// A loss that turns at the last size, as measured on 128 to 2048 tasks: no law that falls
// is near it, and none may be drawn on. Where the runs scatter as much, or it is off by
// little, one may.
func TestFitMisses(t *testing.T) {
	t.Parallel()
	x, y := []float64{128, 256, 512, 1024, 2048}, []float64{0.754, 0.330, 0.159, 0.116, 0.160}
	near := []float64{0.8, 0.406, 0.197, 0.1015, 0.05}
	for _, c := range []struct {
		name   string
		y      []float64
		spread float64 // share; below 0: none known
		misses bool
	}{{"surely", y, 0.05, true}, {"plainly", y, -1, true}, {"as the runs scatter", y, 0.9, false}, {"slightly", near, 0.0001, false}} {
		s := sizesOf(x, c.y)
		for i := range s {
			if c.spread > 0 {
				s[i].Runs = []float64{c.y[i] * (1 - c.spread), c.y[i], c.y[i] * (1 + c.spread)}
			}
		}
		f := Fit(s, 1)
		if f.Misses != c.misses || f.Misses && f.Holds() {
			t.Errorf("%s: misses %v, holds %v, %q", c.name, f.Misses, f.Holds(), f.Words())
		}
		if c.misses && (!strings.Contains(f.Words(), "no law fits these sizes: the nearest is off by") || f.Beyond() != f.Words()) {
			t.Errorf("%s: %q", c.name, f.Words())
		}
	}
}

// X-Coder's Figure 3 along the solutions: the error grows and levels off, which is no
// exponent that grows.
func TestFitOfGrowingError(t *testing.T) {
	t.Parallel()
	f := Fit(sizesOf([]float64{1, 4, 8}, []float64{0.530, 0.549, 0.556}), 1)
	if f.Rises || f.Holds() || f.Words() != "no falling power law: it grows with x, by the exponent 0.02" {
		t.Errorf("rises %v, holds %v, %q", f.Rises, f.Holds(), f.Words())
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	if got := (Fitted{Residuals: []float64{0.1, -0.1, 1e-9, 2}}).Signs(); got != "+ - 0 +" {
		t.Errorf("signs are %q", got)
	}
}

func BenchmarkFit(b *testing.B) {
	s := noisy(rand.New(rand.NewPCG(1, 1)), 8, 0.1)
	for b.Loop() {
		Fit(s, 1)
	}
}

func BenchmarkFitOffset(b *testing.B) {
	s := noisy(rand.New(rand.NewPCG(1, 1)), 8, 0.02)
	for i := range s {
		s[i].Y += 0.2
		for j := range s[i].Runs {
			s[i].Runs[j] += 0.2
		}
	}
	for b.Loop() {
		Fit(s, 1)
	}
}

// Where tasks change next to nothing, what solutions change is no multiple of it.
func TestDiverseOfNoise(t *testing.T) {
	t.Parallel()
	points := []Spread{{Tasks: 512, Solutions: 1, Y: 0.825}, {Tasks: 512, Solutions: 2, Y: 0.95}, {Tasks: 2048, Solutions: 1, Y: 0.8249}, {Tasks: 2048, Solutions: 2, Y: 0.9499}}
	if d := Diverse(points, 1); d.Unknown == "" {
		t.Errorf("gamma is %v", d.Gamma)
	}
}
