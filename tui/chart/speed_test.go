package chart_test

import (
	"fmt"
	"math"
	"testing"

	"ablate/tui/chart"
)

// noisy is a chart of 4 series with n points each.
func noisy(n int) *chart.Line {
	l := &chart.Line{Title: "train/loss", X: chart.Axis{Label: "step"}, Y: chart.Axis{Zero: true}}
	for k := range 4 {
		s := chart.Series{Name: fmt.Sprint("s", k+1), Color: chart.Categorical(k), X: make([]float64, n), Y: make([]float64, n)}
		for i := range n {
			s.X[i] = float64(i) / float64(n)
			s.Y[i] = float64(k+1)*math.Exp(-3*float64(i)/float64(n)) + 0.1*math.Sin(float64(i*(k+7)%1009))
		}
		l.Series = append(l.Series, s)
	}
	return l
}

func BenchmarkLine(b *testing.B) {
	for _, n := range []int{1e3, 1e6} {
		b.Run(fmt.Sprintf("79x20/4x%d", n), func(b *testing.B) {
			l := noisy(n)
			b.ReportAllocs()
			for b.Loop() {
				l.Render(79, 20)
			}
		})
	}
}

func BenchmarkMatrix(b *testing.B) {
	m := design()
	b.ReportAllocs()
	for b.Loop() {
		m.Render(84, 14)
	}
}

// Drawing must not allocate a point: a hundred times as many points may cost no
// more allocations.
func TestLineAllocs(t *testing.T) {
	few, many := noisy(1_000), noisy(100_000)
	a := testing.AllocsPerRun(5, func() { few.Render(79, 20) })
	b := testing.AllocsPerRun(5, func() { many.Render(79, 20) })
	if a > 40 || b > a {
		t.Errorf("%g allocations for 1e3 points and %g for 1e5, want at most 40 and no more", a, b)
	}
}
