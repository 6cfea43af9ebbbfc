package tui

import (
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// look is how things are drawn: one accent, status by glyph and colour.
type look struct {
	chart  chart.Style
	accent lipgloss.Style
	muted  lipgloss.Style
	bold   lipgloss.Style
	key    lipgloss.Style
	good   lipgloss.Style
	bad    lipgloss.Style
	cursor lipgloss.Style
}

func newLook(s chart.Style) look {
	plain := lipgloss.NewStyle()
	l := look{chart: s, accent: plain.Bold(true), muted: plain, bold: plain.Bold(true), key: plain.Bold(true), good: plain, bad: plain.Bold(true), cursor: plain.Reverse(true)}
	if s.Theme.NoColor {
		return l
	}
	l.accent = l.accent.Foreground(lipgloss.Color("6"))
	l.muted = l.muted.Foreground(lipgloss.Color("244"))
	l.good = l.good.Foreground(lipgloss.Color("2"))
	l.bad = l.bad.Foreground(lipgloss.Color("1"))
	return l
}

// status is a status by glyph, word and colour.
func (l look) status(s store.Status) string {
	text := report.Glyph(s) + " " + string(s)
	switch s {
	case store.Done:
		return l.good.Render(text)
	case store.Running:
		return l.accent.Render(text)
	case store.Failed, store.Lost, store.Stalled:
		return l.bad.Render(text)
	default:
		return l.muted.Render(text)
	}
}

// fit makes text exactly w cells wide: what an escape sequence or a control
// character in data would do to the screen is taken out first.
func fit(text string, w int) string {
	if w <= 0 {
		return ""
	}
	text = ansi.Truncate(text, w, "…")
	return text + strings.Repeat(" ", max(0, w-ansi.StringWidth(text)))
}

// harmless is text from outside in one line without anything that moves the
// cursor.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, ansi.Strip(strings.ToValidUTF8(text, "?")))
}

// wrap cuts a text into lines of at most w cells; the last of at most wrapLines
// says that there was more.
func wrap(text string, w int) []string {
	const wrapLines = 6
	lines := strings.Split(ansi.Wrap(text, max(w, 1), ""), "\n")
	if len(lines) > wrapLines {
		lines = append(lines[:wrapLines-1], fit(lines[wrapLines-1], w-1)+"…")
	}
	return lines
}

// box makes a text exactly h lines of w cells.
func box(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = fit(lines[i], w)
		} else {
			out[i] = strings.Repeat(" ", w)
		}
	}
	return out
}

// beside joins two blocks of equal height with a gap between them.
func beside(left, right []string, gap string) []string {
	out := make([]string, len(left))
	for i := range left {
		out[i] = left[i] + gap + right[i]
	}
	return out
}

// plain replaces what a terminal without UTF-8 cannot show by ASCII of the same
// width.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		if p, ok := substitutes()[r]; ok {
			b.WriteRune(p)
			continue
		}
		b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
	}
	return b.String()
}

func substitutes() map[rune]rune {
	return map[rune]rune{
		'●': '*', '✓': '+', '✗': 'x', '◌': 'o', '‖': '=', '–': '-', '·': '.', '×': 'x', '│': '|', '─': '-',
		'…': '.', '↑': '^', '↓': 'v', '±': '~', '›': '>', '╱': '/', '≥': '>', '°': 'o', '★': '#',
	}
}
