package chart

import (
	"math"
	"strconv"
	"strings"
)

// Format writes v in exactly width cells, right-aligned: 0.781, 12.5k, 3.2e-5.
// It shows up to four significant digits, fewer where the width is short;
// whole numbers below 10000 have no point. A number that no form fits is a row
// of #, as in a spreadsheet, since a cut number would be a wrong one.
func Format(v float64, width int) string {
	if width <= 0 {
		return ""
	}
	for _, s := range forms(v) {
		if len(s) <= width {
			return strings.Repeat(" ", width-len(s)) + s
		}
	}
	return strings.Repeat("#", width)
}

// forms are the ways to write v, the preferred one first.
func forms(v float64) []string {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return []string{"NaN", "-"}
	case math.IsInf(v, 0):
		return []string{strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+")}
	case v == 0:
		return []string{"0"}
	}
	var out []string
	switch exp := exponent(size, 4); {
	case exp < -3:
	case size == math.Trunc(size) && exp < 4:
		out = append(out, strconv.FormatFloat(v, 'f', 0, 64))
	case exp < 4:
		for d := 3 - exp; d >= max(0, -exponent(size, 1)); d-- {
			out = append(out, strconv.FormatFloat(v, 'f', d, 64))
		}
	}
	if exp := exponent(size, 3); exp >= 3 && exp < 15 {
		for d := 2 - exp%3; d >= 0; d-- {
			out = append(out, scaled(v, exp-exp%3, d))
		}
	}
	for d := 2; d >= 0; d-- {
		out = append(out, scientific(v, d))
	}
	return out
}

// exponent is the power of ten of size when it is rounded to so many
// significant digits: 3 for 1234, and 1 for 9.99 at two digits.
func exponent(size float64, digits int) int {
	s := strconv.FormatFloat(size, 'e', digits-1, 64)
	e, err := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if err != nil { // only NaN and infinities have no exponent
		return 0
	}
	return e
}

// scaled writes v with the suffix of ten to the exp, which is 0, 3, 6, 9 or 12.
func scaled(v float64, exp, decimals int) string {
	s := strconv.FormatFloat(v/math.Pow10(exp), 'f', decimals, 64)
	if exp == 0 {
		return s
	}
	return s + "kMGT"[exp/3-1:exp/3]
}

// scientific writes v as 1.2e-5: no plus sign, no leading zero in the exponent.
func scientific(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'e', decimals, 64)
	i := strings.IndexByte(s, 'e')
	mantissa, sign, digits := s[:i], strings.TrimPrefix(s[i+1:i+2], "+"), strings.TrimLeft(s[i+2:], "0")
	if digits == "" {
		return mantissa + "e0"
	}
	return mantissa + "e" + sign + digits
}

// notation is how the labels of one axis are written, so that they share their
// decimals and their suffix.
type notation struct {
	exp        int // power of ten of the suffix
	decimals   int
	scientific bool
}

// notationFor chooses for values up to size at distances of s.
func notationFor(size float64, s step) notation {
	switch {
	case size == 0:
		return notation{}
	case size >= 1e15 || size < 0.999e-3:
		return notation{scientific: true, decimals: min(6, max(0, exponent(size, 15)+s.decimals()))}
	case size >= 1e4:
		exp := exponent(size, 15)
		exp -= exp % 3
		return notation{exp: exp, decimals: step{s.m, s.e - exp}.decimals()}
	default:
		return notation{decimals: s.decimals()}
	}
}

func (n notation) format(v float64) string {
	switch {
	case n.scientific && v == 0:
		return "0"
	case n.scientific:
		return scientific(v, n.decimals)
	case n.exp > 0 && v == 0:
		return "0"
	default:
		return scaled(v, n.exp, n.decimals)
	}
}
