package compare

import (
	"math"
	"strings"

	"ablate/experiments/stats"
	"ablate/tui/look"
	"ablate/tui/report"
)

// forestCells is how wide differences are drawn below each other: as many cells on
// either side of 0.
const forestCells = 31

// forest draws differences with their intervals below each other on one scale, which
// has 0 in its middle.
type forest struct {
	most float64 // that there is on either side
}

// add makes room for a difference.
func (f *forest) add(e stats.Effect) {
	for _, x := range []float64{e.Mean, e.Lo, e.Hi} {
		if x = math.Abs(x); x > f.most && !math.IsInf(x, 0) {
			f.most = x
		}
	}
}

// at is the cell of a value.
func (f *forest) at(x float64) int {
	const half = forestCells / 2
	return half + int(math.Round(half*max(-1, min(1, x/f.most))))
}

// head is the scale.
func (f *forest) head() string {
	const half = forestCells / 2
	end := report.Decimals(f.most)
	right := "+" + end
	return look.Fit(look.Fit("-"+end, half)+"0", forestCells-look.Width(right)) + right
}

// line is a difference: ──•── with a line at 0.
func (f *forest) line(e stats.Effect) string {
	if math.IsNaN(e.Mean) || !(f.most > 0) {
		return ""
	}
	cells := []rune(strings.Repeat(" ", forestCells))
	zero := f.at(0)
	cells[zero] = '│'
	if !math.IsNaN(e.Lo) {
		for i := f.at(e.Lo); i <= f.at(e.Hi); i++ {
			if cells[i] = '─'; i == zero {
				cells[i] = '┼'
			}
		}
	}
	cells[f.at(e.Mean)] = '•'
	return string(cells)
}
