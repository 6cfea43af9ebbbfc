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
	s := chart.Style{Theme: chart.Theme{NoColor: bits&1 != 0}, Glyphs: chart.Glyphs(bits >> 1 & 3), WideAmbiguous: bits&(1<<20) != 0}
	switch bits >> 21 & 3 {
	case 1:
		s.Theme.Series = chart.Sixteen(bits&2 != 0).Series
	case 2:
		s.Theme.Muted, s.Theme.Faint = 7, 255
	}
	return s
}

// harmless checks that a picture has no control character beside its newlines
// and colours, in whatever text it was given.
func harmless(t *testing.T, s string) {
	t.Helper()
	for _, r := range ansi.Strip(s) {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0x200e || r >= 0x202a && r <= 0x202e) {
			t.Fatalf("%U is drawn: %q", r, s)
		}
	}
}

// fuzzed is a chart of everything that the bits choose.
func fuzzed(x, y []float64, text string, bits uint, lo, hi float64) *chart.Line {
	l := &chart.Line{
		Title: text, Note: text, Empty: text, Style: style(bits),
		Series: []chart.Series{
			{Name: text, X: x, Y: y, Color: chart.Categorical(int(bits % 9)), Goal: chart.Goal(bits % 5)},
			{Name: "b", X: y, Y: x, Dashed: bits&16 != 0, Points: bits&32 != 0, Color: chart.Color(bits)},
		},
		X: chart.Axis{Label: text, Min: lo, Max: hi, Log: bits&(1<<10) != 0},
		Y: chart.Axis{Label: text, Hint: hi, Zero: bits&64 != 0, Rate: bits&128 != 0, Width: int(bits % 12), Log: bits&(1<<11) != 0},
	}
	s := &l.Series[0]
	if bits&8 != 0 {
		s.X = nil
	}
	if bits&(1<<12) != 0 {
		p := new(chart.Pyramid)
		p.AppendAll(x, y)
		s.Data = p
	}
	if bits&(1<<13) != 0 {
		s.Low, s.High, s.Bars, s.Dots = x, y, bits&32 != 0, bits&4 != 0
	}
	if bits&(1<<14) != 0 {
		s.Ghosts = []chart.Segment{{X: y, Y: y}, {X: x}}
		s.Smooth = lo
	}
	if bits&(1<<15) != 0 {
		s.Smooth = 0.9
	}
	if bits&(1<<16) != 0 {
		l.Cursor = &lo
	}
	if bits&(1<<17) != 0 {
		l.Window = chart.Window{X0: lo, X1: hi, Y0: hi, Y1: lo, Follow: bits&64 != 0}
	}
	if bits&(1<<18) != 0 {
		l.X.Unit, l.Y.Unit = chart.Seconds, chart.Unit(bits%3)
	}
	if bits&(1<<19) != 0 {
		l.Window = l.Window.ZoomX(l.Space(), lo, 3).ZoomY(l.Space(), hi, 0.5).Pan(l.Space(), hi, lo)
	}
	if bits&256 != 0 {
		l.X, l.Y = l.Y, l.X
	}
	if bits&512 != 0 {
		for range 3 {
			l.Series = append(l.Series, l.Series...)
		}
	}
	return l
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
	f.Add(numbers(1, 2, 3, 4), numbers(1, 10, 100, nan), "log", uint8(79), uint8(20), uint(0x3c00), 0.0, 0.0)
	f.Add(numbers(1, 2, 3, 4), numbers(-1, 0, 1e-320, 1e308), "准确率", uint8(79), uint8(20), uint(0x1ffc01), 2.0, 3.0)
	f.Add(numbers(0, 1e5, 2e5), numbers(3, 2, 1), "\u202eevil\u2028", uint8(99), uint8(30), uint(0xff000), 1e4, 9e4)
	f.Fuzz(func(t *testing.T, xs, ys []byte, text string, w, h uint8, bits uint, lo, hi float64) {
		width, height := int(w)+1, int(h)%64+1
		l := fuzzed(floats(xs), floats(ys), text, bits, lo, hi)
		s := l.Render(width, height)
		exact(t, s, width, height, l.Style.Theme)
		harmless(t, s)
		var r chart.Renderer
		buf := []byte("before")
		for range 2 { // a used renderer draws what a fresh one does
			buf = r.RenderTo(buf[:6], l, width, height)
		}
		if got := string(buf); got != "before"+s {
			t.Fatalf("appended %q, want %q", got, s)
		}
		if x, ok := l.XAt(width, height, width/2); ok && x != x {
			t.Fatalf("column %d is at %g", width/2, x)
		}
	})
}

