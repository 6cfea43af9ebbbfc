package look

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"

	"ablate/tui/chart"
)

// Safe makes a line of a screen, with its escape sequences, one that the terminal
// shows in the width that it has here: characters on whose width terminals
// disagree are replaced by others, and so is what a style cannot show.
func Safe(line string, s chart.Style) string {
	if ascii(line) {
		return line
	}
	if !agreed(line) {
		line = steady(line)
	}
	switch {
	case s.Glyphs == chart.ASCII:
		return Plain(line)
	case s.WideAmbiguous:
		return narrow(line)
	}
	return line
}

func ascii(line string) bool {
	for i := range len(line) {
		if line[i] >= 0x80 {
			return false
		}
	}
	return true
}

// agreed reports whether a line has only characters that stand for themselves:
// Latin, punctuation, signs, braille, CJK.
func agreed(line string) bool {
	for _, r := range line {
		switch {
		case r < 0x300 && r != 0xad, 0x2010 <= r && r <= 0x2027, 0x2030 <= r && r <= 0x205e, 0x2190 <= r && r <= 0x2bff:
		case 0x3000 <= r && r <= 0xd7a3 && (r < 0x302a || r > 0x302f) && r != 0x3099 && r != 0x309a:
		case 0xff01 <= r && r <= 0xffe6:
		default:
			return false
		}
	}
	return true
}

// steady replaces what is as wide as its parts in one terminal and as wide as the
// whole in another, as a flag or a family of faces, and drops what is invisible.
func steady(line string) string {
	var b strings.Builder
	for line != "" {
		if line[0] == '\x1b' {
			seq, _, n, _ := ansi.DecodeSequence(line, 0, nil)
			b.WriteString(seq)
			line = line[n:]
			continue
		}
		sign, w := ansi.FirstGraphemeCluster(line, ansi.GraphemeWidth)
		switch {
		case w == 0: // invisible, or it would join what is before it
		case ansi.StringWidthWc(sign) != w || strings.ContainsFunc(sign, joins):
			b.WriteString(strings.Repeat("?", w))
		default:
			b.WriteString(sign)
		}
		line = line[len(sign):]
	}
	return b.String()
}

// joins reports whether a rune is for terminals that draw several as one: what is
// invisible, and the letters of flags.
func joins(r rune) bool { return unicode.Is(unicode.Cf, r) || 0x1f1e6 <= r && r <= 0x1f1ff }

// Told is a text for a control string, such as the title of a window: one line, and
// none of its bytes is what ends such a string in terminals that look at bytes.
func Told(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.IndexByte(string(r), 0x9c) >= 0 {
			return '?'
		}
		return r
	}, Harmless(text))
}

// Plain replaces what a terminal without UTF-8 cannot show by ASCII of the same
// width.
func Plain(s string) string {
	return replaced(s, func(rune) bool { return false })
}

// narrow replaces what is two cells wide in terminals of East Asia and one cell
// elsewhere.
func narrow(s string) string {
	wide := displaywidth.Options{EastAsianWidth: true}
	return replaced(s, func(r rune) bool { return wide.Rune(r) == displaywidth.Rune(r) })
}

// replaced is a text whose runes, but for ASCII and those that may stay, are
// look-alikes of the same width.
func replaced(s string, stays func(rune) bool) string {
	var b strings.Builder
	for _, r := range s {
		p, known := lookAlike(r)
		switch {
		case r < 0x80 || stays(r):
			b.WriteRune(r)
		case known:
			b.WriteRune(p)
		default:
			b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
		}
	}
	return b.String()
}

func lookAlike(r rune) (rune, bool) {
	switch r {
	case '●', '•':
		return '*', true
	case '✓':
		return '+', true
	case '✗', '×':
		return 'x', true
	case '◌', '°', '○':
		return 'o', true
	case '‖', '≈':
		return '=', true
	case '–', '—', '−', '─':
		return '-', true
	case '·', '…':
		return '.', true
	case '│', '┤', '├', '▕', '▏':
		return '|', true
	case '└', '┌', '┐', '┘', '┼', '┬', '┴':
		return '+', true
	case '↑', '▲':
		return '^', true
	case '↓', '▾', '▼':
		return 'v', true
	case '←', '‹', '≤', '◂':
		return '<', true
	case '→', '›', '≥', '▸':
		return '>', true
	case '±':
		return '~', true
	case '╱':
		return '/', true
	case '╲':
		return '\\', true
	case '★', '█', '▓', '▒':
		return '#', true
	case '░':
		return ':', true
	}
	return r, false
}
