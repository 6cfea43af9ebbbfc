package chart_test

import (
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/chart"
)

// verdicts are those of an evaluation, in the order in which they matter.
func verdicts() []chart.Part {
	return []chart.Part{
		{Name: "AC", Count: 121, Color: chart.Good}, {Name: "WA", Count: 118, Color: chart.Bad}, {Name: "TLE"},
		{Name: "RE", Count: 9}, {Name: "CE", Count: 2}, {Name: "MLE"}, {Name: "NC", Count: 6},
	}
}

// The bars go first, then what has no count, then the last parts; a count is
// whole or not there.
func TestStack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		style chart.Style
		w     int
		want  string
	}{
		{noColor(chart.Braille), 80, "AC █████████████ 121  WA █████████████ 118  TLE 0  RE █ 9  CE █ 2  MLE 0  NC █ 6"},
		{noColor(chart.Braille), 60, "AC ███ 121  WA ███ 118  TLE 0  RE █ 9  CE █ 2  MLE 0  NC █ 6"},
		{noColor(chart.ASCII), 60, "AC ### 121  WA ### 118  TLE 0  RE # 9  CE # 2  MLE 0  NC # 6"},
		{chart.Style{Theme: chart.Theme{NoColor: true}, WideAmbiguous: true}, 60, "AC ### 121  WA ### 118  TLE 0  RE # 9  CE # 2  MLE 0  NC # 6"},
		{noColor(chart.Braille), 50, "AC 121  WA 118  TLE 0  RE 9  CE 2  MLE 0  NC 6"},
		{noColor(chart.Braille), 45, "AC 121  WA 118  TLE 0  RE 9  CE 2  NC 6  +1"},
		{noColor(chart.Braille), 30, "AC 121  WA 118  RE 9  CE 2  +3"},
		{noColor(chart.Braille), 10, "AC 121  +6"},
		{noColor(chart.Braille), 5, ""},
	} {
		got := chart.Stack(verdicts(), tt.w, tt.style)
		if strings.TrimRight(got, " ") != tt.want || ansi.StringWidth(got) != tt.w {
			t.Errorf("at %d: %q, want %q", tt.w, got, tt.want)
		}
	}
	colored := chart.Stack(verdicts(), 80, chart.Style{})
	if want := chart.Stack(verdicts(), 80, noColor(chart.Braille)); ansi.Strip(colored) != want {
		t.Errorf("in colour %q says other than %q", colored, want)
	}
}

func stages() []chart.Phase {
	return []chart.Phase{
		{Name: "data", State: chart.Finished, Seconds: 1.1}, {Name: "tokenizer", State: chart.Finished, Seconds: 0.3},
		{Name: "SFT", State: chart.Going, Share: 0.65, Seconds: 161, Note: "262/400"}, {Name: "RL", State: chart.Skipped},
		{Name: "evaluation", State: chart.Waiting, Share: math.NaN(), Seconds: -1},
	}
}

func TestPhases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		style chart.Style
		w     int
		want  string
	}{
		{noColor(chart.Braille), 120, "data ✓ 1.1s ── tokenizer ✓ 0.30s ── SFT ▕███████████▊      ▏ 262/400 ── RL – ── evaluation ◌"},
		{noColor(chart.Braille), 80, "data ✓ 1.1s ── tokenizer ✓ 0.30s ── SFT ▕███▎ ▏ 262/400 ── RL – ── evaluation ◌"},
		{noColor(chart.ASCII), 80, "data + 1.1s -- tokenizer + 0.30s -- SFT [###  ] 262/400 -- RL - -- evaluation o"},
		{chart.Style{Theme: chart.Theme{NoColor: true}, WideAmbiguous: true}, 80, "data ✓ 1.1s -- tokenizer ✓ 0.30s -- SFT [###  ] 262/400 -- RL - -- evaluation ◌"},
		{noColor(chart.Braille), 70, "data ✓ ── tokenizer ✓ ── SFT ▕███▎ ▏ 262/400 ── RL – ── evaluation ◌"},
		{noColor(chart.Braille), 64, "data ✓ ── tokenizer ✓ ── SFT ● 262/400 ── RL – ── evaluation ◌"},
		{noColor(chart.Braille), 50, "data ✓  tokenizer ✓  SFT ●  RL –  evaluation ◌"},
		{noColor(chart.Braille), 34, "✓  ✓  SFT ●  RL –  evaluation ◌"},
		{noColor(chart.Braille), 20, "✓  ✓  SFT ●  RL – …"},
		{noColor(chart.Braille), 9, "… SFT ● …"},
		{noColor(chart.Braille), 4, "SFT"},
		{noColor(chart.Braille), 2, "S…"},
		{noColor(chart.Braille), 0, ""},
	} {
		got := chart.Phases(stages(), tt.w, tt.style)
		if strings.TrimRight(got, " ") != tt.want || ansi.StringWidth(got) != tt.w {
			t.Errorf("at %d: %q, want %q", tt.w, got, tt.want)
		}
	}
}

func TestFormatSeconds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		seconds float64
		want    string
	}{
		{0, "0"},
		{0.25, "0.25s"},
		{1.14, "1.1s"},
		{9.96, "10s"},
		{45, "45s"},
		{59.6, "1m"},
		{161, "2m41s"},
		{120, "2m"},
		{5400, "1h30"},
		{3600 + 59, "1h"},
		{26 * 3600, "26h"},
		{54 * 3600, "2d6h"},
		{-90, "-1m30s"},
		{1e9, "11574d1h"},
		{1e300, "1e295d"},
		{math.NaN(), "NaN"},
		{math.Inf(1), "Inf"},
	} {
		if got := chart.FormatSeconds(tt.seconds); got != tt.want {
			t.Errorf("FormatSeconds(%g) = %q, want %q", tt.seconds, got, tt.want)
		}
	}
}
