package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The shapes of tasks-vs-solutions, whose errors follow a law that is known.
func spread(gamma, floor float64, noise func() float64) []Spread {
	var points []Spread
	for _, c := range [][2]float64{{2048, 1}, {512, 4}, {256, 8}, {1024, 1}, {512, 1}, {256, 1}} {
		d := c[0] * math.Pow(c[1], gamma)
		p := Spread{Tasks: c[0], Solutions: c[1], Y: floor + 4*math.Pow(d, -0.4)}
		if noise != nil {
			for range 8 {
				p.Runs = append(p.Runs, p.Y*(1+noise()))
			}
			p.Y = Mean(p.Runs)
		}
		points = append(points, p)
	}
	return points
}

func TestDiverseExactly(t *testing.T) {
	t.Parallel()
	for _, gamma := range []float64{0, 0.35, 1} {
		d := Diverse(spread(gamma, 0, nil), 1)
		if d.Unknown != "" || math.Abs(d.Gamma-gamma) > 1e-5 || math.Abs(d.Alpha-0.4) > 1e-5 || d.Floor != 0 {
			t.Errorf("gamma %v: %+v", gamma, d)
		}
		d = Diverse(spread(gamma, 0.1, nil), 1)
		if math.Abs(d.Gamma-gamma) > 1e-2 || math.Abs(d.Alpha-0.4) > 1e-2 || math.Abs(d.Floor-0.1) > 5e-3 {
			t.Errorf("gamma %v above a floor: %+v", gamma, d)
		}
	}
}

func TestDiverseInterval(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 0))
	d := Diverse(spread(0.35, 0, func() float64 { return 0.05 * rng.NormFloat64() }), 1)
	if !(d.GammaLo < 0.35 && 0.35 < d.GammaHi && d.GammaLo > 0 && d.GammaHi < 1) || d.Draws != 1000 || d.Seed != 1 {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(d.Words(), "worth something, and less than new tasks") {
		t.Error(d.Words())
	}
}

// The pass rates that X-Coder's recipe in miniature comes to, where the error falls ever
// faster: by hand, 512 x 4 is as good as 963.8 tasks and 256 x 8 as 630.3.
func TestDiverseByCurve(t *testing.T) {
	t.Parallel()
	rates := []float64{0.5784912109375, 0.321044921875, 0.1624755859375, 0.341064453125, 0.0718994140625, 0.00390625}
	points := spread(0, 0, nil)
	for i := range points {
		points[i].Y = 1 - rates[i]
	}
	d := Diverse(points, 1)
	if want := (0.4563095 + 0.4332704) / 2; !d.ByCurve || math.Abs(d.Gamma-want) > 1e-6 || d.Read != 2 || !math.IsNaN(d.GammaLo) {
		t.Errorf("%+v, want gamma %v", d, want)
	}
	for i := range points {
		points[i].Runs = []float64{points[i].Y - 0.01, points[i].Y, points[i].Y + 0.01}
	}
	d = Diverse(points, 1)
	if !d.ByCurve || !(d.GammaLo < d.Gamma && d.Gamma < d.GammaHi) || d.GammaHi-d.GammaLo > 0.2 || d.Draws != 1000 {
		t.Errorf("with runs: %+v", d)
	}
	points[0].Y, points[0].Runs = 0.9, []float64{0.89, 0.9, 0.91}
	if d = Diverse(points, 1); !strings.Contains(d.Unknown, "does not fall with every step") || d.Gamma == d.Gamma {
		t.Errorf("a curve that turns: %+v", d)
	}
	points[0].Y = 1 - rates[0]
	points[1].Y, points[2].Y = 1, 1 // worse than the curve goes
	points[1].Runs, points[2].Runs = nil, nil
	if d = Diverse(points, 1); !strings.Contains(d.Unknown, "no cell with more solutions") {
		t.Errorf("beside the curve: %+v", d)
	}
}

// Cells as good as the last of the curve but for chance may be as good as new tasks, though
// half of the draws are beyond the curve.
func TestDiverseAtTheEndOfTheCurve(t *testing.T) {
	t.Parallel()
	points := spread(1, 0, nil)
	for i, y := range []float64{0.42, 0.421, 0.422, 0.66, 0.93, 0.996} {
		points[i].Y, points[i].Runs = y, []float64{y - 0.02, y, y + 0.02}
	}
	d := Diverse(points, 1)
	if !d.ByCurve || d.Read != 2 || !(d.GammaLo < 0.99 && 1.01 < d.GammaHi && d.GammaHi < 1.1) || !strings.Contains(d.Words(), "may be as good as new tasks") {
		t.Errorf("%+v, %q", d, d.Words())
	}
}

func TestDiverseUnknown(t *testing.T) {
	t.Parallel()
	all := spread(0.5, 0, nil)
	flat := spread(0.5, 0, nil)
	for i := range flat {
		flat[i].Y = 0.5 + 0.01*float64(i%2)
		flat[i].Runs = []float64{0.4, 0.5, 0.6}
	}
	for _, c := range []struct {
		points []Spread
		want   string
	}{
		{all[:3], "3 of the 4 points"},
		{append([]Spread{{4096, 0.5, 0.3, nil}}, all[:3]...), "by one rule, as at equal rows"},
		{append([]Spread{{4096, 1, 0.3, nil}}, all[3:]...), "both have to differ"},
		{append([]Spread{{4096, 1, 0, nil}}, all...), "has no logarithm"},
		{flat, "does not surely fall"},
	} {
		if d := Diverse(c.points, 1); !strings.Contains(d.Unknown, c.want) || !strings.Contains(d.Words(), "not known") {
			t.Errorf("%q, want %q", d.Words(), c.want)
		}
	}
}
