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

func TestTickTexts(t *testing.T) {
	t.Parallel()
	log, clock := chart.Axis{Log: true}, chart.Axis{Unit: chart.Seconds}
	for _, tt := range []struct {
		name   string
		axis   chart.Axis
		lo, hi float64
		n      int
		want   []string
	}{
		{"decades", log, 1, 1000, 6, []string{"1", "10", "100", "1000"}},
		{"few decades have 2 and 5", log, 0.02, 3, 8, []string{"0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"}},
		{"or 3", log, 1e4, 1e6, 6, []string{"10k", "30k", "100k", "300k", "1M"}},
		{"many decades", log, 1e-8, 1e8, 5, []string{"1e-8", "1e-4", "1", "10k", "100M"}},
		{"less than one decade", log, 2.2, 4.8, 5, []string{"2.5", "3", "3.5", "4", "4.5"}},
		{"task counts", log, 200, 3000, 8, []string{"200", "500", "1000", "2000"}},
		{"small", log, 1e-6, 1e-4, 3, []string{"1e-6", "1e-5", "1e-4"}},
		{"no zero on it", log, 0, 10, 5, nil},
		{"seconds", clock, 0, 60, 7, []string{"0", "10s", "20s", "30s", "40s", "50s", "1m"}},
		{"minutes", clock, 0, 600, 6, []string{"0", "2m", "4m", "6m", "8m", "10m"}},
		{"half minutes", clock, 0, 150, 6, []string{"0", "30s", "1m", "1m30s", "2m", "2m30s"}},
		{"hours", clock, 0, 7200, 5, []string{"0", "30m", "1h", "1h30", "2h"}},
		{"days", clock, 0, 5 * 86400, 6, []string{"0", "24h", "2d", "3d", "4d", "5d"}},
		{"weeks", clock, 0, 30 * 86400, 5, []string{"0", "7d", "14d", "21d", "28d"}},
		{"years", clock, 0, 4000 * 86400, 5, []string{"0", "1000d", "2000d", "3000d", "4000d"}},
		{"tenths", clock, 0, 0.5, 6, []string{"0.0s", "0.1s", "0.2s", "0.3s", "0.4s", "0.5s"}},
		{"late and close", clock, 3600, 3660, 4, []string{"1h00m00", "1h00m30", "1h01m00"}},
		{"tokens", chart.Axis{}, 0, 12e6, 7, []string{"0", "2M", "4M", "6M", "8M", "10M", "12M"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, got := chart.TickTexts(tt.axis, tt.lo, tt.hi, tt.n)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSnapOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		snap                   func(lo, hi float64) (float64, float64)
		lo, hi, wantLo, wantHi float64
	}{
		{chart.SnapLog, 256, 2048, 200, 3000},
		{chart.SnapLog, 0.018, 2.1, 0.015, 3},
		{chart.SnapLog, 1, 1000, 1, 1000},
		{chart.SnapLog, 7, 7, 3, 15},
		{chart.SnapLog, 5e-324, 1e308, 1e-280, 1e300},
		{chart.SnapClock, 0, 290, 0, 300},
		{chart.SnapClock, 0, 5000, 0, 5400},
		{chart.SnapClock, 0, 0.3, 0, 0.3},
		{chart.SnapClock, 0, 100 * 86400, 0, 100 * 86400},
	} {
		lo, hi := tt.snap(tt.lo, tt.hi)
		if !near(lo, tt.wantLo) || !near(hi, tt.wantHi) {
			t.Errorf("snap(%g, %g) = %g, %g, want %g, %g", tt.lo, tt.hi, lo, hi, tt.wantLo, tt.wantHi)
		}
	}
}

// Ticks of every kind of axis lie on it, ascend, are few enough, and have texts
// that differ and fit.
func FuzzAxisTicks(f *testing.F) {
	f.Add(1.0, 1000.0, 6, uint(1))
	f.Add(0.0, 7200.0, 5, uint(2))
	f.Add(5e-324, 1e300, 8, uint(1))
	f.Add(-1e300, 1e300, 8, uint(2))
	f.Add(1e9, 1e9+1, 8, uint(2))
	f.Fuzz(func(t *testing.T, lo, hi float64, n int, kind uint) {
		n %= 20
		a := chart.Axis{Log: kind&1 != 0, Rate: kind&4 != 0}
		if kind&2 != 0 {
			a.Unit = chart.Seconds
		}
		at, texts := chart.TickTexts(a, lo, hi, n)
		if len(at) > max(n, 0) {
			t.Fatalf("%d ticks, want at most %d", len(at), n)
		}
		slack := (hi - lo) * 1e-6
		for i, v := range at {
			if v < lo-slack || v > hi+slack || i > 0 && v <= at[i-1] && slack > 0 {
				t.Fatalf("[%g, %g] has ticks at %v", lo, hi, at)
			}
			if len(texts[i]) == 0 || len(texts[i]) > 8 {
				t.Fatalf("[%g, %g] has texts %q", lo, hi, texts)
			}
		}
	})
}
