package chart

import (
	"strconv"
	"strings"
	"unicode"
)

// svgPen writes the elements of one picture. Lengths are pixels in tenths, and
// every text from outside goes through text or title.
type svgPen struct {
	buf   []byte
	used  [Bad + 1]bool // colours that the style sheet must have
	about string        // a clean description of what is shown
}

// put appends markup as it is.
func (p *svgPen) put(parts ...string) {
	for _, s := range parts {
		p.buf = append(p.buf, s...)
	}
}

// at appends an attribute whose value is a length.
func (p *svgPen) at(name string, v float64) {
	p.put(" ", name, `="`)
	p.buf = appendTenths(p.buf, tenths(v))
	p.put(`"`)
}

// open begins a group in a colour; a name of what it shows becomes its tooltip.
func (p *svgPen) open(c Color, name string) {
	p.put("<g", p.class(c), ">")
	p.title(name)
}

func (p *svgPen) close() { p.put("</g>\n") }

// class is the attribute that gives an element a colour.
func (p *svgPen) class(c Color) string {
	if c == Default || c > Bad {
		return ""
	}
	p.used[c] = true
	return ` class="` + className(c) + `"`
}

func (p *svgPen) title(s string) {
	if s = clean(s, Braille); s != "" {
		p.put("<title>")
		p.escape(s)
		p.put("</title>")
	}
}

// hand is how a text is written.
type hand struct {
	color  Color
	anchor string // "middle" or "end"; "" begins at x
	size   float64
	bold   bool
}

// text writes a text whose baseline is at y.
func (p *svgPen) text(x, y float64, s string, h hand) {
	p.begin(x, y, h)
	p.escape(clean(s, Braille))
	p.put("</text>\n")
}

// begin opens the element of a text.
func (p *svgPen) begin(x, y float64, h hand) {
	p.put("<text", p.class(h.color))
	p.at("x", x)
	p.at("y", y)
	if h.anchor != "" {
		p.put(` text-anchor="`, h.anchor, `"`)
	}
	if h.size != 0 && h.size != fontSize {
		p.at("font-size", h.size)
	}
	if h.bold {
		p.put(` font-weight="600"`)
	}
	p.put(">")
}

// escape writes the characters of a text.
func (p *svgPen) escape(s string) {
	for i := range len(s) {
		switch s[i] {
		case '&':
			p.put("&amp;")
		case '<':
			p.put("&lt;")
		case '>':
			p.put("&gt;")
		case '"':
			p.put("&quot;")
		default:
			p.buf = append(p.buf, s[i])
		}
	}
}

// line draws a straight line.
func (p *svgPen) line(x0, y0, x1, y1 float64, attributes string) {
	p.put("<line")
	p.at("x1", x0)
	p.at("y1", y0)
	p.at("x2", x1)
	p.at("y2", y1)
	p.put(attributes, "/>\n")
}

// rect draws a rectangle.
func (p *svgPen) rect(x, y, w, h float64, attributes string) {
	p.put("<rect")
	p.at("x", x)
	p.at("y", y)
	p.at("width", w)
	p.at("height", h)
	p.put(attributes, "/>\n")
}

// path draws what was collected; nothing if that is nothing.
func (p *svgPen) path(d *svgPath, attributes string) {
	if d.dot {
		d.d, d.dot = append(d.d, "h0"...), false
	}
	if len(d.d) > 0 {
		p.put("<path", attributes, ` d="`)
		p.buf = append(p.buf, d.d...)
		p.put("\"/>\n")
	}
}

// fontSize is that of labels, in pixels.
const fontSize = 12

// textWidth is about how wide a clean text is in a sans-serif font, rather too
// wide than too narrow.
func textWidth(s string, size float64) (w float64) {
	for _, r := range s {
		w += charWidth(r)
	}
	return w * size
}

// charWidth is the width of a character in sizes of the font.
func charWidth(r rune) float64 {
	switch {
	case strings.ContainsRune("iljtfrI.,:;|!'()[]/ ·", r):
		return 0.36
	case strings.ContainsRune("mwMW@%", r):
		return 0.92
	case strings.ContainsRune("=+~<>±×●", r):
		return 0.84
	case unicode.IsUpper(r):
		return 0.71
	case r < 0x1100:
		return 0.585
	default:
		return 1
	}
}

// cut is a clean text shortened to a width in pixels, with an ellipsis where it
// cuts.
func cut(s string, w, size float64) string {
	s = clean(s, Braille)
	used, end := 0.0, 0
	for i, r := range s {
		if used+size <= w {
			end = i
		}
		if used += charWidth(r) * size; used > w {
			if end == 0 {
				return ""
			}
			return strings.TrimRight(s[:end], " ") + "…"
		}
	}
	return s
}

// tenths is a length in tenths of a pixel; what is no number, or beyond any
// picture, is kept within.
func tenths(v float64) int {
	const most = 1e6
	v = between(v, -most, most) * 10
	if v < 0 {
		return int(v - 0.5)
	}
	return int(v + 0.5)
}

// appendTenths appends a length as short as it can be: 12, -.5, 3.1.
func appendTenths(dst []byte, n int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	if n >= 10 || n == 0 {
		dst = strconv.AppendInt(dst, int64(n/10), 10)
	}
	if n%10 != 0 {
		dst = append(dst, '.', byte('0'+n%10))
	}
	return dst
}
