package chart_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		lo, hi float64
		n      int
		want   []float64
	}{
		{"rates", 0, 1, 6, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{"exact decimals", 0, 0.3, 4, []float64{0, 0.1, 0.2, 0.3}},
		{"steps", 0, 400, 5, []float64{0, 100, 200, 300, 400}},
		{"quarters", 0, 1, 5, []float64{0, 0.25, 0.5, 0.75, 1}},
		{"inside", 0.31, 0.39, 5, []float64{0.32, 0.34, 0.36, 0.38}},
		{"negative", -2, 2, 5, []float64{-2, -1, 0, 1, 2}},
		{"odd end", 0, 350, 4, []float64{0, 100, 200, 300}},
		{"one", 3, 8, 1, []float64{5}},
		{"large", 0, 2e15, 3, []float64{0, 1e15, 2e15}},
		{"empty range", 1, 1, 4, nil},
		{"reversed", 2, 1, 4, nil},
		{"none", 0, 1, 0, nil},
		{"not a number", math.NaN(), 1, 4, nil},
		{"too narrow", 1e15, 1e15 + 0.125, 9, nil},
		{"infinite", 0, math.Inf(1), 4, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, chart.Ticks(tt.lo, tt.hi, tt.n)); diff != "" {
				t.Errorf("Ticks(%g, %g, %d) (-want +got):\n%s", tt.lo, tt.hi, tt.n, diff)
			}
		})
	}
}

func FuzzTicks(f *testing.F) {
	f.Add(0.0, 1.0, 5)
	f.Add(-1e299, 1e300, 3)
	f.Add(1e15, 1e15+1, 4)
	f.Add(1e15, 1e15+0.125, 9)
	f.Add(1e300, math.Nextafter(1e300, 0), 9)
	f.Fuzz(func(t *testing.T, lo, hi float64, n int) {
		n %= 100
		ticks := chart.Ticks(lo, hi, n)
		if len(ticks) > max(n, 0) {
			t.Fatalf("Ticks(%g, %g, %d) has %d", lo, hi, n, len(ticks))
		}
		slack := (hi - lo) * 1e-6
		for i, v := range ticks {
			if v < lo-slack || v > hi+slack || i > 0 && v < ticks[i-1] {
				t.Fatalf("Ticks(%g, %g, %d) = %v", lo, hi, n, ticks)
			}
		}
	})
}

func TestSnap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lo, hi, wantLo, wantHi float64 }{
		{0, 0.776, 0, 0.8},
		{0, 2.1, 0, 2.5},
		{0.018, 2.1, 0, 2.5},
		{1.99, 2.01, 1.99, 2.01},
		{0, 0, 0, 1},
		{0.5, 0.5, 0.45, 0.55},
		{-3, 41, -25, 50},
		{1, 397, 0, 400},
		{-1e308, 1e308, -1e300, 1e300},
	} {
		lo, hi := chart.Snap(tt.lo, tt.hi)
		if lo != tt.wantLo || hi != tt.wantHi {
			t.Errorf("snap(%g, %g) = %g, %g, want %g, %g", tt.lo, tt.hi, lo, hi, tt.wantLo, tt.wantHi)
		}
	}
}

// A live chart must not repaint for every point: while a maximum grows from 1
// to 100 in 990 steps, its axis may change only a few times.
func TestSnapIsSticky(t *testing.T) {
	t.Parallel()
	changes, before := 0, 0.0
	for i := range 990 {
		_, hi := chart.Snap(0, 1+float64(i)/10)
		if hi != before {
			changes, before = changes+1, hi
		}
	}
	if changes > 30 {
		t.Errorf("the axis changed %d times", changes)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v     float64
		width int
		want  string
	}{
		{0.781, 5, "0.781"},
		{0.48, 5, "0.480"},
		{0, 5, "    0"},
		{math.Copysign(0, -1), 5, "    0"},
		{1, 5, "    1"},
		{400, 6, "   400"},
		{12.3456, 5, "12.35"},
		{12.3456, 4, "12.3"},
		{12500, 5, "12.5k"},
		{999999, 5, "1.00M"},
		{9999.6, 5, "10.0k"},
		{2.5e9, 5, "2.50G"},
		{-0.5, 5, "-0.50"},
		{0.0012, 5, "0.001"},
		{0.0012, 4, "1e-3"},
		{0.0012, 6, "0.0012"},
		{3.2e-5, 6, "3.2e-5"},
		{1e300, 5, "1e300"},
		{-1e300, 6, "-1e300"},
		{-1e300, 5, "#####"},
		{123456, 2, "##"},
		{math.NaN(), 5, "  NaN"},
		{math.NaN(), 1, "-"},
		{math.Inf(1), 5, "  Inf"},
		{math.Inf(-1), 5, " -Inf"},
		{7, 0, ""},
	} {
		if got := chart.Format(tt.v, tt.width); got != tt.want {
			t.Errorf("Format(%g, %d) = %q, want %q", tt.v, tt.width, got, tt.want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add(0.781, 5)
	f.Add(1e300, 5)
	f.Add(999.9999, 6)
	f.Fuzz(func(t *testing.T, v float64, width int) {
		width %= 40
		if got := chart.Format(v, width); len(got) != max(0, width) {
			t.Fatalf("Format(%g, %d) = %q", v, width, got)
		}
	})
}
