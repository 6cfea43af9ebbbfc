package store_test

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// full is a series that leaves nothing out.
type full struct{ steps, values []float64 }

func (f *full) add(step, value float64) {
	for n := len(f.steps); n > 0 && step <= f.steps[n-1]; n-- {
		f.steps, f.values = f.steps[:n-1], f.values[:n-1]
	}
	f.steps, f.values = append(f.steps, step), append(f.values, value)
}

// thinned is what has to be left of it: in every bucket the least, the greatest,
// the first odd and the last point, and the very first.
func (f *full) thinned(width float64) (steps, values []float64) {
	buckets := map[float64][]int{}
	for i, step := range f.steps {
		k := math.Floor(step / width)
		buckets[k] = append(buckets[k], i)
	}
	keep := map[int]bool{0: true}
	for _, points := range buckets {
		finite := slices.DeleteFunc(slices.Clone(points), func(i int) bool { return f.values[i]-f.values[i] != 0 })
		slices.SortStableFunc(finite, func(a, b int) int { return cmp.Compare(f.values[a], f.values[b]) })
		if len(finite) > 0 {
			keep[finite[0]] = true
			top := slices.IndexFunc(finite, func(i int) bool { return f.values[i] == f.values[finite[len(finite)-1]] })
			keep[finite[top]] = true
		}
		if odd := slices.IndexFunc(points, func(i int) bool { return f.values[i]-f.values[i] != 0 }); odd >= 0 {
			keep[points[odd]] = true
		}
		keep[points[len(points)-1]] = true
	}
	for i := range f.steps {
		if keep[i] {
			steps, values = append(steps, f.steps[i]), append(values, f.values[i])
		}
	}
	return steps, values
}

