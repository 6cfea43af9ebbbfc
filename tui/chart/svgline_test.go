package chart_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

// bare is a curve on axes from 0 to 4 in a picture too small for labels: 4 pixels
// of margin leave a plot of 80 x 40, so that a unit is 20 pixels wide and 10 high.
func bare(s chart.Series) string {
	l := chart.Line{Series: []chart.Series{s}, X: chart.Axis{Min: 0, Max: 4}, Y: chart.Axis{Min: 0, Max: 4}, NoLegend: true}
	return l.SVG(88, 48)
}

// Every path was written down by hand.
func TestSVGByHand(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct {
		name string
		s    chart.Series
		want string
	}{
		{"straight", chart.Series{X: []float64{0, 4}, Y: []float64{4, 4}}, "M0 0h80"},
		{"polyline", chart.Series{X: []float64{0, 2, 2.5}, Y: []float64{0, 4, 3.7}}, "M0 40l40-40l10 3"},
		{"gaps", chart.Series{Y: []float64{4, 2, nan, 4, inf}}, "M0 0l20 20M60 0h0"},
		{"cut off above", chart.Series{X: []float64{0, 2, 4}, Y: []float64{0, 8, 0}}, "M0 40l20-40M60 0l20 40"},
		{"enters and leaves", chart.Series{X: []float64{-4, 8}, Y: []float64{2, 2}}, "M0 20h80"},
		{"never inside", chart.Series{X: []float64{-4, 8}, Y: []float64{9, 9}}, ""},
		{"one column", chart.Series{X: []float64{2, 2, 2, 2, 2, 3}, Y: []float64{2, 1, 4, 0, 3, 3}}, "M40 20v-20v40v-30h20"},
	} {
		got := ""
		if m := strokes.FindStringSubmatch(bare(tt.s)); m != nil {
			got = m[1]
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSVGBandsByHand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		low, high []float64
		bars      bool
		want      string
	}{
		{name: "whole", low: []float64{0, 0, 0, 0, 0}, high: []float64{1, 1, 1, 1, 1}, want: "M0 30h20h20h20h20v10h-20h-20h-20h-20z"},
		{name: "gap", low: []float64{0, 0, math.NaN(), 0, 0}, high: []float64{1, 1, 1, 1, 1}, want: "M0 30h20v10h-20zM60 30h20v10h-20z"},
		{name: "cut where it leaves the plot", low: []float64{3, 3, 3, 3, 3}, high: []float64{4, 6, 4, 4, 4}, want: "M0 0h20h20h20h20v10h-20h-20h-20h-20z"},
		{name: "crosses", low: []float64{0, 0, 0, 0, 0}, high: []float64{3, 5, 3, 3, 3}, want: "M0 10l10-10h10h10l10 10h20h20v30h-20h-20h-20h-20z"},
		{name: "bars", bars: true, low: []float64{0, math.NaN(), 1, 1, -9}, high: []float64{1, 1, 1, 2, 9},
			want: "M0 30v10M-3 30h6M-3 40h6M40 30h0M37 30h6M37 30h6M60 20v10M57 20h6M57 30h6M80 0v40"},
	} {
		s := bare(chart.Series{X: []float64{0, 1, 2, 3, 4}, Y: []float64{1, 1, 1, 1, 1}, Low: tt.low, High: tt.high, Bars: tt.bars})
		pattern := `fill-opacity="[.\d]+" d="([^"]*)"`
		if tt.bars {
			pattern = `stroke-width="1.25" d="([^"]*)"`
		}
		m := regexp.MustCompile(pattern).FindStringSubmatch(s)
		if m == nil || m[1] != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, m, tt.want)
		}
	}
}

// A log axis gives every decade the same length.
func TestSVGLog(t *testing.T) {
	t.Parallel()
	l := chart.Line{X: chart.Axis{Log: true, Min: 1, Max: 1e4}, Y: chart.Axis{Log: true, Min: 1e-4, Max: 1}, NoLegend: true,
		Series: []chart.Series{{X: []float64{1, 10, 100, 0, 1000, 1e4}, Y: []float64{1, 1e-1, 1e-2, 1, 1e-3, 1e-4}}}}
	m := strokes.FindStringSubmatch(l.SVG(88, 48))
	if want := "M0 0l20 10l20 10M60 30l20 10"; m == nil || m[1] != want {
		t.Errorf("%q, want %q", m, want)
	}
}