// Points as a pyramid are drawn as they are as slices.
func FuzzPyramid(f *testing.F) {
	f.Add(numbers(1, 2, 3, 4, 5), uint(0), 0.0, 0.0)
	f.Add(numbers(1, 1e300, math.NaN(), -1, 0, 0, 0, 0, 5e-324), uint(3), 1.0, 1e9)
	f.Fuzz(func(t *testing.T, values []byte, bits uint, lo, hi float64) {
		y := floats(values)
		if len(y) == 0 {
			return
		}
		for len(y) < int(bits>>8&0xfff) { // long enough for a few levels
			y = append(y, y[len(y)%7%len(y)])
		}
		gaps := 0
		for _, v := range y {
			if v-v != 0 || bits&2 != 0 && v <= 0 {
				gaps++
			}
		}
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i * int(bits>>4&7) / 4)
		}
		var p chart.Pyramid
		p.AppendAll(x, y)
		l := chart.Line{Series: []chart.Series{{X: x, Y: y}}, X: chart.Axis{Log: bits&1 != 0}, Y: chart.Axis{Log: bits&2 != 0},
			Window: chart.Window{X0: lo, X1: hi}, Style: noColor(chart.Braille)}
		want := l.Render(60, 12)
		l.Series[0] = chart.Series{Data: &p}
		got := l.Render(60, 12)
		exact(t, got, 60, 12, l.Style.Theme)
		if gaps <= 16 && got != want { // more in a column are drawn as one stroke
			t.Fatalf("as a pyramid:\n%s\nas slices:\n%s", got, want)
		}
	})
}

func FuzzStackAndPhases(f *testing.F) {
	f.Add("AC", "\u0301WA\x1b[5m", 121, -3, 0.5, uint8(60), uint(0))
	f.Add("数据", "", 0, math.MaxInt, math.NaN(), uint8(9), uint(1<<20))
	f.Fuzz(func(t *testing.T, a, b string, n, m int, share float64, w uint8, bits uint) {
		s := style(bits)
		parts := []chart.Part{{Name: a, Count: n, Color: chart.Color(bits)}, {Name: b, Count: m}, {Name: a, Count: 7}, {Name: b}}
		phases := []chart.Phase{{Name: a, State: chart.PhaseState(bits % 7), Share: share, Seconds: share},
			{Name: b, State: chart.Going, Share: share, Note: a}, {Name: b, State: chart.PhaseState(bits >> 3 % 7)}, {Name: a, Seconds: share}}
		for _, line := range []string{chart.Stack(parts, int(w), s), chart.Phases(phases, int(w), s)} {
			exact(t, line, int(w), 1, s.Theme)
			harmless(t, line)
		}
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
			Color: chart.Color(bits), Equal: make([]string, bits>>5&3)}
		for i := range m.Equal {
			m.Equal[i] = text
		}
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
				c.Sub, c.Status, c.Equal = text, text, int(bits%5)
			}
			row = append(row, c)
			m.Cells = append(m.Cells, row)
		}
		s := m.Render(width, height)
		exact(t, s, width, height, m.Style.Theme)
		harmless(t, s)
		if at, ok := m.CellAt(width, height, width/2, height/2); ok && (at.Row < 0 || at.Row >= len(m.Rows) || at.Col < 0 || at.Col >= len(m.Cols)) {
			t.Fatalf("a place belongs to %v of %d x %d", at, len(m.Rows), len(m.Cols))
		}
	})
}

func FuzzBars(f *testing.F) {
	f.Add(numbers(0, 1, math.NaN()), 0.0, 1.0, uint8(10), uint(0))
	f.Add(numbers(-math.MaxFloat64, math.MaxFloat64), math.Inf(-1), math.Inf(1), uint8(3), uint(4))
	f.Fuzz(func(t *testing.T, values []byte, lo, hi float64, w uint8, bits uint) {
		g := chart.Glyphs(bits % 4)
		s := chart.Spark(floats(values), lo, hi, int(w), chart.Style{Glyphs: g})
		if got := ansi.StringWidth(s); got != int(w) {
			t.Fatalf("a sparkline of %d cells is %d wide: %q", w, got, s)
		}
		if b := chart.Bar(lo, int(w), g); ansi.StringWidth(b) != int(w) {
			t.Fatalf("a bar of %d cells: %q", w, b)
		}
	})
}
