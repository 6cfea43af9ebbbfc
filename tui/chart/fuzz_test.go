package chart_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/chart"
)

// floats takes any bit pattern for a number, eight bytes each.
func floats(b []byte) []float64 {
	var out []float64
	for ; len(b) >= 8; b = b[8:] {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	return out
}

// numbers are the floats that a fuzzer should start from.
func numbers(v ...float64) []byte {
	var b []byte
	for _, f := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	return b
}

func style(bits uint) chart.Style {
	return chart.Style{Theme: chart.Theme{NoColor: bits&1 != 0}, Glyphs: chart.Glyphs(bits >> 1 & 3)}
}

func FuzzLine(f *testing.F) {
	nan, inf := math.NaN(), math.Inf(1)
	f.Add(numbers(0, 1, 2, 3), numbers(1, 2, nan, inf), "pass@1", uint8(79), uint8(20), uint(0), 0.0, 0.0)
	f.Add(numbers(-math.MaxFloat64, math.MaxFloat64), numbers(math.MaxFloat64, -math.MaxFloat64), "×", uint8(40), uint8(9), uint(1), 0.0, 1.0)
	f.Add(numbers(5e-324, 0), numbers(5e-324, -5e-324), "\u0301e\x1b[31mred", uint8(30), uint8(12), uint(2), 1.0, 1.0)
	f.Add(numbers(1e15, 1e15+1), numbers(1e-300, 1e300), "👩‍👩‍👧 한국어 ไทย ำ", uint8(60), uint8(12), uint(8), 5.0, nan)
	f.Add(numbers(400, 0, 200), numbers(7, 7, 7), "\xff\xfe\t\n", uint8(1), uint8(1), uint(16), -1.0, 1.0)
	f.Add(numbers(1e15, 1e15+1), numbers(1e15, 1e15+0.125), "", uint8(60), uint8(12), uint(256), 1e15, 1e15+0.125)
	f.Add(numbers(1e302, 2e302), numbers(1e302), "", uint8(52), uint8(8), uint(65669), -inf, inf)
	f.Add([]byte{}, numbers(0.5), "", uint8(25), uint8(25), uint(0xffff), -inf, inf)
	f.Fuzz(func(t *testing.T, xs, ys []byte, text string, w, h uint8, bits uint, lo, hi float64) {
		width, height := int(w)+1, int(h)%64+1
		x, y := floats(xs), floats(ys)
		if bits&8 != 0 {
			x = nil
		}
		l := chart.Line{
			Title: text, Note: text, Empty: text, Style: style(bits),
			Series: []chart.Series{
				{Name: text, X: x, Y: y, Color: chart.Categorical(int(bits % 9))},
				{Name: "b", X: y, Y: floats(xs), Dashed: bits&16 != 0, Points: bits&32 != 0, Color: chart.Color(bits)},
			},
			X: chart.Axis{Label: text, Min: lo, Max: hi},
			Y: chart.Axis{Label: text, Hint: hi, Zero: bits&64 != 0, Rate: bits&128 != 0, Width: int(bits % 12)},
		}
		if bits&256 != 0 {
			l.X, l.Y = l.Y, l.X
		}
		if bits&512 != 0 {
			l.Series = append(l.Series, l.Series...)
			l.Series = append(l.Series, l.Series...)
		}
		exact(t, l.Render(width, height), width, height, l.Style.Theme)
	})
}

func FuzzMatrix(f *testing.F) {
	f.Add(numbers(0.4, math.NaN(), 1e300), "±.03", uint8(79), uint8(20), uint8(2), uint8(3), uint(0))
	f.Add(numbers(-1), "\u0301 한국어", uint8(9), uint8(4), uint8(9), uint8(9), uint(0xfff))
	f.Add(numbers(), "", uint8(0), uint8(0), uint8(0), uint8(1), uint(3))
	f.Fuzz(func(t *testing.T, values []byte, text string, w, h, nRows, nCols uint8, bits uint) {
		width, height := int(w)+1, int(h)%64+1
		m := chart.Matrix{RowTitle: text, ColTitle: text, Empty: text, Style: style(bits),
			Rows: make([]string, nRows%20), Cols: make([]string, nCols%20),
			Color: chart.Color(bits)}
		for i := range m.Cols {
			m.Cols[i] = text
		}
		if len(m.Rows) > 0 {
			m.Rows[0] = text
		}
		if bits&8 != 0 {
			m.Cursor = &chart.At{Row: int(bits % 23), Col: int(bits%29) - 3}
		}
		var row []chart.MatrixCell
		for _, v := range floats(values) {
			c := chart.MatrixCell{Value: v, Shade: v}
			if bits&16 != 0 {
				c.Sub, c.Status = text, text
			}
			row = append(row, c)
			m.Cells = append(m.Cells, row)
		}
		exact(t, m.Render(width, height), width, height, m.Style.Theme)
	})
}

func FuzzBars(f *testing.F) {
	f.Add(numbers(0, 1, math.NaN()), 0.0, 1.0, uint8(10), uint(0))
	f.Add(numbers(-math.MaxFloat64, math.MaxFloat64), math.Inf(-1), math.Inf(1), uint8(3), uint(4))
	f.Fuzz(func(t *testing.T, values []byte, lo, hi float64, w uint8, bits uint) {
		g := chart.Glyphs(bits % 4)
		s := chart.SparkIn(floats(values), lo, hi, int(w), chart.Style{Glyphs: g})
		if got := ansi.StringWidth(s); got != int(w) {
			t.Fatalf("a sparkline of %d cells is %d wide: %q", w, got, s)
		}
		if b := chart.Bar(lo, int(w), g); ansi.StringWidth(b) != int(w) {
			t.Fatalf("a bar of %d cells: %q", w, b)
		}
	})
}
