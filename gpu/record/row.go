package record

import (
	"math"
	"strconv"
)

// row reads the numbers of [a,b,[c,null],[]] from its front, as fast as a day of
// samples wants it. Once something else stands there, nothing more is read.
type row struct {
	text []byte
	bad  bool
}

// is takes c from the front if it stands there.
func (r *row) is(c byte) bool {
	if r.bad || len(r.text) == 0 || r.text[0] != c {
		return false
	}
	r.text = r.text[1:]
	return true
}

// want is a c at the front, or the row is bad.
func (r *row) want(c byte) {
	if !r.is(c) {
		r.bad = true
	}
}

// number takes a number or null, which is NaN.
func (r *row) number() float64 {
	if r.bad {
		return math.NaN()
	}
	if len(r.text) >= 4 && string(r.text[:4]) == "null" {
		r.text = r.text[4:]
		return math.NaN()
	}
	end := 0
	for end < len(r.text) && (r.text[end] >= '0' && r.text[end] <= '9' || r.text[end] == '-' || r.text[end] == '.') {
		end++
	}
	v, ok := decimal(r.text[:end])
	r.bad = !ok
	r.text = r.text[end:]
	return v
}

// decimal reads digits that may have a sign and a point. Both the digits and the power
// of ten are exact, so their quotient is what strconv.ParseFloat gives.
func decimal(b []byte) (v float64, ok bool) {
	if len(b) > 16 { // more than any that is written
		v, err := strconv.ParseFloat(string(b), 64)
		return v, err == nil && !math.IsInf(v, 0)
	}
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	whole, places, point := int64(0), 0, false
	for _, c := range b {
		switch {
		case c == '.' && !point:
			point = true
		case c < '0' || c > '9':
			return 0, false
		default:
			whole = whole*10 + int64(c-'0')
			if point {
				places++
			}
		}
	}
	if len(b) == 0 || point && places == 0 || point && places == len(b)-1 {
		return 0, false
	}
	v = float64(whole) / tens[places]
	if negative {
		v = -v
	}
	return v, true
}

var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
