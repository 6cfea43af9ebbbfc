package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// BandRuns is how many runs each size needs for a band: of fewer a bootstrap is far too
// narrow.
const BandRuns = 3

// fitDraws is how often it draws.
const fitDraws = 1000

// bootstrap fits the chosen law again to sizes whose runs were drawn with replacement.
// The tasks that runs were judged on stay the same, so a band is for new seeds.
func (f *Fitted) bootstrap(x []float64) {
	for _, s := range f.Sizes {
		if len(s.Runs) < BandRuns {
			return
		}
	}
	f.Draws = fitDraws
	f.drawn = make([]Law, f.Draws)
	local := make([][]float64, f.Draws)
	inParallel(f.Draws, func(draw int) {
		y := drawLogs(f.Sizes, f.Seed, draw)
		f.drawn[draw] = f.Law.Kind.fit(x, y, &f.Law, closely)
		local[draw] = exponents(x, y)
	})
	for i := range f.Exponents {
		f.Exponents[i].Lo, f.Exponents[i].Hi = percentiles(column(f.Draws, func(draw int) float64 { return local[draw][i] }))
	}
	if f.Law.Kind != Constant {
		f.AlphaLo, f.AlphaHi = percentiles(column(f.Draws, func(draw int) float64 { return f.drawn[draw].Alpha }))
	}
	if f.Law.Kind != Line {
		f.FloorLo, f.FloorHi = percentiles(column(f.Draws, func(draw int) float64 { return f.drawn[draw].E }))
	}
}

// drawLogs are the logarithms of sizes whose runs were drawn. A mean of drawn values
// varies by the share 1 - 1/n of what one of new values does, which is put back.
func drawLogs(sizes []Size, seed uint64, draw int) []float64 {
	rng := rand.New(rand.NewPCG(seed, uint64(draw)))
	y := make([]float64, len(sizes))
	for i, s := range sizes {
		n, sum := len(s.Runs), 0.0
		for range n {
			sum += s.Runs[rng.IntN(n)]
		}
		of := float64(n)
		drawn := s.Y + (sum/of-Mean(s.Runs))*math.Sqrt(of/(of-1))
		y[i] = math.Log(max(drawn, s.Y/100))
	}
	return y
}

// Band is where the law lies at a size in 95 % of the draws; NaN without.
func (f Fitted) Band(x float64) (lo, hi float64) {
	if len(f.drawn) == 0 {
		return math.NaN(), math.NaN()
	}
	return percentiles(column(len(f.drawn), func(draw int) float64 { return f.drawn[draw].At(x) }))
}

func column(n int, of func(i int) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = of(i)
	}
	return values
}

// inParallel does n things that have nothing to do with each other.
func inParallel(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wg.Wait()
}
