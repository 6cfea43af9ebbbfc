package lab

import (
	"math"
	"testing"

	"ablate/experiments/store"
)

// What was spent and what is to come have one unit, in which neither is a row of
// zeros.
func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		spent, left float64
		want        string
	}{
		{0.8, 0.4, "0.8 core-hours, about 0.4 to come"},
		{12.34, 0, "12.3 core-hours"},
		{0.0147, 0.000816, "52.9 core-seconds, about 2.94 to come"},
		{0.05, 0, "3 core-minutes"},
		{0, 1.5, "about 1.5 core-hours to come"},
		{0.5, math.NaN(), "0.5 core-hours, what is to come is not known"},
		{0, math.NaN(), ""},
		{0, 0, ""},
	} {
		if got := amounts(tt.spent, tt.left, "core"); got != tt.want {
			t.Errorf("%v and %v: %q, want %q", tt.spent, tt.left, got, tt.want)
		}
	}
}

// Costs are read seldom: when all is done nothing is to come, whatever was read
// before.
func TestNothingIsToComeInTheEnd(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 120, 40)
	r.send(data(p.study.plan, store.Done))
	p.forecast.known, p.forecast.spent.CoreHours, p.forecast.spent.ToCome = true, 0.5, 0.25
	r.sees("to come").send(allDone(p)).lacks("to come")
}