func TestSeriesIsThinned(t *testing.T) {
	t.Parallel()
	// Each row has numbers of its own: rows run at the same time.
	uniform := func() func(int) float64 {
		r := rand.New(rand.NewPCG(1, 2))
		return func(int) float64 { return r.Float64() }
	}
	normal := rand.New(rand.NewPCG(1, 2))
	for name, tt := range map[string]struct {
		n     int
		step  func(i int) float64
		value func(i int) float64
		exact bool
	}{
		"short":            {1024, func(i int) float64 { return float64(i) }, uniform(), true},
		"one more":         {1025, func(i int) float64 { return float64(i) }, uniform(), false},
		"noise":            {100_000, func(i int) float64 { return float64(i) }, func(int) float64 { return normal.NormFloat64() }, false},
		"falling":          {100_000, func(i int) float64 { return float64(i + 1) }, func(i int) float64 { return 1 / float64(i+1) }, false},
		"constant":         {20_000, func(i int) float64 { return float64(i) }, func(int) float64 { return 0.5 }, false},
		"wide steps":       {20_000, func(i int) float64 { return float64(i) * 1e6 }, uniform(), false},
		"uneven steps":     {20_000, func(i int) float64 { return math.Floor(float64(i) * float64(i) / 7) }, uniform(), false},
		"negative steps":   {5_000, func(i int) float64 { return float64(i - 2500) }, uniform(), false},
		"an outlier":       {5_000, func(i int) float64 { return float64(i) + math.Floor(float64(i)/4999)*1e15 }, uniform(), false},
		"no numbers":       {5_000, func(i int) float64 { return float64(i) }, func(int) float64 { return math.NaN() }, false},
		"some no numbers":  {50_000, func(i int) float64 { return float64(i) }, func(i int) float64 { return 1 / math.Max(0, float64(i%777)-1) }, false},
		"the first is odd": {5_000, func(i int) float64 { return float64(i) }, func(i int) float64 { return math.Log(float64(i)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s store.Series
			var all full
			for i := range tt.n {
				step, value := tt.step(i), tt.value(i)
				s.Add(step, value, step+0.5)
				all.add(step, value)
				if i%997 == 0 || i == tt.n-1 {
					holds(t, &s, &all)
				}
			}
			steps, values := all.steps, all.values
			if s.Width > 0 {
				steps, values = all.thinned(s.Width)
			}
			if diff := gocmp.Diff(steps, s.Steps) + gocmp.Diff(values, s.Values, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("width %v: %.2000s", s.Width, diff)
			}
			if tt.exact != (s.Width == 0) || !tt.exact && len(s.Steps) < 300 && name != "an outlier" && name != "uneven steps" {
				t.Errorf("width is %v, %d points", s.Width, len(s.Steps))
			}
		})
	}
}

// holds checks what is true of every series whatever was added.
func holds(t *testing.T, s *store.Series, all *full) {
	t.Helper()
	n := len(s.Steps)
	if n > 1024 || n != len(s.Values) || n != len(s.Times) || cap(s.Steps) > 4096 {
		t.Fatalf("%d steps of %d, %d values, %d times", n, cap(s.Steps), len(s.Values), len(s.Times))
	}
	ghosts := 0
	for _, g := range s.Ghosts[min(1, len(s.Ghosts)):] {
		ghosts += len(g.Steps)
	}
	if ghosts > 1024 {
		t.Fatalf("ghosts have %d points", ghosts)
	}
	last := len(all.steps) - 1
	if n == 0 || s.Steps[n-1] != all.steps[last] || !same(s.Values[n-1], all.values[last]) || !s.End(n-1) {
		t.Fatalf("ends with %v, want %v", s.Steps[max(0, n-1):], all.steps[last])
	}
	for i, step := range s.Steps {
		if i > 0 && step <= s.Steps[i-1] {
			t.Fatalf("step %v follows %v", step, s.Steps[i-1])
		}
		at, found := slices.BinarySearch(all.steps, step)
		if !found || !same(s.Values[i], all.values[at]) || s.Times[i] != step+0.5 {
			t.Fatalf("(%v, %v) is no point of the run", step, s.Values[i])
		}
	}
	if v, ok := s.Last(); !ok || !same(v, all.values[last]) {
		t.Fatalf("last value is %v", v)
	}
}

func same(a, b float64) bool { return a == b || a != a && b != b }

// FuzzSeries adds whatever comes, with steps back.
func FuzzSeries(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, uint16(3000))
	f.Add([]byte{1, 200, 0, 0, 255, 7}, uint16(5000))
	f.Add([]byte{0, 0, 0}, uint16(9))
	f.Fuzz(func(t *testing.T, text []byte, n uint16) {
		if len(text) == 0 {
			return
		}
		var s store.Series
		var all full
		step := 0.0
		for i := range int(n) {
			b, v := text[i%len(text)], text[(i*7+i/len(text))%len(text)]
			switch {
			case b < 200:
				step += float64(b) + 1
			case i%50 == 0:
				step -= float64(b) * float64(v)
			default:
				step += float64(uint64(1) << (b % 30))
			}
			value := math.Float64frombits(binary.LittleEndian.Uint64([]byte{v, b, v, b, v, v, b, v ^ byte(i)}))
			s.Add(step, value, step+0.5)
			all.add(step, value)
		}
		if n > 0 {
			holds(t, &s, &all)
		}
	})
}

