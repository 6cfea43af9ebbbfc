package compare

import (
	"ablate/tui/look"
	"ablate/tui/report"
)

// tone is how a verdict is said.
type tone uint8

const (
	toneNone       tone = iota // nobody says which is better, or there is nothing to say yet
	toneBetter                 // B is
	toneWorse                  // B is
	toneEquivalent             // no success, and no failure
	toneOpen                   // no evidence
	toneRefused
)

// toneOf is the tone of a difference.
func toneOf(x report.Contrast) tone {
	if x.Refused != "" {
		return toneRefused
	}
	return map[string]tone{report.Better: toneBetter, report.Worse: toneWorse, report.Equivalent: toneEquivalent, report.NoEvidence: toneOpen}[x.Verdict]
}

// inTable is its style beside other numbers, which most have none of.
func (t tone) inTable(l look.Look) look.Style {
	switch t {
	case toneBetter:
		return l.Good
	case toneWorse:
		return l.Bad
	case toneEquivalent:
		return l.Accent
	case toneRefused:
		return l.Warn
	default:
		return look.Style{}
	}
}

// inWords is its style in the words of a verdict. They name the one that is better, so
// what is decided has one colour, whichever that is: red would take "A better" back.
func (t tone) inWords(l look.Look) look.Style {
	switch t {
	case toneBetter, toneWorse, toneEquivalent:
		return l.Accent
	case toneRefused:
		return l.Warn
	default:
		return l.Bold
	}
}
