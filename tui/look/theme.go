package look

import (
	"slices"

	"ablate/tui/chart"
)

// Theme is a choice of colours.
type Theme uint8

// The themes. Auto is dark or light, as the terminal's background is.
const (
	Auto Theme = iota
	Dark
	Light
	Contrast
)

// ThemeNames are the names of the themes in their order.
func ThemeNames() []string { return []string{"auto", "dark", "light", "contrast"} }

// String is its name.
func (t Theme) String() string { return ThemeNames()[t] }

// ParseTheme is the theme with a name.
func ParseTheme(name string) (Theme, bool) {
	i := slices.Index(ThemeNames(), name)
	return Theme(max(i, 0)), i >= 0
}

// palette are the colours of the roles, as indices of xterm's 256.
type palette struct{ accent, muted, good, bad, warn string }

// Themed is the look of a terminal with a light or dark background, and with 256
// colours or 16. A style without colour stays without.
func Themed(s chart.Style, t Theme, light, sixteen bool) Look {
	if t == Light || t == Dark {
		light = t == Light
	}
	if s.Theme.NoColor {
		return New(s)
	}
	var p palette
	switch {
	case sixteen: // as the terminal's owner set them; a grey among them may be invisible
		s.Theme, p = chart.Sixteen(light), palette{"6", "", "2", "1", "3"}
	case t == Contrast && light:
		s.Theme, p = chart.HighContrast(true), palette{"18", "236", "22", "88", "52"}
	case t == Contrast:
		s.Theme, p = chart.HighContrast(false), palette{"123", "252", "120", "217", "229"}
	case light:
		s.Theme, p = chart.Light(), palette{"25", "241", "28", "124", "130"}
	default:
		s.Theme, p = chart.Dark(), palette{"6", "244", "2", "1", "3"}
	}
	return New(s).coloured(p)
}

// coloured is the look with colours for its roles.
func (l Look) coloured(p palette) Look {
	for _, role := range []struct {
		style  *Style
		colour string
	}{{&l.Accent, p.accent}, {&l.Muted, p.muted}, {&l.Good, p.good}, {&l.Bad, p.bad}, {&l.Warn, p.warn}} {
		*role.style = role.style.inColour(role.colour)
	}
	return l
}