// Seeds that write at the same steps have ends in common, whatever their values,
// their lengths and the attempts they took, so that their mean is right.
func TestMeanOfLongSeries(t *testing.T) {
	t.Parallel()
	value := func(seed, step int) float64 { return float64(seed) + 10/float64(step+1) }
	seed := func(k, n int, again ...int) *store.Series {
		r := rand.New(rand.NewPCG(uint64(k), 0))
		h := &store.History{}
		from := 0
		for attempt, stop := range append(again, n) {
			b := store.Batch{Attempt: attempt + 1}
			for i := from; i < stop; i++ {
				v := value(k, i)
				if i%64 != 63 { // extremes at other steps in every seed
					v += r.NormFloat64()
				}
				b.Points = append(b.Points, store.Point{Step: int64(i), M: store.Values{"a": v}})
			}
			h.Add(b)
			from = stop - 150
		}
		return h.Series["a"]
	}
	all := []*store.Series{seed(1, 100_000), seed(2, 100_000, 30_001, 70_777), seed(3, 100_000, 99_999), seed(6, 40_000), seed(9, 600)}
	steps, values := store.Mean(all)
	if len(steps) < 100 || !slices.IsSorted(steps) {
		t.Fatalf("steps are %v", steps)
	}
	checked := 0
	for i, step := range steps {
		n := int(step)
		want := []float64{value(1, n), value(2, n), value(3, n)}
		if n < 40_000 {
			want = append(want, value(6, n))
		}
		if n < 600 {
			want = append(want, value(9, n))
		}
		if n%64 != 63 {
			continue
		}
		checked++
		sum := 0.0
		for _, v := range want {
			sum += v
		}
		if got := sum / float64(len(want)); math.Abs(got-values[i]) > 1e-9 {
			t.Errorf("at %d the mean is %v, want %v", n, values[i], got)
		}
	}
	if checked < len(steps)-3 || steps[0] != 0 || steps[len(steps)-1] != 99_999 {
		t.Errorf("%d of %d steps are ends, from %v to %v", checked, len(steps), steps[0], steps[len(steps)-1])
	}
}

func TestMean(t *testing.T) {
	t.Parallel()
	s := func(xy ...float64) *store.Series {
		var s store.Series
		for i := 0; i < len(xy); i += 2 {
			s.Add(xy[i], xy[i+1], 0)
		}
		return &s
	}
	// Written at other steps: the last values in each bucket.
	even, odd := &store.Series{}, &store.Series{}
	for i := range 4000 {
		even.Add(float64(2*i), 1, 0)
		odd.Add(float64(2*i+1), 3, 0)
	}
	if steps, values := store.Mean([]*store.Series{even, odd}); len(steps) < 100 || values[len(values)/2] != 2 {
		t.Errorf("mean of series without common steps is %v at %v", values, steps)
	}
	for name, tt := range map[string]struct {
		all           []*store.Series
		steps, values []float64
	}{
		"one":               {[]*store.Series{s(1, 2, 3, 4)}, []float64{1, 3}, []float64{2, 4}},
		"those that have":   {[]*store.Series{s(1, 2, 2, 4), s(2, 8, 3, 1), s(2, 0)}, []float64{1, 2, 3}, []float64{2, 4, 1}},
		"one without any":   {[]*store.Series{s(), s(5, 1)}, []float64{5}, []float64{1}},
		"no number in one":  {[]*store.Series{s(1, 1, 2, 2), s(1, math.NaN(), 2, 4)}, []float64{1, 2}, []float64{math.NaN(), 3}},
		"one that is ahead": {[]*store.Series{s(1, 1), s(1, 3, 2, 9, 3, 9)}, []float64{1, 2, 3}, []float64{2, 9, 9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps, values := store.Mean(tt.all)
			if diff := gocmp.Diff(tt.steps, steps) + gocmp.Diff(tt.values, values, cmpopts.EquateNaNs()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A run that is resumed again and again has bounded ghosts.
func TestGhostsAreBounded(t *testing.T) {
	t.Parallel()
	var h store.History
	for attempt := 1; attempt <= 100; attempt++ {
		b := store.Batch{Attempt: attempt}
		for i := range 5000 {
			b.Points = append(b.Points, store.Point{Step: int64(attempt*100 + i), M: store.Values{"a": float64(attempt)}})
		}
		h.Add(b)
	}
	n := 0
	ghosts := h.Series["a"].Ghosts
	for _, g := range ghosts {
		n += len(g.Steps)
	}
	if n > 1024 || len(ghosts) == 0 || ghosts[len(ghosts)-1].Values[0] != 99 {
		t.Errorf("%d ghosts of %d points", len(ghosts), n)
	}
	if h.From != 9999 || h.Last != 14_999 {
		t.Errorf("resumed from %d to %d", h.From, h.Last)
	}
}

func BenchmarkSeriesAdd(b *testing.B) {
	var s store.Series
	i := 0.0
	for b.Loop() {
		i++
		s.Add(i, math.Sin(i), i)
	}
}
