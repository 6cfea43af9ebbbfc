package chart_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/chart"
)

// design is a matrix as the experiment screen shows it.
func design() *chart.Matrix {
	none := chart.MatrixCell{Value: math.NaN()}
	done := func(v float64, status string) chart.MatrixCell {
		return chart.MatrixCell{Value: v, Label: fmt.Sprintf("%.2f", v)[1:], Sub: "±.03", Status: status, Shade: v}
	}
	return &chart.Matrix{
		RowTitle: "solutions per task", ColTitle: "tasks",
		Rows: []string{"8", "4", "2", "1"}, Cols: []string{"256", "512", "1024", "2048"},
		Cells: [][]chart.MatrixCell{
			{done(0.41, "3/3"), none, none, none},
			{none, done(0.48, "2/3 ●"), none, none},
			{none, none, {Value: math.NaN(), Status: "◌"}},
			{done(0.25, "3/3"), done(0.38, "3/3"), done(0.55, "1/3 ●"), done(0.78, "3/3")},
		},
		Cursor: &chart.At{Row: 1, Col: 1},
	}
}

func TestMatrixGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		style chart.Style
		sizes [][2]int
	}{
		{"matrix", chart.Style{}, [][2]int{{84, 14}}},
		{"matrix_plain", noColor(chart.Braille), [][2]int{{84, 14}, {70, 12}, {50, 10}, {30, 7}, {18, 5}, {10, 4}, {4, 2}}},
		{"matrix_ascii", noColor(chart.ASCII), [][2]int{{84, 14}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := design()
			m.Style = tt.style
			for _, size := range tt.sizes {
				s := m.Render(size[0], size[1])
				exact(t, s, size[0], size[1], tt.style.Theme)
				golden(t, fmt.Sprintf("%s_%dx%d", tt.name, size[0], size[1]), s)
			}
		})
	}
}

// The counts stay until there is only room for the numbers: the block shrinks and
// the second line goes before them.
func TestMatrixDegrades(t *testing.T) {
	t.Parallel()
	m := design()
	m.Style = noColor(chart.Braille)
	for _, tt := range []struct {
		w, h                int
		sub, status, shaded bool
	}{
		{84, 14, true, true, true},
		{84, 8, false, true, true},
		{64, 14, true, true, true},
		{51, 14, true, true, true},
		{40, 14, false, true, true},
		{31, 14, false, true, true},
		{26, 14, false, false, false},
	} {
		s := m.Render(tt.w, tt.h)
		got := [...]bool{strings.Contains(s, "±"), strings.Contains(s, "3/3"), strings.ContainsAny(s, "░▒▓█")}
		if want := [...]bool{tt.sub, tt.status, tt.shaded}; got != want || !strings.Contains(s, ".78") {
			t.Errorf("%dx%d shows sub, status, block = %v, want %v:\n%s", tt.w, tt.h, got, want, s)
		}
	}
}

// The sign of equal budget is seen beside the brackets of the cursor, too.
func TestMatrixEqualUnderCursor(t *testing.T) {
	t.Parallel()
	m := large(3)
	m.Style = noColor(chart.ASCII)
	m.Cells[1][1].Equal = 1
	m.Cells[1][1].Sub = "~1"
	m.Cursor = &chart.At{Row: 1, Col: 1}
	lines := strings.Split(m.Render(40, 14), "\n")
	at := strings.IndexByte(lines[4], '[')
	if at < 0 || lines[5][at] != '/' {
		t.Errorf("no sign under the cursor:\n%s", strings.Join(lines, "\n"))
	}
}

