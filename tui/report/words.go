package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ablate/experiments"
)

// Count is a number of things: "1 seed", "3 seeds".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// number is x with three decimals, and a dash where there is none.
func number(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return Decimals(x)
}

// Decimals is x with three decimals, or with a power of ten where that would be
// a long row of digits: a loss that went away.
func Decimals(x float64) string {
	if math.Abs(x) >= 1e7 && !math.IsInf(x, 0) {
		return fmt.Sprintf("%.3g", x)
	}
	return fmt.Sprintf("%.3f", x)
}

// CellLabel is a cell in few letters: 2048×1.
func CellLabel(axes []experiments.Setting) string {
	return experiments.Cell{Axes: axes}.Label()
}

// ShortName is a metric's name without its family: "pass@1" for "eval/pass@1".
func ShortName(metric string) string {
	return strings.TrimPrefix(metric, "eval/")
}

// called is the metric that a name means among those that there are: by its name in full,
// else as it is shown, pass@4 for eval/pass@4. A name that none has stays, but for one with
// a k, which is of an evaluation.
func called(name string, known []string) string {
	if slices.Contains(known, name) {
		return name
	}
	if i := slices.IndexFunc(known, func(m string) bool { return ShortName(m) == name }); i >= 0 {
		return known[i]
	}
	if _, ok := outcomeOf("eval/" + name); ok {
		return "eval/" + name
	}
	return name
}

// Duration is a time in seconds as people say it: 8s, 2m41s, 3h05m; a dash for
// NaN, and for what no clock has measured: more than a thousand years.
func Duration(seconds float64) string {
	if math.IsNaN(seconds) || seconds < 0 || seconds > 1000*365*24*3600 {
		return "–"
	}
	s := int(seconds + 0.5)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	default:
		return fmt.Sprintf("%dh%02dm", s/3600, s%3600/60)
	}
}

// Moment is a time, in seconds since 1970, for people: in their zone, nothing for 0.
func Moment(t float64) string {
	if t == 0 {
		return ""
	}
	return time.UnixMilli(int64(t * 1000)).Format(time.DateTime)
}
