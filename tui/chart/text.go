package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"
)

// clean makes a caller's text safe to place in a grid: harmless, with nothing that
// merges with its neighbours, and only characters that the glyphs allow.
func clean(s string, g Glyphs) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, Harmless(s))
	if g >= safeBraille {
		s = strings.Map(unambiguous, s)
	}
	// A text that starts with a combining mark would change the width of the
	// cell before it.
	if g == ASCII || ansi.StringWidth("x"+s+"x") != ansi.StringWidth(s)+2 {
		s = strings.Map(toASCII, s)
	}
	return s
}

// plain reports whether s is printable ASCII; nearly all labels are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// unambiguous replaces a character that takes one cell or two, as the terminal
// pleases.
func unambiguous(r rune) rune {
	east := displaywidth.Options{EastAsianWidth: true}
	if r >= utf8.RuneSelf && east.Rune(r) != displaywidth.Rune(r) {
		return toASCII(r)
	}
	return r
}

// toASCII replaces the signs that this program's labels use by look-alikes.
func toASCII(r rune) rune {
	switch r {
	case '×', '✗':
		return 'x'
	case '·', '•', '…':
		return '.'
	case '–', '—', '−':
		return '-'
	case '●', '★':
		return '*'
	case '✓':
		return '+'
	case '◌', '○', '°':
		return 'o'
	case '‖', '≈':
		return '='
	case '±':
		return '~'
	case '›', '▸', '≥', '→':
		return '>'
	case '≤', '←':
		return '<'
	case '↑', '▲':
		return '^'
	case '↓', '▼':
		return 'v'
	}
	if r < utf8.RuneSelf {
		return r
	}
	return '?'
}

// width is the number of cells that a clean text takes.
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// fit shortens a clean text to at most w cells, with an ellipsis where it cuts.
func fit(s string, w int, g Glyphs) string {
	switch {
	case w <= 0:
		return ""
	case width(s) <= w:
		return s
	case g.plain():
		return ansi.Truncate(s, w, "~")
	default:
		return ansi.Truncate(s, w, "…")
	}
}

// texts remembers what texts look like once they are clean and short enough,
// since both cost an allocation and a chart is drawn again and again.
type texts struct {
	glyphs Glyphs
	seen   map[textKey]text
	count  int // of what was left out the last time
	said   text
}

type textKey struct {
	raw    string
	width  int
	glyphs Glyphs
}

// text is a clean text and its width.
type text struct {
	s string
	w int
}

// remembered is how many texts are kept before all are forgotten.
const remembered = 1024

// fit is raw, clean, in at most w cells.
func (t *texts) fit(raw string, w int) text {
	if len(raw) <= w && plain(raw) {
		return text{raw, len(raw)}
	}
	key := textKey{raw, w, t.glyphs}
	if out, ok := t.seen[key]; ok {
		return out
	}
	if t.seen == nil || len(t.seen) >= remembered {
		t.seen = make(map[textKey]text)
	}
	s := fit(clean(raw, t.glyphs), w, t.glyphs)
	out := text{s, width(s)}
	t.seen[key] = out
	return out
}

// unlimited is a width that no text reaches.
const unlimited = 1 << 20
