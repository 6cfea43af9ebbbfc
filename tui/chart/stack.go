package chart

import "strings"

// Part is one share of a Stack.
type Part struct {
	Name  string
	Count int
	Color Color
}

// Stack draws counts side by side in exactly w cells: AC ███ 121  WA ██ 118.
func Stack(parts []Part, w int, style Style) string {
	text := ""
	for _, p := range parts {
		text += p.Name + " " + strings.TrimSpace(Format(float64(p.Count), 6)) + "  "
	}
	text = fit(clean(text, style.Glyphs), w, style.Glyphs)
	return text + strings.Repeat(" ", max(0, w-width(text)))
}

// PhaseState is how far a Phase is.
type PhaseState uint8

// The states of a phase.
const (
	Waiting PhaseState = iota
	Going
	Finished
	Broken
	Skipped
)

// Phase is one stretch of a time line.
type Phase struct {
	Name  string
	State PhaseState
	// Share is how much of a going phase is done, 0 to 1; NaN: not known.
	Share float64
	// Seconds is how long it took or has taken so far; NaN or negative: not known.
	Seconds float64
	// Note stands in place of the duration: "262/400".
	Note string
}

// Phases draws a time line in exactly w cells: data ✓ 1.1s ── SFT ▕███▏ ── eval.
func Phases(parts []Phase, w int, style Style) string {
	text := ""
	for _, p := range parts {
		text += p.Name + " "
	}
	text = fit(clean(text, style.Glyphs), w, style.Glyphs)
	return text + strings.Repeat(" ", max(0, w-width(text)))
}