// A long series keeps its one spike and stays small, and is the same picture as a
// pyramid.
func TestSVGOfLongSeries(t *testing.T) {
	t.Parallel()
	const n = 1_000_000
	l := noisy(n)
	l.Title, l.NoLegend = "train/loss", true
	l.Series[2].Y[654_321] = 50
	svg := l.SVG(900, 400)
	wellFormed(t, svg)
	if len(svg) > 200_000 {
		t.Errorf("%d bytes", len(svg))
	}
	least := func(c []place) float64 {
		return slices.MinFunc(c, func(a, b place) int { return int(10 * (a.y - b.y)) }).y
	}
	curves := curvesOf(t, svg)
	if len(curves) != 4 || least(curves[2]) > least(curves[0])-100 {
		t.Errorf("the spike is lost")
	}
	for i := range l.Series {
		s, p := &l.Series[i], new(chart.Pyramid)
		for k, y := range s.Y {
			x := float64(k)
			if s.X != nil {
				x = s.X[k]
			}
			p.Append(x, y)
		}
		s.X, s.Y, s.Data = nil, nil, p
	}
	if l.SVG(900, 400) != svg {
		t.Error("a pyramid gives another picture")
	}
}

// Marks are thinned where there are too many, and only there.
func TestSVGOfManyMarks(t *testing.T) {
	t.Parallel()
	l := noisy(200_000)
	for i := range l.Series {
		l.Series[i].Dots = true
	}
	svg := l.SVG(900, 400)
	wellFormed(t, svg)
	if len(svg) > 200_000 || strings.Count(svg, "M") < 300 {
		t.Errorf("%d marks in %d bytes", strings.Count(svg, "M"), len(svg))
	}
	few := scaling().SVG(640, 400)
	if n := strings.Count(few, "a3 3 0 1 0 6 0a"); n != 6 {
		t.Errorf("%d dots, want 5 and one in the legend", n)
	}
}

// A mean is drawn over the faint line, and stays in the values' range.
func TestSVGSmooth(t *testing.T) {
	t.Parallel()
	s := chart.Series{X: []float64{0, 1, 2, 3, 4}, Y: []float64{0, 4, 0, 4, 0}, Smooth: 0.5}
	curves := curvesOf(t, bare(s))
	var got []float64
	for _, p := range curves[1] {
		got = append(got, p.y)
	}
	// Weights 1, 1/2, 1/4...: means 0, 8/3, 8/7, 8/3+..., each from 4 down in tens.
	want := []float64{40}
	sum, weight := 0.0, 0.0
	for i, y := range s.Y {
		sum, weight = sum/2+y, weight/2+1
		if i > 0 {
			want = append(want, math.Round(400-100*sum/weight)/10)
		}
	}
	if diff := cmp.Diff(want, got, approx); diff != "" || len(curves) != 2 {
		t.Errorf("%d curves; mean (-want +got):\n%s", len(curves), diff)
	}
}

// approx compares lengths as a picture has them.
var approx = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 0.11 })

// The names beside the plot never overlap, and none is lost without a word.
func TestSVGLegend(t *testing.T) {
	t.Parallel()
	l := rates()
	for i := range 30 {
		l.Series = append(l.Series, curve(fmt.Sprint("more ", i), chart.Categorical(i), 0.4, 60, 4))
	}
	svg := l.SVG(800, 300)
	var at []float64
	for _, m := range regexp.MustCompile(`<text(?: class="\w+")? x="[.\d]+" y="([.\d]+)">(more|\d+×|\+\d+ more)`).FindAllStringSubmatch(svg, -1) {
		var y float64
		if _, err := fmt.Sscan(m[1], &y); err != nil {
			t.Fatal(err)
		}
		at = append(at, y)
	}
	slices.Sort(at)
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] < 12 {
			t.Errorf("two names at %g and %g", at[i-1], at[i])
		}
	}
	if rest := fmt.Sprintf("+%d more", 33-(len(at)-1)); len(at) < 8 || !strings.Contains(svg, rest) {
		t.Errorf("%d names, and it does not say %q", len(at), rest)
	}
}

// Texts come through as they are, but for what no picture can hold.
func TestSVGEscapes(t *testing.T) {
	t.Parallel()
	l := rates()
	l.Title = `a<b & "c" ]]> 'd'`
	l.Series[0].Name = "x\x00y\x1b[31m\ufffez\u202e"
	texts := wellFormed(t, l.SVG(700, 300))
	for _, want := range []string{l.Title, "xyz"} {
		if !slices.Contains(texts, want) {
			t.Errorf("it does not say %q: %q", want, texts)
		}
	}
}

// Goal: a picture of 4 series with a million points each as soon as they are read
// once.
func BenchmarkSVG4x1e6(b *testing.B) {
	for name, l := range map[string]*chart.Line{"slices": noisy(1e6), "pyramids": long(1e6)} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = len(l.SVG(900, 400))
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
