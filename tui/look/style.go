package look

import (
	"strconv"
	"strings"
)

// Style is how a text looks: the escape sequence that begins it, worked out once
// and not for every text. The zero value is plain.
type Style struct {
	bold, underline, reverse bool
	colour                   string // an index of xterm's 256, "" for the terminal's own
	begins                   string
}

func newStyle(bold, underline, reverse bool, colour string) Style {
	s := Style{bold: bold, underline: underline, reverse: reverse, colour: colour}
	var codes []string
	for _, attribute := range []struct {
		on   bool
		code string
	}{{bold, "1"}, {underline, "4"}, {reverse, "7"}} {
		if attribute.on {
			codes = append(codes, attribute.code)
		}
	}
	if colour != "" {
		codes = append(codes, foreground(colour))
	}
	if len(codes) > 0 {
		s.begins = "\x1b[" + strings.Join(codes, ";") + "m"
	}
	return s
}

// foreground is the code of a colour; the first 16 have short ones, which terminals
// of 16 colours know too.
func foreground(colour string) string {
	switch n, err := strconv.Atoi(colour); {
	case err == nil && n < 8:
		return strconv.Itoa(30 + n)
	case err == nil && n < 16:
		return strconv.Itoa(90 + n - 8)
	default:
		return "38;5;" + colour
	}
}

// inColour is the same style in another colour, "" for the terminal's own.
func (s Style) inColour(colour string) Style {
	return newStyle(s.bold, s.underline, s.reverse, colour)
}

// Render is texts of one line in the style, blanks between them.
func (s Style) Render(texts ...string) string {
	text := strings.Join(texts, " ")
	if s.begins == "" || text == "" {
		return text
	}
	return s.begins + text + "\x1b[m"
}
