package chart_test

import (
	"math"
	"testing"

	"ablate/tui/chart"
)

func FuzzSVG(f *testing.F) {
	nan, inf := math.NaN(), math.Inf(1)
	f.Add(numbers(0, 1, 2, 3), numbers(1, 2, nan, inf), "pass@1", int16(720), int16(300), uint(0), 0.0, 0.0)
	f.Add(numbers(-math.MaxFloat64, math.MaxFloat64), numbers(math.MaxFloat64, -math.MaxFloat64), "<&\"'>", int16(400), int16(90), uint(1), 0.0, 1.0)
	f.Add(numbers(5e-324, 0), numbers(5e-324, -5e-324), "\u0301e\x1b[31mred\x00\ufffe", int16(-3), int16(0), uint(2), 1.0, 1.0)
	f.Add(numbers(1e15, 1e15+1), numbers(1e-300, 1e300), "]]>\xff\xfe\t\n", int16(160), int16(200), uint(8), 5.0, nan)
	f.Add(numbers(1, 2, 3, 4), numbers(1, 10, 100, nan), "log", int16(700), int16(200), uint(0x3c00), 0.0, 0.0)
	f.Add(numbers(1, 2, 3, 4), numbers(-1, 0, 1e-320, 1e308), "准确率", int16(600), int16(400), uint(0x1ffc01), 2.0, 3.0)
	f.Add(numbers(0, 1e5, 2e5), numbers(3, 2, 1), "\u202eevil\u2028", int16(999), int16(300), uint(0xff000), 1e4, 9e4)
	f.Add(numbers(0, 1, 2, 3, 4), numbers(3, -2, 9, 1, 0), "band", int16(500), int16(300), uint(0x22000), 1.0, 3.0)
	f.Fuzz(func(t *testing.T, xs, ys []byte, text string, w, h int16, bits uint, lo, hi float64) {
		l := fuzzed(floats(xs), floats(ys), text, bits, lo, hi)
		l.Marks = floats(xs)
		s := l.SVG(int(w), int(h))
		wellFormed(t, s)
		within(t, s, math.Max(1, float64(w)), math.Max(1, float64(h)))
		if again := l.SVG(int(w), int(h)); again != s {
			t.Fatal("the same chart gives two pictures")
		}
	})
}

func FuzzMatrixSVG(f *testing.F) {
	f.Add(numbers(0.4, math.NaN(), 1e300), "±.03", int16(500), int16(300), uint8(2), uint8(3), uint(0))
	f.Add(numbers(-1, math.Inf(1)), "<\u0301 한국어&", int16(90), int16(40), uint8(9), uint8(9), uint(0xfff))
	f.Add(numbers(), "", int16(-1), int16(0), uint8(0), uint8(1), uint(3))
	f.Fuzz(func(t *testing.T, values []byte, text string, w, h int16, nRows, nCols uint8, bits uint) {
		m := chart.Matrix{RowTitle: text, ColTitle: text, Empty: text, Style: style(bits),
			Rows: make([]string, nRows%20), Cols: make([]string, nCols%20),
			Color: chart.Color(bits), Equal: make([]string, bits>>5&3)}
		for i := range m.Equal {
			m.Equal[i] = text
		}
		for i := range m.Cols {
			m.Cols[i] = text
		}
		if bits&8 != 0 {
			m.Cursor = &chart.At{Row: int(bits % 23), Col: int(bits%29) - 3}
		}
		var row []chart.MatrixCell
		for _, v := range floats(values) {
			c := chart.MatrixCell{Value: v, Shade: v}
			if bits&16 != 0 {
				c.Label, c.Sub, c.Status, c.Equal = text, text, text, int(bits%5)
			}
			row = append(row, c)
			m.Cells = append(m.Cells, row)
		}
		wellFormed(t, m.SVG(int(w), int(h)))
		parts := []chart.Part{{Name: text, Count: int(bits), Color: chart.Color(bits)}, {Name: text, Count: -int(nRows)}, {Name: "b", Count: int(nCols)}}
		wellFormed(t, chart.StackSVG(text, parts[:bits%4], int(w), int(h), m.Style))
		phases := []chart.Phase{{Name: text, State: chart.Going, Note: text}, {Name: text, State: chart.PhaseState(bits % 7)}}
		for _, v := range floats(values) {
			phases = append(phases, chart.Phase{Name: text, Share: v, Seconds: v, State: chart.PhaseState(bits >> 3 % 7)})
		}
		wellFormed(t, chart.PhasesSVG(text, phases, int(w), int(h), m.Style))
	})
}
