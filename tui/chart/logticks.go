package chart

import (
	"math"
	"strconv"
)

// leastLog is the least value on a log axis: below, neighbours can no longer be
// told apart.
const leastLog = 1e-280

// decade is m times ten to the e, exactly as it prints.
func decade(m float64, e int) float64 { return step{m, e}.times(1) }

// logTicks appends at most n round numbers of [lo, hi]: powers of ten; with 2
// and 5 between them where there are few; and in less than a decade those of a
// linear axis.
func logTicks(lo, hi float64, n int, out []label) []label {
	if n < 1 || !(lo > 0) || !spans(lo, hi) {
		return out
	}
	first, last := int(math.Ceil(math.Log10(lo)-slack)), int(math.Floor(math.Log10(hi)+slack))
	empty := len(out)
	if count := last - first + 1; count > n {
		stride := (count + n - 1) / n
		for e := int(math.Ceil(float64(first)/float64(stride))) * stride; e <= last; e += stride {
			out = append(out, logLabel(decade(1, e)))
		}
		return out
	}
	for _, set := range [...][]float64{{1, 2, 5}, {1, 3}, {1}} {
		out = out[:empty]
		for e := first - 1; e <= last; e++ {
			for _, m := range set {
				if v := decade(m, e); v >= lo*(1-slack) && v <= hi*(1+slack) {
					out = append(out, logLabel(v))
				}
			}
		}
		if k := len(out) - empty; k <= n && (k > 2 || k == 2 && len(set) < 3) {
			return out
		}
	}
	out = out[:empty]
	s, ok := tickStep(lo, hi, n)
	if !ok {
		return out
	}
	from, to := s.within(lo, hi)
	for i := range int(to-from) + 1 {
		if v := s.times(from + float64(i)); v > 0 {
			out = append(out, logLabel(v))
		}
	}
	return out
}

// logLabel is a tick written as short as it can be: 0.01, 1, 500, 20k, 1e-5.
func logLabel(v float64) label {
	var buf [64]byte
	var s []byte
	switch {
	case v >= 1e-3 && v < 0.999e4:
		s = strconv.AppendFloat(buf[:0], v, 'f', -1, 64)
	case v >= 0.999e4 && v < 0.999e15:
		exp := exponent(v, 15)
		exp -= exp % 3
		s = strconv.AppendFloat(buf[:0], v/math.Pow10(exp), 'f', -1, 64)
		s = append(s, "kMGT"[exp/3-1])
	default:
		s = appendPower(buf[:0], v)
	}
	if len(s) > maxLabel {
		s = appendNumber(buf[:0], v, maxLabel)
	}
	l := label{at: v}
	l.set(s)
	return l
}

// appendPower appends v in scientific notation with no more digits than it has.
func appendPower(dst []byte, v float64) []byte {
	n := notation{scientific: true}
	for unit := decade(1, exponent(v, 15)); n.decimals < 3 && math.Abs(v/unit-math.Round(v/unit)) > 1e-6; unit /= 10 {
		n.decimals++
	}
	return n.append(dst, v)
}

// snapLog widens [lo, hi], which must be positive, to numbers of one round
// digit.
func snapLog(lo, hi float64) (float64, float64) {
	lo, hi = between(lo, leastLog, huge), between(hi, leastLog, huge)
	if hi < lo*1.05 {
		lo, hi = max(lo/2, leastLog), min(hi*2, huge)
	}
	return max(roundLog(lo, false), leastLog), min(roundLog(hi, true), huge)
}

// roundLog is v itself where it has one round digit, else the next such number
// above or below it.
func roundLog(v float64, up bool) float64 {
	digits := [...]float64{1, 1.5, 2, 3, 4, 5, 7, 10}
	e := int(math.Floor(math.Log10(v) + slack))
	best := decade(1, e)
	for _, m := range digits {
		d := decade(m, e)
		if up && d >= v*(1-slack) {
			return d
		}
		if !up && d <= v*(1+slack) {
			best = d
		}
	}
	return best
}
