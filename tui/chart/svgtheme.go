package chart

import (
	"fmt"
	"strconv"
)

// svgClass is the class of every picture. The style sheet of a picture touches
// nothing else, since that of one within a page holds for the page; a page that
// wants another background says `body .ablate-chart .paper{fill:none}`.
const svgClass = "ablate-chart"

// The ink and the paper of a picture on light and on dark.
var (
	svgInk   = [2]string{"#1f2328", "#e8e8e8"}
	svgPaper = [2]string{"#ffffff", "#101214"}
)

// className is the class of a colour.
func className(c Color) string {
	switch c {
	case Muted:
		return "muted"
	case Faint:
		return "faint"
	case Good:
		return "good"
	case Bad:
		return "bad"
	default:
		return "c" + strconv.Itoa(int(c))
	}
}

// on is the theme for paper: a theme that is made for one background, or for the
// colours of a terminal's owner, gives way to its like.
func (t Theme) on(dark bool) Theme {
	t.NoColor = false // of escape sequences, which a picture has none of
	switch t {
	case HighContrast(true), HighContrast(false):
		return HighContrast(!dark)
	case Theme{}, Light(), Dark(), Sixteen(true), Sixteen(false):
		if dark {
			return Dark()
		}
		return Light()
	}
	return t
}

// styleSheet writes the colours in use, for light and for dark: an element's class
// says its colour, and what it draws takes that.
func (p *svgPen) styleSheet(t Theme) {
	p.put("<style>")
	p.rules(t.on(false), svgInk[0], svgPaper[0])
	p.put("\n@media (prefers-color-scheme:dark){")
	p.rules(t.on(true), svgInk[1], svgPaper[1])
	p.put("}</style>\n")
}

// rules are the colours of a theme on one paper.
func (p *svgPen) rules(t Theme, ink, paper string) {
	p.put(".", svgClass, "{color:", ink, "}.", svgClass, " .paper{fill:", paper, "}")
	for c, used := range p.used {
		if used {
			p.put(".", svgClass, " .", className(Color(c)), "{color:", xtermHex(t.Index(Color(c))), "}")
		}
	}
}

// xtermHex is an xterm colour: 16 of the terminal's own as xterm has them, a
// cube of 6x6x6, and 24 greys.
func xtermHex(i int) string {
	own := [16]uint32{0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff}
	steps := [6]int{0, 95, 135, 175, 215, 255}
	switch {
	case i < 0:
		return "inherit"
	case i < 16:
		return fmt.Sprintf("#%06x", own[i])
	case i < 232:
		i -= 16
		return fmt.Sprintf("#%02x%02x%02x", steps[i/36], steps[i/6%6], steps[i%6])
	default:
		grey := 8 + 10*(i-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
}
