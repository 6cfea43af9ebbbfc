package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// clean makes a caller's text safe to place in a grid: no escape sequence, no
// control character, nothing that merges with its neighbours, and only ASCII
// where the glyphs demand it.
func clean(s string, g Glyphs) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, ansi.Strip(strings.ToValidUTF8(s, "?")))
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

// toASCII replaces the signs that this program's labels use by look-alikes.
func toASCII(r rune) rune {
	switch r {
	case '×':
		return 'x'
	case '·', '•':
		return '.'
	case '–', '—', '−':
		return '-'
	case '●':
		return '*'
	case '✓':
		return '+'
	case '✗':
		return 'x'
	case '◌':
		return 'o'
	case '‖':
		return '='
	case '±':
		return '~'
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
	case g == ASCII:
		return ansi.Truncate(s, w, "~")
	default:
		return ansi.Truncate(s, w, "…")
	}
}
