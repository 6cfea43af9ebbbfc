package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/experiments/stats"
)

// published is where numbers are from that are not the store's own.
type published struct {
	Name, Source string // "": the store's own
	AtMost       bool   // the intervals are no narrower than the true ones
}

// PublishedInterval is a published value with its interval, as fractions: what the
// source prints behind its ±, or else what its number of problems implies at most,
// Wilson's for one sample of each. Several samples a problem make the true one
// narrower, atMost. NaN where the source says neither.
func PublishedInterval(p reference.Point) (mean, lo, hi float64, atMost bool) {
	mean = p.Y / 100
	switch {
	case p.Err > 0:
		return mean, mean - p.Err/100, mean + p.Err/100, false
	case p.N > 0:
		lo, hi = stats.Wilson(mean*float64(p.N), float64(p.N), stats.Z95)
		return mean, lo, hi, true
	}
	return mean, math.NaN(), math.NaN(), false
}

// PublishedValue is a published value with its interval in few words, in percent: "64k
// 47.0 [41.1, 53.0]", or "sft 60.3 ±2.5" as the source has it.
func PublishedValue(p reference.Point) string {
	text := fmt.Sprintf("%s %.1f", p.X, p.Y)
	switch _, lo, hi, atMost := PublishedInterval(p); {
	case atMost:
		text += fmt.Sprintf(" [%.1f, %.1f]", 100*lo, 100*hi)
	case p.Err > 0:
		text += fmt.Sprintf(" ±%.1f", p.Err)
	}
	return text
}

// publishedWords is a published series in one line, each value with the interval that its
// number of problems implies: "lcb5_verify (P T3, n = 268, %; 95 % from n alone): raw 47
// [41.1, 53.0], verified 53.4 [47.4, 59.3]".
func publishedWords(s reference.Series) string {
	about, values := s.Source, make([]string, len(s.Points))
	implied := false
	for i, p := range s.Points {
		values[i] = p.X + " " + strconv.FormatFloat(p.Y, 'f', -1, 64)
		switch _, lo, hi, atMost := PublishedInterval(p); {
		case atMost:
			values[i] += fmt.Sprintf(" [%.1f, %.1f]", 100*lo, 100*hi)
			implied = true
		case p.Err > 0:
			values[i] += "±" + strconv.FormatFloat(p.Err, 'f', -1, 64)
		}
	}
	if n := s.Points[0].N; n > 0 && !slices.ContainsFunc(s.Points, func(p reference.Point) bool { return p.N != n }) {
		about += fmt.Sprintf(", n = %d", n)
	}
	about += ", %"
	if implied {
		about += "; 95 % from n alone"
	}
	return fmt.Sprintf("%s (%s): %s", s.Name, about, strings.Join(values, ", "))
}

// speaksOf is true if the places of a published curve are numbers on this axis, which
// its name says.
func speaksOf(s reference.Series, axis string) bool {
	return strings.Contains("_"+s.Name+"_", "_"+axis+"_")
}

// publishedPoints are the points of a published curve whose places are sizes.
func publishedPoints(s reference.Series) (points []FitPoint, atMost bool) {
	for _, p := range s.Points {
		if x, err := strconv.ParseFloat(p.X, 64); err == nil && x > 0 {
			mean, lo, hi, most := PublishedInterval(p)
			points = append(points, FitPoint{X: x, Mean: mean, Lo: lo, Hi: hi, Tasks: p.N})
			atMost = atMost || most
		}
	}
	return points, atMost
}

// publishedCurve is the same fit of a published curve. Its points were measured on the
// same problems, whose choice is most of their intervals, so these do not speak of the
// differences between points and the laws are fitted without them.
func publishedCurve(s reference.Series, axis, metric string) (FitCurve, bool) {
	points, atMost := publishedPoints(s)
	if len(points) < 2 {
		return FitCurve{}, false
	}
	bare := make([]FitPoint, len(points))
	for i, p := range points {
		bare[i] = FitPoint{X: p.X, Mean: p.Mean, Lo: math.NaN(), Hi: math.NaN()}
	}
	c := FitOf(bare, metric, experiments.Max)
	c.Axis, c.Points, c.published = axis, points, published{s.Name, s.Cite(), atMost}
	return c, true
}
