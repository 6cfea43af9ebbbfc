package look

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"

	"ablate/tui/chart"
)

func TestSafe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, line string
		style      chart.Style
		want       string
	}{
		{"what is plain stays", "loss 0.5", chart.Style{}, "loss 0.5"},
		{"our own signs stay", "● 3 × 2 │ ⣀⠤ … ±", chart.Style{}, "● 3 × 2 │ ⣀⠤ … ±"},
		{"Chinese, Japanese and Korean stay", "内存不足：か゚ 한국어", chart.Style{}, "内存不足：か゚ 한국어"},
		{"colours stay", "\x1b[31m×\x1b[m", chart.Style{}, "\x1b[31m×\x1b[m"},
		{"a family is a question", "a👩‍👩‍👧b", chart.Style{}, "a??b"},
		{"a flag, too", "a🇨🇳b", chart.Style{}, "a??b"},
		{"what is invisible goes", "a\u200bb\u00adc", chart.Style{}, "abc"},
		{"ASCII", "● 3 × 2 │ … 内", chart.Style{Glyphs: chart.ASCII}, "* 3 x 2 | . ??"},
		{"wide", "● 3 × 2 │ … 内 ⣀ ✓ α", chart.Style{WideAmbiguous: true}, "* 3 x 2 | . 内 ⣀ ✓ ?"},
	} {
		got := Safe(tt.line, tt.style)
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a👩‍👩‍👧b 内 \u0301 \x1b[31m×", uint8(0))
	f.Add("🇨🇳 ❤️ क्षि \u200b", uint8(1))
	f.Add("0\ufe0f\xff", uint8(2))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		text = Fit(Harmless(text), 40)
		s := []chart.Style{{}, {Glyphs: chart.ASCII}, {WideAmbiguous: true}}[kind%3]
		got := Safe(text, s)
		if w := Width(got); w != 40 {
			t.Errorf("%d cells: %q of %q", w, got, text)
		}
		if w := ansi.StringWidthWc(got); w != 40 {
			t.Errorf("%d cells where every character stands for itself: %q of %q", w, got, text)
		}
		if w := (displaywidth.Options{EastAsianWidth: true}).String(got); s.WideAmbiguous && w != 40 {
			t.Errorf("%d cells in East Asia: %q of %q", w, got, text)
		}
		if s.Glyphs == chart.ASCII && strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("not ASCII: %q", got)
		}
	})
}

// What is counted quickly is as wide as ansi says.
func FuzzWidth(f *testing.F) {
	f.Add("loss \x1b[1;38;5;244m0.5\x1b[m │ ⣀⠤ … ±")
	f.Add("▶️ ↔️ a\u0301 \x1b[2J 内 \x1b]0;x\x07 é")
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Width(text), ansi.StringWidth(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	})
}

func BenchmarkFit(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("step 12 loss 0.5 ", 9), "styled": strings.Repeat("\x1b[38;5;244m│\x1b[m 0.5 ⣀⠤ ", 12), "chinese": strings.Repeat("内存不足 ", 14),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = Fit(text, 160)
			}
		})
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ keys, text, view string }{
		{"a b c", "abc", "abc_      "},
		{"a b ← c", "acb", "acb       "},
		{"a b home c ctrl+k", "c", "c_        "},
		{"内 存 backspace d", "内d", "内d_      "},
		{"a space b c ctrl+w", "a ", "a _       "},
		{"a b ← ← delete", "b", "b         "},
		{"a b ctrl+u x", "x", "x_        "},
		{"a b space c . d ctrl+left x", "ab xc.d", "ab xc.d   "},
		{"a b space c home ctrl+right x", "abx c", "abx c     "},
		{"a b home ctrl+d ctrl+f c", "bc", "bc_       "},
		{"0 1 2 3 4 5 6 7 8 9 a b", "0123456789ab", "3456789ab_"},
		{"0 1 2 3 4 5 6 7 8 9 a b home", "0123456789ab", "0123456789"},
	} {
		var i Input
		for key := range strings.FieldsSeq(tt.keys) {
			typed := ""
			if len([]rune(key)) == 1 && key != "←" {
				typed = key
			}
			if key == "space" {
				typed = " "
			}
			if !i.Press(key, typed) {
				t.Errorf("%s is no key of a line", key)
			}
		}
		if i.Text() != tt.text {
			t.Errorf("%s: %q, want %q", tt.keys, i.Text(), tt.text)
		}
		view := i.View(New(chart.Style{}), 10)
		if got := strings.Replace(ansi.Strip(view), "\x00", "_", 1); Width(view) != 10 || strings.TrimRight(got, " ") != strings.TrimRight(strings.ReplaceAll(tt.view, "_", " "), " ") {
			t.Errorf("%s: shows %q, want %q", tt.keys, got, tt.view)
		}
	}
	var i Input
	i.Set("0.004")
	i.Choose()
	if got := ansi.Strip(i.View(New(chart.Style{}), 8)); got != "0.004   " {
		t.Errorf("what is chosen is shown as %q", got)
	}
	if i.Update(tea.PasteMsg{Content: "a\n\x1b[31mb"}); i.Text() != "a b" || i.Bar() != "a b▏" {
		t.Errorf("%q, pasted over what was chosen", i.Bar())
	}
	i.Choose()
	if i.Press("left", ""); i.Bar() != "a ▏b" {
		t.Errorf("%q, the cursor moved", i.Bar())
	}
	i.Choose()
	if i.Press("backspace", ""); i.Text() != "" {
		t.Errorf("%q, what was chosen was deleted", i.Text())
	}
	if i.Press("", strings.Repeat("内", 9999)); len(i.Text()) > longest || !utf8.ValidString(i.Text()) {
		t.Errorf("%d bytes were taken", len(i.Text()))
	}
	if i.Press("pgdn", "") || i.Press("tab", "") {
		t.Error("a line takes keys that are not its own")
	}
}

