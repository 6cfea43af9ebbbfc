package chart

import (
	"math"
	"strings"
)

// Bar draws a share of a whole in exactly width cells: ▕███▋  ▏ in eighths of
// a cell, or [###  ]. Shares are kept within 0 and 1; NaN counts as 0. A share
// below 1 never looks full, and in eighths one above 0 never empty. Below three cells the ends are left out; below one
// the bar is empty.
func Bar(share float64, width int, g Glyphs) string {
	if width <= 0 {
		return ""
	}
	left, right, inner := "▕", "▏", width-2
	if g.plain() {
		left, right = "[", "]"
	}
	if inner < 1 {
		left, right, inner = "", "", width
	}
	return left + fill(between(share, 0, 1), inner, g) + right
}

// fill draws share of n cells.
func fill(share float64, n int, g Glyphs) string {
	parts, full := 8, "█"
	if g.plain() {
		parts, full = 1, "#"
	}
	units := int(math.Round(share * float64(n*parts)))
	if share > 0 && !g.plain() {
		units = max(units, 1)
	}
	if share < 1 {
		units = min(units, n*parts-1)
	}
	whole, rest := units/parts, units%parts
	out := strings.Repeat(full, whole)
	if rest > 0 {
		out += string([...]rune{'▏', '▎', '▍', '▌', '▋', '▊', '▉'}[rest-1])
		whole++
	}
	return out + strings.Repeat(" ", n-whole)
}

// Spark draws a curve in one line of exactly w cells, the newest of the values
// last: one a cell, fewer stand at the right. NaN and infinities are gaps. The range
// is lo to hi, or that of the values shown unless lo < hi. Below one cell it is empty.
func Spark(values []float64, lo, hi float64, w int, style Style) string {
	if w <= 0 {
		return ""
	}
	values = values[max(0, len(values)-w):]
	if !(lo < hi) {
		lo, hi = sparkRange(values)
	}
	levels := []rune("▁▂▃▄▅▆▇█")
	if style.Set().plain() {
		levels = []rune("_.-=+*%#")
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", w-len(values)))
	for _, v := range values {
		if v-v != 0 {
			b.WriteByte(' ')
			continue
		}
		// Halves keep the difference of two huge values finite.
		share := (v/2 - lo/2) / (hi/2 - lo/2)
		b.WriteRune(levels[int(between(share*8, 0, 7))])
	}
	return b.String()
}

// sparkRange is the range of a curve; it is never empty.
func sparkRange(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v-v == 0 {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo >= hi {
		return lo - 1, lo + 1 // a constant runs in the middle
	}
	return lo, hi
}
