package stats

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"ablate/engine/seed"
)

// Where there is nothing to tell of the spread there is no interval and no p; where all
// is the same the interval is a point, and no p either.
func TestEffectsAtTheEnds(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	rows := func(rows ...[]float64) Scores { return Scores{Of: rows} }
	in := func(s Scores, cluster ...int) Scores { return Scores{s.Of, cluster} }
	one, two := rows([]float64{1}), rows([]float64{1}, []float64{0})
	pass, fail := rows([]float64{1, 1, 1}, []float64{1, 1, 1}), rows([]float64{0, 0, 0}, []float64{0, 0, 0})
	unknown := rows([]float64{1, nan, 0}, []float64{1, 0, 0})
	tenths := rows(slices.Repeat([]float64{0.1}, 10)) // whose mean is not 0.1
	for name, c := range map[string]struct {
		e            Effect
		mean, lo, hi float64
	}{
		"nothing":                        {Crossed(), nan, nan, nan},
		"no seeds":                       {Crossed(Scores{}), nan, nan, nan},
		"no tasks":                       {Crossed(rows([]float64{}, []float64{})), nan, nan, nan},
		"a part without tasks":           {Crossed(pass, rows([]float64{}, []float64{})), nan, nan, nan},
		"one task of one seed":           {Crossed(one), 1, nan, nan},
		"one cluster of one seed":        {Crossed(in(rows([]float64{1, 0}), 0, 0)), 0.5, nan, nan},
		"all pass":                       {Crossed(pass), 1, 1, 1},
		"all fail":                       {Crossed(fail), 0, 0, 0},
		"all pass, one seed":             {Crossed(rows([]float64{1, 1})), 1, 1, 1},
		"all the same but for rounding":  {Crossed(tenths), 0.1, 0.1, 0.1},
		"a NaN":                          {Crossed(unknown), nan, nan, nan},
		"a NaN in clusters":              {Crossed(in(unknown, 0, 0, 1)), nan, nan, nan},
		"an infinite one":                {Crossed(rows([]float64{math.Inf(1), 0})), math.Inf(1), nan, nan},
		"apart, nothing":                 {Apart(Scores{}, pass), nan, nan, nan},
		"apart, no tasks":                {Apart(rows([]float64{}), rows([]float64{})), nan, nan, nan},
		"apart, all fail and all pass":   {Apart(fail, pass), 1, 1, 1},
		"apart, all pass":                {Apart(pass, pass), 0, 0, 0},
		"apart, a NaN":                   {Apart(fail, unknown), nan, nan, nan},
		"apart, one task, one seed each": {Apart(one, one), 0, nan, nan},
		"apart, one task, two seeds":     {Apart(two, two), 0, -4.3026527 * math.Sqrt(0.5), 4.3026527 * math.Sqrt(0.5)},
		"no values":                      {OverSeeds(nil), nan, nan, nan},
		"one value":                      {OverSeeds([]float64{0.5}), 0.5, nan, nan},
		"two zeros":                      {OverSeeds([]float64{0, 0}), 0, 0, 0},
		"a NaN of seeds":                 {OverSeeds([]float64{0, nan}), nan, nan, nan},
		"one value of each":              {Welch([]float64{1}, []float64{2, 3}), 1.5, nan, nan},
		"no values of each":              {Welch(nil, nil), nan, nan, nan},
		"no spread":                      {Welch([]float64{1, 1}, []float64{3, 3}), 2, 2, 2},
		"a NaN of one":                   {Welch([]float64{1, nan}, []float64{3, 3}), nan, nan, nan},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !same(c.e.Mean, c.mean) && c.e.Mean != c.mean || !same(c.e.Lo, c.lo) || !same(c.e.Hi, c.hi) {
				t.Errorf("%v in [%v, %v], want %v in [%v, %v]", c.e.Mean, c.e.Lo, c.e.Hi, c.mean, c.lo, c.hi)
			}
			if c.lo < c.hi {
				return
			}
			if p, mde, same := c.e.P(), c.e.MDE(), c.e.Equivalence(1); !math.IsNaN(p) || !math.IsNaN(mde) || !math.IsNaN(same) {
				t.Errorf("p %v, finds %v, equivalence %v; want NaN", p, mde, same)
			}
		})
	}
}

