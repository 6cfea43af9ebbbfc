package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// complaint is what is wrong with a value, and what to do about it.
type complaint struct{ message, hint string }

// words are message and hint in one line.
func (c complaint) words() string {
	if c.hint == "" {
		return c.message
	}
	return c.message + ". " + c.hint
}

// kindOf is the kind of a decoded value, "" for what no parameter can be.
func kindOf(v any) string {
	switch v.(type) {
	case int64:
		return Int
	case float64:
		return Float
	case string:
		return String
	case bool:
		return Bool
	}
	return ""
}

// Number is a decoded value as a number; false for what is none.
func Number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// kindWords names a decoded value's kind with its article.
func kindWords(v any) string {
	switch v.(type) {
	case int64:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a string"
	case bool:
		return "a bool"
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "a list"
	}
	return "a date or time"
}

func article(kind string) string {
	if kind == Int {
		return "an int"
	}
	return "a " + kind
}

// shown is a value as a message quotes it.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		if r := []rune(v); len(r) > 40 {
			return strconv.Quote(string(r[:40])) + "..."
		}
		return strconv.Quote(v)
	case int64, float64, bool:
		return ValueText(v)
	}
	return "it"
}

// convert makes v a value of p: an int becomes a float where p is one.
func (p Param) convert(v any) (any, *complaint) {
	if n, ok := v.(int64); ok && p.Kind == Float {
		v = float64(n)
	}
	if kindOf(v) != p.Kind {
		return nil, p.mismatch(v)
	}
	if f, ok := v.(float64); ok {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, &complaint{fmt.Sprintf("%s is %v; it must be a finite number", p.Name, f), ""}
		}
		if f == 0 {
			v = 0.0 // -0 and 0 are one value, and must have one hash
		}
	}
	if words := p.outOfRange(v); words != "" {
		return nil, &complaint{fmt.Sprintf("%s is %s; it must be %s", p.Name, shown(v), words), p.about()}
	}
	if s, ok := v.(string); ok && len(p.Choices) > 0 && !slices.Contains(p.Choices, s) {
		return nil, &complaint{fmt.Sprintf("%s cannot be %s", p.Name, shown(s)), suggestion(s, p.Choices)}
	}
	return v, nil
}

func (p Param) mismatch(v any) *complaint {
	words := fmt.Sprintf("%s is %s, %s", p.Name, shown(v), kindWords(v))
	if kindOf(v) == "" {
		words = fmt.Sprintf("%s is %s", p.Name, kindWords(v))
	}
	c := &complaint{fmt.Sprintf("%s; it takes %s", words, article(p.Kind)), p.about()}
	if f, ok := v.(float64); ok && p.Kind == Int && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		c.hint = fmt.Sprintf("Write %d", int64(f))
	}
	if s, ok := v.(string); ok {
		if _, err := p.parse(s); err == nil {
			c.hint = fmt.Sprintf("Write %s, without quotes", strings.TrimSpace(s))
		}
	}
	return c
}

// outOfRange says what range v, a number, is outside of; "" if it is inside.
func (p Param) outOfRange(v any) string {
	f, ok := Number(v)
	if !ok {
		return ""
	}
	if (p.Min == nil || f >= *p.Min) && (p.Max == nil || f <= *p.Max) {
		return ""
	}
	return p.rangeWords()
}

// rangeWords is "at least 1", "at most 64", "from 1 to 64", or "".
func (p Param) rangeWords() string {
	number := func(f *float64) string {
		if p.Kind == Int {
			return strconv.FormatFloat(*f, 'f', -1, 64)
		}
		return strings.TrimSuffix(floatText(*f), ".0")
	}
	switch {
	case p.Min != nil && p.Max != nil:
		return "from " + number(p.Min) + " to " + number(p.Max)
	case p.Min != nil:
		return "at least " + number(p.Min)
	case p.Max != nil:
		return "at most " + number(p.Max)
	}
	return ""
}

// about is the parameter's own line, as a hint.
func (p Param) about() string {
	if p.Doc == "" {
		return ""
	}
	return p.Name + ": " + p.Doc
}

// parse reads text from a command line as a value of p.
func (p Param) parse(text string) (any, error) {
	number := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	switch p.Kind {
	case Int:
		return strconv.ParseInt(number, 10, 64)
	case Float:
		return strconv.ParseFloat(number, 64)
	case Bool:
		return strconv.ParseBool(number)
	}
	return text, nil
}

// zero is the value of p that stands for "not used".
func (p Param) zero() any {
	switch p.Kind {
	case Int:
		return int64(0)
	case Float:
		return float64(0)
	case Bool:
		return false
	}
	return ""
}
