package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// Word is the verdict in a word or two: "better", "no evidence".
func (x Contrast) Word() string {
	switch {
	case x.Same, x.Lacking:
		return ""
	case x.Refused != "":
		return "no verdict"
	case x.Verdict == NoEvidence:
		return "no evidence"
	}
	word := cmp.Or(x.Verdict, "different")
	if x.Seeds == 1 { // of checkpoints
		word += ", 1 seed"
	}
	return word
}

// seen is the least difference that the comparison would find.
func (x Contrast) seen() string {
	mde := x.MDE()
	switch {
	case math.IsNaN(mde) || x.nothing() != "":
		return ""
	case mde >= 1 && IsRate(x.Metric):
		return "not even 1"
	}
	return short(mde)
}

// Text is a mean with how far its interval goes from it: "0.367 ±.137".
func (e Interval) Text() string {
	switch {
	case e.TooFew:
		return FewSamples
	case math.IsNaN(e.Mean):
		return "–"
	case math.IsNaN(e.Lo), e.Lo == e.Hi: // no spread tells of none
		return short(e.Mean)
	}
	return short(e.Mean) + " ±" + tight(short(max(e.Hi-e.Mean, e.Mean-e.Lo)))
}

// Text is a difference with its interval: "-0.258 [-.414, -.102]"; "equal" where
// there is none at all.
func (x Contrast) Text() string {
	switch {
	case x.Lacking, x.TooFew:
		return ""
	case x.Same:
		return "same runs"
	case math.IsNaN(x.Mean):
		return "–"
	case x.Lo == 0 && x.Hi == 0, x.Mean == 0 && math.IsNaN(x.Lo):
		return "equal"
	case math.IsNaN(x.Lo), x.Lo == x.Hi:
		return signedShort(x.Mean)
	}
	return fmt.Sprintf("%s [%s, %s]", signedShort(x.Mean), tight(signedShort(x.Lo)), tight(signedShort(x.Hi)))
}

// tight leaves out the 0 before the point.
func tight(number string) string {
	for _, sign := range []string{"", "+", "-"} {
		if rest, ok := strings.CutPrefix(number, sign+"0."); ok {
			return sign + "." + rest
		}
	}
	return number
}

// short is a value with three decimals, or in thousands and more with three digits.
func short(x float64) string {
	size := math.Abs(x)
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if size >= 0.9995*unit.of && size < 1e12 {
			return fmt.Sprintf("%.*f%s", max(0, 2-int(math.Log10(max(size/unit.of, 1)))), x/unit.of, unit.name)
		}
	}
	return Decimals(x)
}

// signedShort is short with a sign; what rounds to 0 has none.
func signedShort(x float64) string {
	text := short(math.Abs(x))
	switch {
	case x > 0 && text != "0.000":
		return "+" + text
	case x < 0 && text != "0.000":
		return "-" + text
	}
	return text
}