// The same outcomes on n tasks: by hand 0.98^149 = 0.04928 and 0.98^148 = 0.05029. One that
// differs, in any seed, is one too many even where all sums are 0.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	row := func(n int, x float64) []float64 { return slices.Repeat([]float64{x}, n) }
	rows := func(rows ...[]float64) Scores { return Scores{Of: rows} }
	clustered := Scores{Of: [][]float64{row(300, 0)}, Cluster: make([]int, 300)}
	for i := range clustered.Cluster {
		clustered.Cluster[i] = i % 2
	}
	turned := []float64{1, -1, 0}
	for name, c := range map[string]struct {
		e      Effect
		margin float64
		want   float64
	}{
		"enough tasks":        {Crossed(rows(row(149, 0))), 0.02, 0.049282},
		"one too few":         {Crossed(rows(row(148, 0))), 0.02, 0.050287},
		"in three seeds":      {Crossed(rows(row(149, 0), row(149, 0), row(149, 0))), 0.02, 0.049282},
		"two clusters":        {Crossed(clustered), 0.5, 0.25},
		"all pass, apart":     {Apart(rows(row(2, 1)), rows(row(2, 1), row(2, 1))), 0.9, 0.01},
		"some pass, apart":    {Apart(rows(turned, turned), rows(turned)), 0.9, 0.001},
		"seeds that differ":   {Apart(rows(turned, row(3, 0)), rows(turned, row(3, 0))), 0.9, math.NaN()},
		"a margin of all":     {Crossed(rows(row(2, 0))), 1.5, 0},
		"no margin":           {Crossed(rows(row(149, 0))), 0, math.NaN()},
		"all differ alike":    {Crossed(rows(row(149, 1))), 0.02, math.NaN()},
		"sums of 0":           {Crossed(rows(turned, []float64{-1, 1, 0})), 0.9, math.NaN()},
		"two parts":           {Crossed(rows(row(9, 0)), rows(row(9, 0))), 0.9, math.NaN()},
		"values of two seeds": {OverSeeds([]float64{0, 0}), 0.9, math.NaN()},
		"nothing":             {Crossed(), 0.9, math.NaN()},
	} {
		if p := c.e.Unchanged(c.margin); !(math.Abs(p-c.want) < 1e-6) && !(math.IsNaN(p) && math.IsNaN(c.want)) {
			t.Errorf("%s: p %v, want %v", name, p, c.want)
		}
	}
}

// By hand: all of 8 tasks reach down to 8 / (8 + 1.96^2) = 0.67559, none of them up to
// 0.32441; two clusters tell what two tasks do.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	all, none := slices.Repeat([]float64{1}, 8), make([]float64, 8)
	for name, c := range map[string]struct {
		e      Effect
		lo, hi float64
	}{
		"all of two seeds":  {Crossed(Scores{Of: [][]float64{all, all}}), 0.675592, 1},
		"none of two seeds": {Crossed(Scores{Of: [][]float64{none, none}}), 0, 0.324408},
		"all of clusters":   {Crossed(Scores{Of: [][]float64{all}, Cluster: []int{0, 0, 0, 0, 1, 1, 1, 1}}), 0.342380, 1},
		"half of each":      {Crossed(Scores{Of: [][]float64{{0.5, 0.5}, {0.5, 0.5}}}), 0.5, 0.5},
		"seeds alone":       {OverSeeds([]float64{1, 1}), 1, 1},
		"nothing":           {Crossed(), math.NaN(), math.NaN()},
	} {
		lo, hi := c.e.AllOrNone()
		if !(math.Abs(lo-c.lo) < 1e-6 && math.Abs(hi-c.hi) < 1e-6) && !(math.IsNaN(lo) && math.IsNaN(c.lo)) {
			t.Errorf("%s: %v to %v, want %v to %v", name, lo, hi, c.lo, c.hi)
		}
	}
	if _, hi := Crossed(Scores{Of: [][]float64{all, none}}).AllOrNone(); hi < 1 {
		t.Error("seeds that differ by all have an interval of their own")
	}
}

// drawn are some scores of any shape, in eighths, with clusters in every second case.
func drawn(i int) Scores {
	rng := seed.Stream(3, "drawn", i)
	s := Scores{Of: make([][]float64, 1+rng.IntN(4))}
	tasks := 2 + rng.IntN(30)
	for r := range s.Of {
		s.Of[r] = make([]float64, tasks)
		for t := range s.Of[r] {
			s.Of[r][t] = float64(rng.IntN(9)*rng.IntN(3)-2) / 8
		}
	}
	for t := range tasks * (i % 2) {
		s.Cluster = append(s.Cluster, t%2+rng.IntN(6))
	}
	return s
}

// p is below 0.05 just where the 95 % interval leaves out 0, and that of equivalence just
// where the 90 % interval lies within the margin.
func TestPAgrees(t *testing.T) {
	t.Parallel()
	found, equivalent := 0, 0
	for i := range 200 {
		e := Crossed(drawn(i))
		if !e.varies() {
			continue
		}
		if leaves := e.Lo > 0 || e.Hi < 0; (e.P() < 0.05) != leaves {
			t.Errorf("case %d: p %v with %+v", i, e.P(), e)
		} else if leaves {
			found++
		}
		lo, hi := e.Interval(0.9)
		for _, margin := range []float64{0.1, 0.3, 0.6} {
			if within := lo > -margin && hi < margin; (e.Equivalence(margin) < 0.05) != within {
				t.Errorf("case %d: within %v, p %v with %v to %v", i, margin, e.Equivalence(margin), lo, hi)
			} else if within {
				equivalent++
			}
		}
	}
	if found < 20 || equivalent < 20 {
		t.Errorf("only %d are found and %d are equivalent", found, equivalent)
	}
}

