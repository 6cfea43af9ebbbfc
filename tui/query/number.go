package query

import (
	"strconv"
	"strings"
	"time"
)

// number reads a number with or without a unit: 3e-4, 1.5k, 40%, 1h30m, or a day.
func number(text string) (float64, bool) {
	if t, ok := moment(text); ok {
		return t, true
	}
	sign, rest := 1.0, text
	switch {
	case strings.HasPrefix(rest, "-"):
		sign, rest = -1, rest[1:]
	case strings.HasPrefix(rest, "+"):
		rest = rest[1:]
	}
	sum, rest, unit, ok := measure(rest)
	for ok && rest != "" && duration(unit) > 0 {
		var more float64
		more, rest, unit, ok = measure(rest)
		ok = ok && duration(unit) > 0
		sum += more
	}
	return sign * sum, ok && rest == ""
}

// measure cuts a number and its unit off the front of a text.
func measure(text string) (x float64, rest, unit string, ok bool) {
	n := digits(text)
	if n == 0 {
		return 0, text, "", false
	}
	x, err := strconv.ParseFloat(text[:n], 64)
	if err != nil {
		return 0, text, "", false
	}
	rest = text[n:]
	unit = rest
	if i := strings.IndexAny(rest, "0123456789."); i >= 0 {
		unit = rest[:i]
	}
	rest = rest[len(unit):]
	factor, ok := scale(unit)
	if unit == "%" {
		return x / 100, rest, unit, true
	}
	return x * factor, rest, unit, ok
}

// digits is how long the number at the front of a text is: digits with a point and
// an exponent.
func digits(text string) int {
	n, seen := 0, false
	for n < len(text) && (text[n] == '.' || '0' <= text[n] && text[n] <= '9') {
		seen = seen || text[n] != '.'
		n++
	}
	if !seen {
		return 0
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		end := n + 1
		if end < len(text) && (text[end] == '-' || text[end] == '+') {
			end++
		}
		first := end
		for end < len(text) && '0' <= text[end] && text[end] <= '9' {
			end++
		}
		if end > first {
			n = end
		}
	}
	return n
}

// scale is how much one of a unit is.
func scale(unit string) (float64, bool) {
	if s := duration(unit); s > 0 {
		return s, true
	}
	thousands := map[string]float64{"": 1, "%": 0.01, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "B": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}
	f, ok := thousands[unit]
	if !ok && len(unit) > 1 {
		f, ok = thousands[strings.TrimSuffix(unit, "B")]
	}
	return f, ok
}

// duration is a unit of time in seconds, 0 if it is none.
func duration(unit string) float64 {
	switch unit {
	case "ms":
		return 1e-3
	case "s":
		return 1
	case "m", "min":
		return 60
	case "h":
		return 3600
	case "d":
		return 24 * 3600
	case "w":
		return 7 * 24 * 3600
	}
	return 0
}

// moment reads a day or a time of one.
func moment(text string) (float64, bool) {
	if len(text) < len(time.DateOnly) || text[4] != '-' {
		return 0, false
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return float64(t.Unix()), true
		}
	}
	return 0, false
}
