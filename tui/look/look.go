// Package look is how things are drawn: one accent, a status by glyph and colour,
// and text that fits its place whatever it is.
package look

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// Look holds the styles that all pages share. Colour never stands alone: every
// style is for text that says the same without it.
type Look struct {
	Chart  chart.Style
	Accent Style // what goes on, and where the cursor is
	Muted  Style
	Bold   Style
	Key    Style // a key that can be pressed
	Good   Style
	Bad    Style
	Warn   Style // what is not right and not broken
	Head   Style // the head of a table
	Match  Style // what a search found
	Cursor Style // the row under the cursor
}

// New is the look of a terminal that shows charts in a style.
func New(s chart.Style) Look {
	plain, bold := Style{}, newStyle(true, false, false, "")
	l := Look{
		Chart: s, Accent: bold, Muted: plain, Bold: bold, Key: bold, Good: plain, Bad: bold, Warn: bold,
		Head: newStyle(false, true, false, ""), Match: newStyle(true, true, false, ""), Cursor: newStyle(false, false, true, ""),
	}
	if s.Theme.NoColor {
		return l
	}
	return l.coloured(palette{"6", "244", "2", "1", "3"})
}

// Status is a status by glyph, word and colour.
func (l Look) Status(s store.Status) string {
	return l.StatusStyle(s).Render(report.Glyph(s) + " " + string(s))
}

// StatusStyle is the colour of a status, for a text that says it.
func (l Look) StatusStyle(s store.Status) Style {
	switch s {
	case store.Done:
		return l.Good
	case store.Running:
		return l.Accent
	case store.Failed, store.Lost, store.Stalled:
		return l.Bad
	default:
		return l.Muted
	}
}

// Fit makes a harmless text, which may have colours, exactly w cells wide.
func Fit(text string, w int) string {
	if w <= 0 {
		return ""
	}
	n := Width(text)
	if n > w {
		text = ansi.Truncate(text, w, "…")
		n = Width(text)
	}
	if n >= w {
		return text
	}
	return text + blanks(w-n)
}

// blanks is n spaces.
func blanks(n int) string {
	const some = "                                                                                                                                "
	if n <= len(some) {
		return some[:n]
	}
	return strings.Repeat(" ", n)
}

// Harmless is text from outside in one line without anything that moves the
// cursor.
func Harmless(text string) string { return chart.Harmless(text) }

// minus binds a sign to its number with a hyphen at which no line ends.
var minus = strings.NewReplacer("-0", whole+"0", "-1", whole+"1", "-2", whole+"2", "-3", whole+"3", "-4", whole+"4",
	"-5", whole+"5", "-6", whole+"6", "-7", whole+"7", "-8", whole+"8", "-9", whole+"9")

const whole = "\u2011"

// Wrap cuts a text into lines of at most w cells; the last of at most wrapLines
// says that there was more. A minus stays with its number.
func Wrap(text string, w int) []string {
	const wrapLines = 6
	lines := strings.Split(strings.ReplaceAll(ansi.Wrap(minus.Replace(text), max(w, 1), ""), whole, "-"), "\n")
	if len(lines) > wrapLines {
		lines = append(lines[:wrapLines-1], Fit(lines[wrapLines-1], w-1)+"…")
	}
	return lines
}

// Box makes a text exactly h lines of w cells.
func Box(lines []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], w)
		} else {
			out[i] = strings.Repeat(" ", w)
		}
	}
	return out
}

// Beside joins two blocks of equal height with a gap between them.
func Beside(left, right []string, gap string) []string {
	out := make([]string, len(left))
	for i := range left {
		out[i] = left[i] + gap + right[i]
	}
	return out
}

// Strip is a text without its escape sequences.
func Strip(text string) string { return ansi.Strip(text) }
