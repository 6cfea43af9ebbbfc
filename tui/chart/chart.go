// Package chart draws charts of text for a terminal: line charts, scatters,
// heat-map matrices, stacks of verdicts, time lines of phases, progress bars and
// sparklines. Every chart is a pure function of plain data and a size; nothing
// here knows a run, a file or a clock.
//
// Three promises hold for every chart and every input, and the fuzz tests
// guard them:
//
//   - a chart rendered at w x h is exactly h lines of exactly w cells;
//   - NaN and infinities are gaps, and never move an axis;
//   - colour is emitted once per run of equal colour, each line ends with the
//     colour off, and a Theme with NoColor emits no escape sequence at all.
//
// Colour never stands alone: a series has its name at its end, and a letter
// along it where colours are missing or repeat; a matrix cell has its number and
// a shade glyph; a verdict its word.
//
// A line chart costs one pass over its points. Each dot column of the canvas
// keeps its lowest and highest dot, so a million points draw what a thousand
// would, spikes included. A Pyramid gives the same picture at a cost that depends
// on the columns alone, and a Renderer draws it without allocating. A Window is
// the part of a chart that is shown; it, too, is a plain value.
//
// Every chart is an SVG picture, too, for reports: with the ranges, the ticks and
// the values of the terminal's, as they come from the same code.
//
// Axes snap to round numbers, so that a live chart changes its bounds in jumps
// and the terminal repaints little between two of them.
package chart

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

// Style is how a chart is drawn, as opposed to what it shows.
type Style struct {
	Theme  Theme
	Glyphs Glyphs
	// WideAmbiguous is for terminals that draw characters of East Asian Ambiguous
	// width in two cells: only characters that are one cell wide there, too, are
	// used, which leaves braille and ASCII.
	WideAmbiguous bool
}

// Beside the exported sets there are two for terminals where ambiguous
// characters are wide.
const (
	// safeBraille has braille for curves and ASCII for all else.
	safeBraille Glyphs = 0xfe
	// safeASCII is ASCII, beside texts that have wide characters.
	safeASCII Glyphs = 0xff
)

// Set is the glyphs to draw with, for Bar and the like: those of the style, or
// safe ones where ambiguous characters are wide.
func (s Style) Set() Glyphs {
	switch {
	case !s.WideAmbiguous:
		return s.Glyphs
	case s.Glyphs == Blocks || s.Glyphs == ASCII:
		return safeASCII
	default:
		return safeBraille
	}
}

// plain reports whether everything but curves is drawn in ASCII.
func (g Glyphs) plain() bool { return g == ASCII || g >= safeBraille }
