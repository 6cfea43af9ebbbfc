package store

import (
	"math"
	"strconv"
)

// The functions below read something at line[i:] and return where it ends, a space
// behind it included where one may be; -1 if it is not there or i is -1.

// after reads a text.
func after(line []byte, i int, text string) int {
	if i < 0 || len(line)-i < len(text) || string(line[i:i+len(text)]) != text {
		return -1
	}
	return space(line, i+len(text))
}

func comma(line []byte, i int) int {
	if i < 0 || i >= len(line) || line[i] != ',' {
		return -1
	}
	return space(line, i+1)
}

func space(line []byte, i int) int {
	if i < len(line) && line[i] == ' ' {
		return i + 1
	}
	return i
}

// integer reads a number of at most 18 digits.
func integer(line []byte, i int) (n int64, end int) {
	if i < 0 {
		return 0, -1
	}
	from := i
	if i < len(line) && line[i] == '-' {
		from, i = i+1, i+1
	}
	for i < len(line) && line[i]-'0' <= 9 {
		n = 10*n + int64(line[i]-'0')
		i++
	}
	if digits := i - from; digits == 0 || digits > 18 || line[from] == '0' && digits > 1 {
		return 0, -1
	}
	if from > 0 && line[from-1] == '-' {
		n = -n
	}
	return n, i
}

// tens are the powers of ten that a float64 holds.
var tens = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// number reads a number. Of digits below 2^53 and a power of ten that are both exact
// the quotient is the nearest float64, as strconv has it for the others.
func number(line []byte, i int) (v float64, end int) {
	end, digits, places := decimal(line, i)
	if end < 0 {
		return 0, -1
	}
	if places >= 0 && digits < 1<<53 {
		v = float64(digits) / tens[places]
		if line[i] == '-' {
			v = -v
		}
		return v, end
	}
	v, err := strconv.ParseFloat(string(line[i:end]), 64)
	if err != nil {
		return 0, -1
	}
	return v, end
}

// decimal finds the end of a number and reads its digits, without the point, and how
// many of them are behind it; places is -1 if they are too many, or if there is an
// exponent.
func decimal(line []byte, i int) (end int, digits uint64, places int) {
	if i < 0 {
		return -1, 0, 0
	}
	if i < len(line) && line[i] == '-' {
		i++
	}
	from := i
	for i < len(line) && line[i]-'0' <= 9 {
		digits = 10*digits + uint64(line[i]-'0')
		i++
	}
	whole := i - from
	if whole == 0 || line[from] == '0' && whole > 1 {
		return -1, 0, 0
	}
	if i < len(line) && line[i] == '.' {
		i++
		from = i
		for i < len(line) && line[i]-'0' <= 9 {
			digits = 10*digits + uint64(line[i]-'0')
			i++
		}
		if places = i - from; places == 0 {
			return -1, 0, 0
		}
	}
	if whole+places > 19 {
		places = -1
	}
	if i < len(line) && line[i]|0x20 == 'e' {
		return exponent(line, i+1), 0, -1
	}
	return i, digits, places
}

func exponent(line []byte, i int) int {
	if i < len(line) && (line[i] == '+' || line[i] == '-') {
		i++
	}
	from := i
	for i < len(line) && line[i]-'0' <= 9 {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// pass reads a number that nobody wants.
func pass(line []byte, i int) int {
	end, _, places := decimal(line, i)
	if places < 0 { // one that is too large is none
		_, end = number(line, i)
	}
	return end
}

// word reads one of the strings that stand for what is no number.
func word(line []byte, i int) (v float64, end int) {
	for _, w := range [...]struct {
		text string
		v    float64
	}{{`"NaN"`, math.NaN()}, {`"Inf"`, math.Inf(1)}, {`"-Inf"`, math.Inf(-1)}} {
		if len(line)-i >= len(w.text) && string(line[i:i+len(w.text)]) == w.text {
			return w.v, i + len(w.text)
		}
	}
	return 0, -1
}
