package chart_test

import (
	"math"
	"strings"
	"testing"

	"ablate/tui/chart"
)

// linear is the linear red, green and blue of an index into xterm's colour
// cube or its greys.
func linear(index int) [3]float64 {
	cube := [6]float64{0, 95, 135, 175, 215, 255}
	var v [3]float64
	if index >= 232 {
		grey := float64(8 + 10*(index-232))
		v = [3]float64{grey, grey, grey}
	} else {
		i := index - 16
		v = [3]float64{cube[i/36], cube[i/6%6], cube[i%6]}
	}
	for k, c := range v {
		c /= 255
		if c <= 0.04045 {
			v[k] = c / 12.92
		} else {
			v[k] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return v
}

// contrast is the ratio of WCAG 2 between two luminances.
func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func luminance(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// lab is CIE L*a*b* under D65.
func lab(c [3]float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(luminance(c))
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// The matrices of Machado, Oliveira and Fernandes (2009) at full severity.
var visions = map[string][3][3]float64{
	"normal": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deutan": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritan": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func seen(c [3]float64, m [3][3]float64) (out [3]float64) {
	for i := range out {
		out[i] = min(1, max(0, m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2]))
	}
	return out
}

func TestPaletteIsLegible(t *testing.T) {
	t.Parallel()
	var theme chart.Theme
	for _, c := range []chart.Color{1, 2, 3, 4, 5, 6, 7, 8, chart.Muted} {
		l := luminance(linear(theme.Index(c)))
		if dark, light := contrast(l, 0), contrast(l, 1); dark < 3 || light < 3 {
			t.Errorf("colour %d (%d) has contrast %.2f on black and %.2f on white", c, theme.Index(c), dark, light)
		}
	}
}

func TestPaletteForColourBlind(t *testing.T) {
	t.Parallel()
	var theme chart.Theme
	for name, m := range visions {
		for i := range 8 {
			for j := range i {
				a := lab(seen(linear(theme.Index(chart.Categorical(i))), m))
				b := lab(seen(linear(theme.Index(chart.Categorical(j))), m))
				if d := math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2]); d < 11 {
					t.Errorf("%s: colours %d and %d are %.1f apart", name, j, i, d)
				}
			}
		}
	}
}

// A theme for one background has more contrast to it than one for both, and its
// colours stay apart for everybody.
func TestThemesAreLegible(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		theme       chart.Theme
		background  float64 // luminance
		series, any float64 // least contrast
	}{
		{"dark", chart.Dark(), 0, 5, 3},
		{"light", chart.Light(), 1, 4.5, 3},
		{"high contrast, dark", chart.HighContrast(false), 0, 7, 7},
		{"high contrast, light", chart.HighContrast(true), 1, 7, 7},
	} {
		for c := chart.Color(1); c <= chart.Bad; c++ {
			least := tt.any
			if c < chart.Muted {
				least = tt.series
			}
			if got := contrast(luminance(linear(tt.theme.Index(c))), tt.background); got < least {
				t.Errorf("%s: colour %d (%d) has a contrast of %.1f, want %g", tt.name, c, tt.theme.Index(c), got, least)
			}
		}
		for name, m := range visions {
			for i := range 8 {
				for j := range i {
					a := lab(seen(linear(tt.theme.Index(chart.Categorical(i))), m))
					b := lab(seen(linear(tt.theme.Index(chart.Categorical(j))), m))
					if d := math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2]); d < 13 {
						t.Errorf("%s, %s: colours %d and %d are %.1f apart", tt.name, name, j, i, d)
					}
				}
			}
		}
	}
}

// Sixteen colours are named as every terminal understands it.
func TestSixteen(t *testing.T) {
	t.Parallel()
	for _, light := range []bool{false, true} {
		theme := chart.Sixteen(light)
		for c := chart.Color(1); c <= chart.Bad; c++ {
			if i := theme.Index(c); i < 1 || i > 15 {
				t.Errorf("colour %d is %d", c, i)
			}
		}
		l := intervals()
		l.Style.Theme = theme
		if s := l.Render(80, 20); strings.Contains(s, "38;5;") || !strings.Contains(s, "\x1b[3") && !strings.Contains(s, "\x1b[9") {
			t.Errorf("escapes of 256 colours, or none: %q", s)
		}
	}
}

func TestThemeIndex(t *testing.T) {
	t.Parallel()
	own := chart.Theme{Series: [8]uint8{9, 10, 11}, Muted: 8}
	for _, tt := range []struct {
		name  string
		theme chart.Theme
		color chart.Color
		want  int
	}{
		{"terminal's own", chart.Theme{}, chart.Default, -1},
		{"unknown", chart.Theme{}, chart.Bad + 1, -1},
		{"first", chart.Theme{}, chart.Categorical(0), 32},
		{"starts again", chart.Theme{}, chart.Categorical(8), 32},
		{"negative", chart.Theme{}, chart.Categorical(-8), 32},
		{"own", own, chart.Categorical(1), 10},
		{"own grey", own, chart.Muted, 8},
	} {
		if got := tt.theme.Index(tt.color); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// One escape sequence a colour run: the golden chart with three series needs no
// more than one for each change along each line.
func TestFewEscapes(t *testing.T) {
	t.Parallel()
	if n := strings.Count(rates().Render(68, 11), "\x1b"); n > 11*6 {
		t.Errorf("%d escape sequences in 11 lines", n)
	}
}
