package chart

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Harmless is a text from outside in one line, without anything that moves a
// terminal's cursor or turns the direction of what follows.
func Harmless(text string) string {
	if plain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0, unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, ansi.Strip(strings.ToValidUTF8(text, "?")))
}
