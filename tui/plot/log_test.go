package plot_test

import (
	"strings"
	"testing"

	"ablate/tui/chart"
)

// An axis of sizes that is logarithmic by itself is linear after x.
func TestLinearAgain(t *testing.T) {
	t.Parallel()
	r := look60(t)
	r.Scaling = true
	s := chart.Series{Name: "rate", X: []float64{1, 10, 100, 1000}, Y: []float64{1, 2, 3, 4}, Points: true}
	r.line = chart.Line{Series: []chart.Series{s}, X: chart.Axis{Label: "tasks", Log: true}}
	log := r.view()
	if !strings.Contains(log, " 100 ") {
		t.Fatalf("the axis is not logarithmic:\n%s", log)
	}
	if r.press("x").view() == log {
		t.Error("x does nothing")
	}
	if r.press("x").view() != log {
		t.Error("x twice is not as before")
	}
}
