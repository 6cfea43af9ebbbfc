package chart

import "cmp"

// Color names a colour by its role; a Theme says what it looks like. The zero
// Color is the terminal's own foreground.
type Color uint8

// Roles beside the categorical colours (see Categorical).
const (
	// Default is the terminal's own foreground.
	Default Color = 0
	// Muted is for axes, units and everything that must not compete with data.
	Muted Color = categories + iota
	// Faint is for what lies beneath: ghosts, and a line under its mean.
	Faint
	// Good and Bad are for verdicts, beside a word or a glyph that says it.
	Good
	Bad
)

// categories is the number of categorical colours.
const categories = 8

// Categorical is the i-th colour for telling series apart, from 0. There are
// eight; further ones start again.
func Categorical(i int) Color {
	return Color(1 + (i%categories+categories)%categories)
}

// Theme gives colours as indices into the 256 colours of xterm; those below 16
// are the terminal's own. The zero Theme is a palette made for both dark and
// light backgrounds.
type Theme struct {
	// NoColor emits no escape sequence at all.
	NoColor bool
	// Series are the categorical colours; all zero means the standard ones.
	Series [categories]uint8
	// Muted is the colour of axes; zero means the standard grey.
	Muted uint8
	// Faint, Good and Bad are the colours of these roles; zero means Muted and the
	// standard ones.
	Faint, Good, Bad uint8
}

// standard was chosen by search over the colour cube: every colour has a
// contrast of at least 3 against black and against white, and every two keep a
// distance under simulated protanopia, deuteranopia and tritanopia. The order
// puts the most different ones first.
func standard() [categories]uint8 {
	return [categories]uint8{32, 166, 29, 126, 92, 58, 97, 63}
}

// standardMuted has a contrast above 3 against black and against white; green
// and red are the standard colours of the same names.
const (
	standardMuted = 244
	standardGood  = 29
	standardBad   = 160
)

// Dark is for dark backgrounds: brighter than the zero Theme. This and the next
// two were found like the standard colours, for one background each.
func Dark() Theme {
	return Theme{Series: [categories]uint8{39, 202, 217, 65, 99, 139, 186, 170}, Muted: 246, Faint: 241, Good: 71, Bad: 203}
}

// Light is for light backgrounds: darker than the zero Theme.
func Light() Theme {
	return Theme{Series: [categories]uint8{25, 160, 93, 131, 96, 53, 19, 88}, Muted: 242, Faint: 245, Good: 22, Bad: 124}
}

// HighContrast has a contrast of at least 7 between every colour and a black, or
// with light a white, background.
func HighContrast(light bool) Theme {
	if light {
		return Theme{Series: [categories]uint8{18, 124, 53, 21, 52, 24, 91, 125}, Muted: 238, Faint: 239, Good: 22, Bad: 88}
	}
	return Theme{Series: [categories]uint8{117, 34, 223, 141, 107, 192, 175, 46}, Muted: 252, Faint: 250, Good: 120, Bad: 217}
}

// Sixteen uses none but the sixteen colours that every terminal has, as its
// owner has set them.
func Sixteen(light bool) Theme {
	if light {
		return Theme{Series: [categories]uint8{4, 1, 2, 5, 6, 3, 12, 9}, Muted: 8, Faint: 7, Good: 2, Bad: 1}
	}
	return Theme{Series: [categories]uint8{14, 11, 10, 13, 12, 6, 3, 5}, Muted: 7, Faint: 8, Good: 10, Bad: 9}
}

// Index is the xterm-256 index of c, or -1 for the terminal's own foreground.
func (t Theme) Index(c Color) int {
	switch c {
	case Default:
		return -1
	case Muted:
		return int(cmp.Or(t.Muted, standardMuted))
	case Faint:
		return int(cmp.Or(t.Faint, t.Muted, standardMuted))
	case Good:
		return int(cmp.Or(t.Good, standardGood))
	case Bad:
		return int(cmp.Or(t.Bad, standardBad))
	}
	switch {
	case c > Bad:
		return -1
	case t.Series == [categories]uint8{}:
		return int(standard()[c-1])
	default:
		return int(t.Series[c-1])
	}
}
