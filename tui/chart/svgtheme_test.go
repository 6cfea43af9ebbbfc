package chart_test

import (
	"regexp"
	"strings"
	"testing"

	"ablate/tui/chart"
)

var (
	classRule = regexp.MustCompile(`\.ablate-chart \.(\w+)\{color:#(\w{6})\}`)
	classUse  = regexp.MustCompile(` class="(\w+)"`)
)

// every is a chart in all colours.
func every(t chart.Theme) string {
	l := chart.Line{Style: chart.Style{Theme: t}}
	for c := range chart.Bad + 1 {
		s := curve("curve", c, 0.3, 60, 4)
		l.Series = append(l.Series, s)
	}
	return l.SVG(900, 400)
}

// hexLuminance is that of a colour in hex.
func hexLuminance(t *testing.T, hex string) float64 {
	t.Helper()
	index := map[string]int{"00": 0, "5f": 1, "87": 2, "af": 3, "d7": 4, "ff": 5}
	r, okR := index[hex[:2]]
	g, okG := index[hex[2:4]]
	b, okB := index[hex[4:]]
	if okR && okG && okB {
		return luminance(linear(16 + 36*r + 6*g + b))
	}
	if hex[:2] == hex[2:4] && hex[:2] == hex[4:] {
		for i := 232; i < 256; i++ {
			if grey := 8 + 10*(i-232); strings.EqualFold(hex[:2], string("0123456789abcdef"[grey/16])+string("0123456789abcdef"[grey%16])) {
				return luminance(linear(i))
			}
		}
	}
	t.Fatalf("%s is no colour of the cube", hex)
	return 0
}

// Every colour in use has a rule for light and one for dark paper, in which a name
// written in it can be read: a contrast of 4.5 to the paper, 3 for what only lies
// beneath.
func TestSVGColours(t *testing.T) {
	t.Parallel()
	const white, dark = 1.0, 0.0060 // the luminances of #fff and #101214
	for _, theme := range []chart.Theme{{}, chart.Dark(), chart.Light(), chart.HighContrast(true), chart.HighContrast(false), chart.Sixteen(true), {NoColor: true}} {
		light, rest, ok := strings.Cut(every(theme), "@media (prefers-color-scheme:dark)")
		if !ok {
			t.Fatal("no colours for dark")
		}
		darkRules, body, _ := strings.Cut(rest, "</style>")
		for name, page := range map[string]struct {
			rules string
			paper float64
		}{"light": {light, white}, "dark": {darkRules, dark}} {
			has := map[string]bool{"paper": true}
			for _, m := range classRule.FindAllStringSubmatch(page.rules, -1) {
				has[m[1]] = true
				least := 4.5
				if m[1] == "faint" {
					least = 2.8
				}
				if c := contrast(hexLuminance(t, m[2]), page.paper); c < least {
					t.Errorf("%v on %s: %s #%s has a contrast of %.2f", theme, name, m[1], m[2], c)
				}
			}
			for _, m := range classUse.FindAllStringSubmatch(body, -1) {
				if !has[m[1]] {
					t.Fatalf("%s has no colour on %s", m[1], name)
				}
			}
		}
	}
}

// A theme of one's own is kept.
func TestSVGOwnTheme(t *testing.T) {
	t.Parallel()
	own := chart.Dark()
	own.Series[0] = 201
	if svg := every(own); strings.Count(svg, ".c1{color:#ff00ff}") != 2 {
		t.Error("another colour than the theme's")
	}
}

// Curves are told apart without colour: by the form of their marks.
func TestSVGWithoutColour(t *testing.T) {
	t.Parallel()
	marks := map[string]bool{}
	for _, m := range regexp.MustCompile(`<path (class="paper"|fill="currentColor")[^>]* d="M[-.\d]+[ -][-.\d]+(m[^"]*)"`).FindAllStringSubmatch(every(chart.Theme{}), -1) {
		marks[m[1]+m[2]] = true
	}
	if len(marks) != 8 {
		t.Errorf("%d kinds of marks, want 8", len(marks))
	}
}