// Every role can be read on the background that its theme is for: WCAG's contrast
// is at least 3, and 7 in the one for high contrast.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		theme Theme
		light bool
		want  float64
	}{{Dark, false, 3}, {Light, true, 3}, {Contrast, false, 7}, {Contrast, true, 7}} {
		l := Themed(chart.Style{}, tt.theme, tt.light, false)
		for name, style := range map[string]interface{ Render(...string) string }{"accent": l.Accent, "muted": l.Muted, "good": l.Good, "bad": l.Bad, "warn": l.Warn} {
			text := style.Render("x")
			_, after, ok := strings.Cut(text, "38;5;")
			if !ok {
				continue // one of the sixteen, whose look is the user's own
			}
			index := 0
			for _, r := range after {
				if r < '0' || r > '9' {
					break
				}
				index = 10*index + int(r-'0')
			}
			c := luminance(index)
			ratio := (c + 0.05) / 0.05
			if tt.light {
				ratio = 1.05 / (c + 0.05)
			}
			if ratio < tt.want {
				t.Errorf("%v on light=%v: %s has contrast %.1f, want %v", tt.theme, tt.light, name, ratio, tt.want)
			}
		}
	}
	if l := Themed(chart.Style{Theme: chart.Theme{NoColor: true}}, Contrast, false, false); strings.Contains(l.Good.Render("x"), "\x1b[") {
		t.Error("a theme has colour where there is none")
	}
}

// luminance is that of one of xterm's 256 colours, from 0 to 1, as WCAG has it.
func luminance(index int) float64 {
	var rgb [3]float64
	switch {
	case index >= 232:
		for i := range rgb {
			rgb[i] = float64(8 + 10*(index-232))
		}
	default:
		steps := [6]float64{0, 95, 135, 175, 215, 255}
		index -= 16
		rgb = [3]float64{steps[index/36], steps[index/6%6], steps[index%6]}
	}
	for i, v := range rgb {
		if v /= 255; v <= 0.03928 {
			rgb[i] = v / 12.92
		} else {
			rgb[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}

// A line never ends between a minus and its number, which would read as another.
func TestWrapKeepsTheMinus(t *testing.T) {
	t.Parallel()
	for w := 4; w < 40; w++ {
		for _, line := range Wrap("0.0 points [-63.5, +63.5] of well-known -7", w) {
			if strings.HasSuffix(strings.TrimRight(line, " "), "[-") || line == "-" {
				t.Errorf("in %d cells a line ends in a minus: %q", w, line)
			}
		}
	}
	if got := strings.Join(Wrap("a -5 b", 3), "/"); got != "a/-5/b" {
		t.Errorf("got %q", got)
	}
}

// No byte of what stands in a control string ends one.
func TestTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"ÄÖÜ 圜": "ÄÖ? ?", "内存": "内存", "a\x1b]0;x\x07\nb": "a b", "\x9c": "?"} {
		if got := Told(text); got != want {
			t.Errorf("Told(%q) = %q, want %q", text, got, want)
		}
	}
}
