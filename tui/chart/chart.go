// Package chart draws charts of text for a terminal: line charts, heat-map
// matrices, progress bars and sparklines. Every chart is a pure function of
// plain data and a size; nothing here knows a run, a file or a clock.
//
// Three promises hold for every chart and every input, and the fuzz tests
// guard them:
//
//   - a chart rendered at w x h is exactly h lines of exactly w cells;
//   - NaN and infinities are gaps, and never move an axis;
//   - colour is emitted once per run of equal colour, each line ends with the
//     colour off, and a Theme with NoColor emits no escape sequence at all.
//
// Colour never stands alone: a series has its name at its end (or a letter,
// without colour), a matrix cell has its number and a shade glyph.
//
// A line chart costs one pass over its points. Each dot column of the canvas
// keeps its lowest and highest dot, so a million points draw what a thousand
// would, spikes included. A caller that keeps a min/max pyramid may pass the
// pyramid's pairs as points and gets the same picture.
//
// Axes snap to round numbers, so that a live chart changes its bounds in jumps
// and the terminal repaints little between two of them.
package chart

import "cmp"

// Glyphs is the set of characters that charts are drawn with.
type Glyphs uint8

// The sets, from the finest to the plainest.
const (
	// Braille has 2x4 dots a cell and box drawing; the default.
	Braille Glyphs = iota
	// Blocks has 1x2 half blocks a cell, for fonts without braille such as the
	// Linux console's.
	Blocks
	// ASCII uses printable ASCII only, for LANG=C.
	ASCII
)

// Color names a colour by its role; a Theme says what it looks like. The zero
// Color is the terminal's own foreground.
type Color uint8

// Roles beside the categorical colours (see Categorical).
const (
	// Default is the terminal's own foreground.
	Default Color = 0
	// Muted is for axes, units and everything that must not compete with data.
	Muted Color = categories + iota
	// Faint is for what lies beneath: ghosts, and a line under its mean.
	Faint
	// Good and Bad are for verdicts, beside a word or a glyph that says it.
	Good
	Bad
)

// categories is the number of categorical colours.
const categories = 8

// Categorical is the i-th colour for telling series apart, from 0. There are
// eight; further ones start again.
func Categorical(i int) Color {
	return Color(1 + (i%categories+categories)%categories)
}

// Theme gives colours as indices into the 256 colours of xterm. The zero Theme
// is a palette made for both dark and light backgrounds.
type Theme struct {
	// NoColor emits no escape sequence at all.
	NoColor bool
	// Series are the categorical colours; all zero means the standard ones.
	Series [categories]uint8
	// Muted is the colour of axes; zero means the standard grey.
	Muted uint8
	// Faint, Good and Bad are the colours of these roles; zero means the standard
	// ones.
	Faint, Good, Bad uint8
}

// The themes. Standard is the zero Theme.
func Dark() Theme { return Theme{} }

// Light is for light backgrounds.
func Light() Theme { return Theme{} }

// HighContrast has a contrast of at least 7 against a dark or a light
// background.
func HighContrast(light bool) Theme { return Theme{} }

// Sixteen uses only the sixteen colours that every terminal has, as its owner
// has set them.
func Sixteen(light bool) Theme {
	return Theme{Series: [8]uint8{6, 5, 2, 3, 4, 1, 14, 13}, Muted: 8, Faint: 8, Good: 2, Bad: 1}
}

// standard was chosen by search over the colour cube: every colour has a
// contrast of at least 3 against black and against white, and every two keep a
// distance under simulated protanopia, deuteranopia and tritanopia. The order
// puts the most different ones first.
func standard() [categories]uint8 {
	return [categories]uint8{32, 166, 29, 126, 92, 58, 97, 63}
}

// standardMuted has a contrast above 3 against black and against white.
const standardMuted = 244

// Index is the xterm-256 index of c, or -1 for the terminal's own foreground.
func (t Theme) Index(c Color) int {
	switch c {
	case Default:
		return -1
	case Muted:
		return int(cmp.Or(t.Muted, standardMuted))
	case Faint:
		return int(cmp.Or(t.Faint, t.Muted, standardMuted))
	case Good:
		return int(cmp.Or(t.Good, standard()[2]))
	case Bad:
		return int(cmp.Or(t.Bad, standard()[1]))
	}
	switch {
	case c > Bad:
		return -1
	case t.Series == [categories]uint8{}:
		return int(standard()[c-1])
	default:
		return int(t.Series[c-1])
	}
}

// Style is how a chart is drawn, as opposed to what it shows.
type Style struct {
	Theme  Theme
	Glyphs Glyphs
	// WideAmbiguous is for terminals that draw characters of East Asian Ambiguous
	// width in two cells: only characters that are one cell wide there, too, are
	// used, which leaves braille and ASCII.
	WideAmbiguous bool
}