// Of the negative everything is mirrored; other numbers for the same clusters, other
// orders of seeds and tasks change nothing but the last bits.
func TestCrossedIsOfTheScoresAlone(t *testing.T) {
	t.Parallel()
	for i := range 100 {
		s := drawn(i)
		n := len(s.Of[0])
		mirrored, other := Scores{Cluster: s.Cluster}, Scores{}
		for r := range s.Of {
			mirrored.Of = append(mirrored.Of, difference(make([]float64, n), s.Of[r]))
			other.Of = append(other.Of, nil)
			for t := range n {
				other.Of[r] = append(other.Of[r], s.Of[len(s.Of)-1-r][n-1-t])
			}
		}
		for t := range s.Cluster {
			other.Cluster = append(other.Cluster, 20-2*s.Cluster[n-1-t])
		}
		e, m, o := Crossed(s), Crossed(mirrored), Crossed(other)
		if !near(m, -e.Mean, -e.Hi, -e.Lo) || !near(o, e.Mean, e.Lo, e.Hi) || e.Clusters != o.Clusters {
			t.Errorf("case %d: %+v, mirrored %+v, in another order %+v", i, e, m, o)
		}
	}
}

// By hand: ten degrees of freedom of four equal squares, one of a single one; 10 (1 - the
// cube root of 1 - 0.3 (2 + 0.05)) to the side of a skewness of 0.3.
func TestUnevenClusters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		squares []float64
		want    float64
	}{{[]float64{1, 1, 1, 1}, 10}, {[]float64{0, 2, 0}, 1}, {[]float64{1, 1}, 4}, {[]float64{0, 0}, 2}} {
		if got := known(c.squares); got != c.want {
			t.Errorf("%v have %v degrees of freedom, want %v", c.squares, got, c.want)
		}
	}
	skewed := source{variance: 4, third: 0.3 * 8, freedom: math.Inf(1)}
	tail := 0.022750131948179 // beyond 2
	if out, in := skewed.quantile(tail, 1), skewed.quantile(tail, -1); math.Abs(out-2.72522) > 1e-5 || math.Abs(in-2) > 1e-9 {
		t.Errorf("quantiles are %v and %v", out, in)
	}
	// Squares as 1 1 1 1 1 25 have 3 30^2/630 - 2.
	one := func(x ...float64) Effect {
		return Crossed(Scores{Of: [][]float64{x}, Cluster: []int{0, 1, 2, 3, 4, 5}})
	}
	e := one(-1, -1, -1, -1, -1, 5)
	if got := e.sources[1].freedom; math.Abs(got-16.0/7) > 1e-9 {
		t.Errorf("%v degrees of freedom, want 16/7", got)
	}
	if below, above := e.Mean-e.Lo, e.Hi-e.Mean; above < 1.2*below {
		t.Errorf("%v above, %v below", above, below)
	}
	if p, mirrored := e.Equivalence(3), one(1, 1, 1, 1, 1, -5).Equivalence(3); math.Abs(p-mirrored) > 1e-9 {
		t.Errorf("p of equivalence is %v and, mirrored, %v", p, mirrored)
	}
}

// Any scores: an interval around the mean or none, p from 0 to 1 or none.
func FuzzEffects(f *testing.F) {
	for _, x := range [][]float64{{0.5, 1, 0, 1, 0.25, 0}, {math.NaN(), 1, 0}, {math.Inf(1), math.MaxFloat64, -math.MaxFloat64, 1e-320}, {}} {
		var data []byte
		for _, v := range x {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
		for seeds := range uint8(3) {
			f.Add(data, seeds, seeds)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, seeds, clusters uint8) {
		s := Scores{Of: make([][]float64, seeds%8)}
		n := min(64, len(data)/8/max(1, len(s.Of)))
		for r := range s.Of {
			s.Of[r] = make([]float64, n)
			for i := range n {
				s.Of[r][i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*(r*n+i):]))
			}
		}
		for i := range n * int(clusters%2) {
			s.Cluster = append(s.Cluster, i*int(clusters)%7)
		}
		for _, e := range []Effect{Crossed(s), Apart(s, s), Crossed(s, s)} {
			if e.Lo > e.Mean || e.Hi < e.Mean {
				t.Errorf("%v is not in [%v, %v]", e.Mean, e.Lo, e.Hi)
			}
			for what, p := range map[string]float64{"p": e.P(), "equivalence": e.Equivalence(0.5)} {
				if p < 0 || p > 1 {
					t.Errorf("%s is %v of %+v", what, p, e)
				}
			}
			_ = fmt.Sprint(e.MDE())
		}
		if lo, hi := Bootstrap(s, 100, 1); lo > hi {
			t.Errorf("%v to %v is drawn", lo, hi)
		}
		for _, row := range s.Of {
			if p, _ := SignFlip(row[:min(12, len(row))], 1); p <= 0 || p > 1 {
				t.Errorf("p of flips is %v", p)
			}
		}
	})
}
