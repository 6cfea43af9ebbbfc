package chart

import (
	"bytes"
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
	s := string(appendNumber(nil, v, width))
	return strings.Repeat(" ", width-len(s)) + s
}

// appendNumber appends v in at most width cells.
func appendNumber(dst []byte, v float64, width int) []byte {
	switch {
	case v != v && width < 3:
		return append(dst, '-')
	case v != v:
		return append(dst, "NaN"...)
	case v == 0:
		return append(dst, '0')
	}
	n := len(dst)
	if math.IsInf(v, 0) {
		if dst = strconv.AppendFloat(dst, v, 'f', -1, 64); v > 0 {
			dst = append(dst[:n], "Inf"...)
		}
		if len(dst)-n <= width {
			return dst
		}
	} else {
		forms, m := formsOf(math.Abs(v))
		for _, f := range forms[:m] {
			if dst = f.append(dst[:n], v); len(dst)-n <= width {
				return dst
			}
		}
	}
	dst = dst[:n]
	for range width {
		dst = append(dst, '#')
	}
	return dst
}

// formsOf are the ways to write a number of that size, the preferred one first.
func formsOf(size float64) (forms [16]notation, n int) {
	add := func(f notation) {
		forms[n] = f
		n++
	}
	switch exp := exponent(size, 4); {
	case exp < -3:
	case size == math.Trunc(size) && exp < 4:
		add(notation{})
	case exp < 4:
		for d := 3 - exp; d >= max(0, -exponent(size, 1)); d-- {
			add(notation{decimals: d})
		}
	}
	if exp := exponent(size, 3); exp >= 3 && exp < 15 {
		for d := 2 - exp%3; d >= 0; d-- {
			add(notation{exp: exp - exp%3, decimals: d})
		}
	}
	for d := 2; d >= 0; d-- {
		add(notation{scientific: true, decimals: d})
	}
	return forms, n
}

// exponent is the power of ten of size when it is rounded to so many
// significant digits: 3 for 1234, and 1 for 9.99 at two digits. It is 0 for NaN
// and infinities, which have none.
func exponent(size float64, digits int) int {
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], size, 'e', digits-1, 64)
	at := bytes.IndexByte(s, 'e')
	if at < 0 {
		return 0
	}
	e := 0
	for _, d := range s[at+2:] {
		e = 10*e + int(d-'0')
	}
	if s[at+1] == '-' {
		return -e
	}
	return e
}

// notation is how a number is written; the labels of one axis share it, so that
// they share their decimals and their suffix.
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

// append appends v: 12.5k with the suffix of ten to the exp, which is 0, 3, 6, 9
// or 12, or 1.2e-5 with no plus sign and no leading zero in the exponent.
func (n notation) append(dst []byte, v float64) []byte {
	switch {
	case v == 0 && (n.scientific || n.exp > 0):
		return append(dst, '0')
	case !n.scientific:
		dst = strconv.AppendFloat(dst, v/math.Pow10(n.exp), 'f', n.decimals, 64)
		if n.exp > 0 {
			dst = append(dst, "kMGT"[n.exp/3-1])
		}
		return dst
	}
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], v, 'e', n.decimals, 64)
	at := bytes.IndexByte(s, 'e')
	dst = append(dst, s[:at+1]...)
	if s[at+1] == '-' {
		dst = append(dst, '-')
	}
	if digits := bytes.TrimLeft(s[at+2:], "0"); len(digits) > 0 {
		return append(dst, digits...)
	}
	return append(dst, '0')
}

// finer is n with the digits that a single value deserves beyond a tick's: four
// significant ones for a value of the given size, as far as two more go.
func (n notation) finer(size float64, rate bool) notation {
	switch {
	case n.scientific:
		n.decimals = max(n.decimals, 2)
	case rate && n.exp == 0:
		n.decimals = max(n.decimals, 3)
	case size > 0:
		want := 3 - (exponent(size, 3) - n.exp)
		n.decimals = max(n.decimals, min(n.decimals+2, want))
	}
	return n
}

// word is a short text without an allocation: a number or a unit.
type word struct {
	n uint8
	b [maxLabel]byte
}

// maxLabel is the greatest width of a tick's label in cells.
const maxLabel = 8

func (w *word) text() []byte { return w.b[:w.n] }

// set takes a text that fits.
func (w *word) set(s []byte) { w.n = uint8(copy(w.b[:], s)) }

// write writes v in the notation, or as it fits.
func (n notation) word(v float64) (w word) {
	var buf [64]byte
	s := n.append(buf[:0], v)
	if len(s) > maxLabel {
		s = appendNumber(buf[:0], v, maxLabel)
	}
	w.set(s)
	return w
}
