package plot_test

import (
	"strings"
	"testing"

	"ablate/tui/chart"
)

// Values that a logarithmic axis cannot show are there all the same: the chart says
// why it is empty and how to see them.
func TestNothingAboveZero(t *testing.T) {
	t.Parallel()
	r := look60(t)
	s := chart.Series{Name: "reward", X: []float64{1, 2, 3}, Y: []float64{-3, -2, -1}}
	r.line = chart.Line{Title: "train/reward", Series: []chart.Series{s}, Empty: "no number at any step"}
	if text := r.press("y").view(); !strings.Contains(text, "y makes it linear") {
		t.Errorf("the chart does not say why it is empty:\n%s", text)
	}
	if text := r.press("y").view(); strings.Contains(text, "linear") || !strings.Contains(text, "-3") {
		t.Errorf("the linear chart is empty:\n%s", text)
	}
	r.line.Series = nil
	if text := r.press("y").view(); !strings.Contains(text, "no number at any step") {
		t.Errorf("without a series it does not say what the page does:\n%s", text)
	}
}
