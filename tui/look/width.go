package look

import (
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width is how many cells a text takes, escape sequences apart. Nearly all that is
// drawn is ASCII, colours and signs of one cell: that is counted here, twenty times
// as fast as anything that has to look for what belongs together.
func Width(text string) int {
	n := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c >= ' ' && c <= '~':
			n++
			i++
		case c == '\x1b':
			end := colours(text[i:])
			if end == 0 {
				return ansi.StringWidth(text)
			}
			i += end
		case c < utf8.RuneSelf:
			return ansi.StringWidth(text)
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if !single(r) {
				return ansi.StringWidth(text)
			}
			n++
			i += size
		}
	}
	return n
}

// colours is the length of the sequence of colours at the beginning of a text, 0 if
// it is another one.
func colours(text string) int {
	if len(text) < 2 || text[1] != '[' {
		return 0
	}
	for i := 2; i < len(text); i++ {
		switch c := text[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}

// single reports whether a rune is one cell that joins nothing: Latin letters,
// dashes and dots, lines, blocks, braille.
func single(r rune) bool {
	return 0xa1 <= r && r < 0x300 && r != 0xad || 0x2010 <= r && r <= 0x2027 || 0x2190 <= r && r <= 0x2193 ||
		0x2500 <= r && r <= 0x25cf && r != 0x25aa && r != 0x25ab && r != 0x25b6 && r != 0x25c0 || 0x2800 <= r && r <= 0x28ff
}
