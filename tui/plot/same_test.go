package plot_test

import (
	"math"
	"slices"
	"testing"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/plot"
)

// Whatever changes, what is shown is what a plot that never drew before shows.
func TestDrawnAgain(t *testing.T) {
	t.Parallel()
	l := look.New(chart.Style{})
	one := line()
	var p plot.Plot
	keys := func(of *plot.Plot, name string) {
		for _, k := range of.Keys() {
			if k.Keys == name {
				k.Do()
			}
		}
	}
	var pressed []string
	check := func(what string) {
		t.Helper()
		got := p.View(l, 70, 12, one)
		var fresh plot.Plot
		fresh.View(l, 70, 12, one)
		for _, k := range pressed {
			keys(&fresh, k)
			fresh.View(l, 70, 12, one)
		}
		if want := fresh.View(l, 70, 12, one); !slices.Equal(got, want) {
			t.Errorf("after %s the chart is not drawn again", what)
		}
	}
	check("the first time")
	changes := []struct {
		name string
		do   func()
	}{
		{"nothing", func() {}},
		{"a point", func() { one.Series[0].Data.Append(101, 3) }},
		{"no number", func() { one.Series[0].Data.Append(102, math.NaN()) }},
		{"points that were replaced", func() {
			one.Series[0].Data.Cut(101)
			one.Series[0].Data.AppendAll([]float64{101, 102}, []float64{9, 9})
		}},
		{"a ghost", func() {
			one.Series[0].Ghosts = append(one.Series[0].Ghosts, chart.Segment{X: []float64{1, 90}, Y: []float64{9, 1}})
		}},
		{"another title", func() { one.Title = "▸ train/loss" }},
		{"a note", func() { one.Note = "reading" }},
		{"a mark", func() { one.Marks = []float64{7} }},
		{"another axis", func() { one.X.Hint = 400 }},
		{"another colour", func() { one.Series[0].Color = chart.Categorical(3) }},
		{"another theme", func() { l = look.New(chart.Style{Theme: chart.Theme{NoColor: true}}) }},
		{"a best", func() { one.Series[0].Goal = chart.Lowest }},
	}
	for _, c := range changes {
		c.do()
		check(c.name)
	}
	for _, k := range []string{"+ =", "l →", "h ←", "y", "w", "<", "0"} {
		keys(&p, k)
		pressed = append(pressed, k)
		check(k)
	}
	if got := p.View(l, 50, 9, one); len(got) != 9 || look.Width(got[0]) != 50 {
		t.Errorf("in another room it is %d lines of %d cells", len(got), look.Width(got[0]))
	}
}

// BenchmarkSame is a chart on which nothing has changed.
func BenchmarkSame(b *testing.B) {
	l, one := look.New(chart.Style{}), line()
	var p plot.Plot
	for b.Loop() {
		p.View(l, 79, 20, one)
	}
}
