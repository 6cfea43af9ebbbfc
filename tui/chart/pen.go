package chart

import (
	"strconv"
	"unicode/utf8"
)

// pen writes lines of coloured text with one escape sequence per change of
// colour. A blank keeps the colour in force, since it has no foreground.
type pen struct {
	buf     []byte
	style   Style
	now     int // index of the colour in force, less one; 0 is the default
	inverse bool
}

func newPen(s Style, w, h int) *pen {
	return &pen{style: s, buf: make([]byte, 0, h*(3*w+32))}
}

// use switches to a colour; in reverse video all is the default, since a blank
// there would show the foreground.
func (p *pen) use(c Color) {
	if p.inverse {
		c = Default
	}
	i := p.style.Theme.Index(c)
	if i+1 == p.now || p.style.Theme.NoColor {
		return
	}
	p.now = i + 1
	switch {
	case i < 0:
		p.buf = append(p.buf, "\x1b[39m"...)
	case i < 8: // the terminal's own colours, which every terminal knows
		p.buf = append(p.buf, '\x1b', '[', '3', byte('0'+i), 'm')
	case i < 16:
		p.buf = append(p.buf, '\x1b', '[', '9', byte('0'+i-8), 'm')
	default:
		p.buf = append(p.buf, "\x1b[38;5;"...)
		p.buf = strconv.AppendInt(p.buf, int64(i), 10)
		p.buf = append(p.buf, 'm')
	}
}

// reverse switches reverse video on or off.
func (p *pen) reverse(on bool) {
	if on == p.inverse || p.style.Theme.NoColor {
		return
	}
	p.use(Default)
	p.inverse = on
	if on {
		p.buf = append(p.buf, "\x1b[7m"...)
		return
	}
	p.buf = append(p.buf, "\x1b[27m"...)
}

// text writes s, which must be clean (see clean).
func (p *pen) text(c Color, s string) {
	if s == "" {
		return
	}
	p.use(c)
	p.buf = append(p.buf, s...)
}

// bytes is text for a number or the like.
func (p *pen) bytes(c Color, s []byte) {
	if len(s) == 0 {
		return
	}
	p.use(c)
	p.buf = append(p.buf, s...)
}

func (p *pen) rune(c Color, r rune) {
	if r != ' ' {
		p.use(c)
	}
	p.buf = utf8.AppendRune(p.buf, r)
}

// blank writes n spaces; a negative n writes none.
func (p *pen) blank(n int) {
	for range n {
		p.buf = append(p.buf, ' ')
	}
}

// endLine switches everything off, so that each line stands for itself when a
// layout joins it with others.
func (p *pen) endLine() {
	if p.now != 0 || p.inverse {
		p.buf = append(p.buf, "\x1b[m"...)
		p.now, p.inverse = 0, false
	}
	p.buf = append(p.buf, '\n')
}

// String is what was written, without the last newline.
func (p *pen) String() string {
	if n := len(p.buf); n > 0 {
		return string(p.buf[:n-1])
	}
	return ""
}