// large is a matrix of n x n cells, each its row times its column, on a line of
// equal budget where their sum is 20.
func large(n int) *chart.Matrix {
	m := &chart.Matrix{RowTitle: "rows", ColTitle: "cols", Equal: []string{"equal sum 20"}, Style: noColor(chart.Braille)}
	for i := range n {
		m.Rows, m.Cols = append(m.Rows, fmt.Sprint("r", i)), append(m.Cols, fmt.Sprint("c", i))
		row := make([]chart.MatrixCell, n)
		for j := range row {
			row[j] = chart.MatrixCell{Value: float64(i * j), Shade: math.NaN()}
			if i+j == 20 {
				row[j].Equal = 1
			}
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

// What does not fit is counted, on the side where it is.
func TestMatrixSaysWhatIsHidden(t *testing.T) {
	t.Parallel()
	m := large(30)
	for _, tt := range []struct {
		at         *chart.At
		rows, cols string
	}{
		{nil, "↓+20 more", "→+23 more"},
		{&chart.At{Row: 15, Col: 15}, "↑+10 ↓+10 more", "←+12 →+11 more"},
		{&chart.At{Row: 29, Col: 29}, "↑+20 more", "←+23 more"},
	} {
		m.Cursor = tt.at
		lines := strings.Split(m.Render(56, 14), "\n")
		if !strings.Contains(lines[0], tt.rows) || !strings.Contains(lines[11], tt.cols) || !strings.Contains(lines[13], "╱ equal sum 20") {
			t.Errorf("with the cursor at %v it does not say %q and %q:\n%s", tt.at, tt.rows, tt.cols, strings.Join(lines, "\n"))
		}
	}
}

// A matrix with more cells than anybody looks through is laid out by those in
// view, wherever the cursor is.
func TestMatrixHuge(t *testing.T) {
	t.Parallel()
	m := large(200)
	for _, at := range []chart.At{{}, {Row: 100, Col: 100}, {Row: 199, Col: 199}, {Row: -5, Col: 500}, {Row: 1 << 40, Col: -1 << 40}} {
		m.Cursor = &at
		for _, size := range [][2]int{{120, 40}, {33, 9}, {7, 4}, {1, 1}, {300, 500}} {
			exact(t, m.Render(size[0], size[1]), size[0], size[1], m.Style.Theme)
		}
	}
	m.Cursor = &chart.At{Row: 199, Col: 199}
	if s := m.Render(120, 40); !strings.Contains(s, "39601") && !strings.Contains(s, "39.6k") {
		t.Errorf("the last cell is not in view:\n%s", s)
	}
}

// Every place of a picture belongs to the cell whose number stands there.
func TestCellAt(t *testing.T) {
	t.Parallel()
	m := large(30)
	m.Cursor = &chart.At{Row: 17, Col: 12}
	for _, size := range [][2]int{{56, 14}, {120, 40}, {30, 8}} {
		w, h := size[0], size[1]
		hits := 0
		for y, line := range strings.Split(m.Render(w, h), "\n") {
			cells := []rune(line)
			for x := 0; x < len(cells); x++ {
				if cells[x] < '0' || cells[x] > '9' {
					continue
				}
				at, ok := m.CellAt(w, h, x, y)
				if !ok {
					continue
				}
				end := x
				for end < len(cells) && cells[end] >= '0' && cells[end] <= '9' {
					end++
				}
				if got, want := string(cells[x:end]), fmt.Sprint(at.Row*at.Col); got != want {
					t.Fatalf("%dx%d: at %d, %d stands %s, but the cell %v has %s", w, h, x, y, got, at, want)
				}
				hits++
				x = end
			}
		}
		if hits < 10 {
			t.Errorf("%dx%d: only %d cells found", w, h, hits)
		}
		for _, out := range [][2]int{{-1, 3}, {w, 3}, {5, -1}, {5, h}, {0, 3}, {8, 0}} {
			if at, ok := m.CellAt(w, h, out[0], out[1]); ok {
				t.Errorf("%dx%d: beside the cells, at %v, is %v", w, h, out, at)
			}
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		share  float64
		width  int
		glyphs chart.Glyphs
		want   string
	}{
		{0, 6, chart.Braille, "▕    ▏"},
		{1, 6, chart.Braille, "▕████▏"},
		{0.5, 6, chart.Braille, "▕██  ▏"},
		{0.53125, 6, chart.Braille, "▕██▏ ▏"},
		{0.9999, 6, chart.Braille, "▕███▉▏"},
		{0.0001, 6, chart.Braille, "▕▏   ▏"},
		{0.5, 6, chart.ASCII, "[##  ]"},
		{0.9999, 6, chart.ASCII, "[### ]"},
		{7, 4, chart.Braille, "▕██▏"},
		{-1, 4, chart.Braille, "▕  ▏"},
		{math.NaN(), 4, chart.Braille, "▕  ▏"},
		{1, 2, chart.Braille, "██"},
		{1, 0, chart.Braille, ""},
	} {
		if got := chart.Bar(tt.share, tt.width, tt.glyphs); got != tt.want {
			t.Errorf("Bar(%g, %d, %d) = %q, want %q", tt.share, tt.width, tt.glyphs, got, tt.want)
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		values []float64
		lo, hi float64
		style  chart.Style
		width  int
		want   string
	}{
		{name: "levels", values: []float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, width: 9, want: "▁▂▃▄▅▆▇██"},
		{name: "newest at the right", values: []float64{0, 8}, width: 4, want: "  ▁█"},
		{name: "newest kept", values: []float64{100, 0, 8}, width: 2, want: "▁█"},
		{name: "gap", values: []float64{0, math.NaN(), math.Inf(1), 8}, width: 4, want: "▁  █"},
		{name: "constant", values: []float64{5, 5}, width: 2, want: "▅▅"},
		{name: "fixed", values: []float64{-5, 50, 500}, hi: 100, width: 3, want: "▁▅█"},
		{name: "ascii", values: []float64{0, 8}, style: noColor(chart.ASCII), width: 2, want: "_#"},
		{name: "wide", values: []float64{0, 8}, style: chart.Style{WideAmbiguous: true}, width: 2, want: "_#"},
		{name: "nothing", width: 3, want: "   "},
		{name: "no room", values: []float64{1}, width: 0, want: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := chart.Spark(tt.values, tt.lo, tt.hi, tt.width, tt.style); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The sign of a line of equal budget is no digit: it stands right before a number.
func TestEqualMarksAreNoDigits(t *testing.T) {
	t.Parallel()
	m := chart.Matrix{
		RowTitle: "solutions", Rows: []string{"1"}, Cols: []string{"32", "64"}, Equal: []string{"equal rows 32", "equal rows 64"},
		Cells: [][]chart.MatrixCell{{{Value: 0.22, Label: ".22", Shade: 1, Equal: 1}, {Value: 0.27, Label: ".27", Shade: 1, Equal: 2}}},
	}
	s := ansi.Strip(m.Render(60, 6))
	for _, want := range []string{"a.22", "b.27", "a equal rows 32  b equal rows 64"} {
		if !strings.Contains(s, want) {
			t.Errorf("it does not say %q:\n%s", want, s)
		}
	}
}
