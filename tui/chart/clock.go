package chart

import (
	"math"
	"strconv"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// clockSteps are the round distances on a clock, in seconds.
func clockSteps() [20]float64 {
	return [...]float64{1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
		hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day}
}

// clockStep is the least round distance of which at most n fit into [lo, hi]
// widened to its multiples, or with inner set into [lo, hi]; 0 where the
// range is below a second a step, or counts in many days.
func clockStep(lo, hi float64, n int, inner bool) float64 {
	if hi-lo < float64(n) {
		return 0
	}
	for _, d := range clockSteps() {
		first, last := math.Floor(lo/d+slack), math.Ceil(hi/d-slack)
		if inner {
			first, last = math.Ceil(lo/d-slack), math.Floor(hi/d+slack)+1
		}
		if last-first <= float64(n) {
			return d
		}
	}
	return 0
}

// snapClock widens [lo, hi] to round times.
func snapClock(lo, hi float64) (float64, float64) {
	d := clockStep(lo, hi, intervals, false)
	switch {
	case d > 0:
		return math.Floor(lo/d+slack)*d + 0, math.Ceil(hi/d-slack)*d + 0
	case hi-lo > day:
		lo, hi = snap(lo/day, hi/day)
		return max(lo*day, -huge), min(hi*day, huge)
	}
	return snap(lo, hi)
}

// clockTicks appends at most n round times of [lo, hi].
func clockTicks(lo, hi float64, n int, out []label) []label {
	if n < 1 || !spans(lo, hi) {
		return out
	}
	unit, d := 1.0, clockStep(lo, hi, n, true)
	s := step{d, 0}
	if d == 0 {
		if hi-lo > day {
			unit = day
		}
		var ok bool
		if s, ok = tickStep(lo/unit, hi/unit, n); !ok {
			return out
		}
		d = s.times(unit)
	}
	first, last := s.within(lo/unit, hi/unit)
	for i := range int(last-first) + 1 {
		v := s.times(first+float64(i))*unit + 0
		var buf [64]byte
		l := label{at: v}
		if text := appendClock(buf[:0], v, d); len(text) <= maxLabel {
			l.set(text)
		} else {
			l.set(appendNumber(buf[:0], v, maxLabel))
		}
		out = append(out, l)
	}
	return out
}

// appendClock appends a duration in seconds in at most maxLabel cells: 0.25s,
// 1.1s, 45s, 2m41s, 1h30, 2d6h. With a distance to its neighbours given it is as
// fine as that needs.
func appendClock(dst []byte, v, apart float64) []byte {
	n := len(dst)
	if v-v != 0 {
		return appendNumber(dst, v, maxLabel)
	}
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	switch {
	case apart > 0 && apart < 1 && v < minute:
		dst = append(strconv.AppendFloat(dst, v, 'f', min(5, int(math.Ceil(-math.Log10(apart)))), 64), 's')
	case v == 0:
		dst = append(dst, '0')
	case v < 0.995:
		dst = append(strconv.AppendFloat(dst, v, 'f', 2, 64), 's')
	case v < 9.95 && v != math.Trunc(v):
		dst = append(strconv.AppendFloat(dst, v, 'f', 1, 64), 's')
	case v < 1e12:
		dst = appendWhole(dst, int(math.Round(v)), apart)
	default:
		dst = append(appendNumber(dst, v/day, 6), 'd')
	}
	if len(dst)-n > maxLabel {
		return appendNumber(dst[:n], v, maxLabel)
	}
	return dst
}

// appendWhole appends whole seconds in the two units that matter, or in three
// where neighbours are close.
func appendWhole(dst []byte, s int, apart float64) []byte {
	part := func(v int, unit byte) {
		dst = append(strconv.AppendInt(dst, int64(v), 10), unit)
	}
	two := func(v int) { dst = append(dst, byte('0'+v/10), byte('0'+v%10)) }
	switch {
	case s < minute:
		part(s, 's')
	case s < hour:
		part(s/minute, 'm')
		if s%minute > 0 {
			two(s % minute)
			dst = append(dst, 's')
		}
	case s < 2*day:
		part(s/hour, 'h')
		if rest := s % hour; apart > 0 && apart < minute {
			two(rest / minute)
			dst = append(dst, 'm')
			two(rest % minute)
		} else if rest >= minute {
			two(rest / minute)
		}
	default:
		part(s/day, 'd')
		if rest := s % day; rest >= hour {
			part(rest/hour, 'h')
			if apart > 0 && apart < hour {
				two(rest % hour / minute)
			}
		}
	}
	return dst
}

// FormatSeconds writes a duration in at most eight cells: 0.25s, 1.1s, 45s,
// 2m41s, 1h30, 2d6h.
func FormatSeconds(seconds float64) string {
	var buf [64]byte
	return string(appendClock(buf[:0], seconds, 0))
}
