package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Params are the values of named parameters: int64, float64, string or bool.
// Written as JSON and read back, every value keeps its kind: a whole float is
// written as 1.0, and a number without point or exponent is read as an int64.
type Params map[string]any

// Int is the integer parameter name, or 0 if there is none of that kind.
func (p Params) Int(name string) int {
	n, _ := p[name].(int64)
	return int(n)
}

// Float is the number name, an integer taken as a float, or 0 if there is none.
func (p Params) Float(name string) float64 {
	x, _ := Number(p[name])
	return x
}

// Text is the string parameter name, or "" if there is none of that kind.
func (p Params) Text(name string) string {
	s, _ := p[name].(string)
	return s
}

// Bool is the switch name, or false if there is none of that kind.
func (p Params) Bool(name string) bool {
	b, _ := p[name].(bool)
	return b
}

// MarshalJSON writes the parameters sorted by name, floats always with a point
// or an exponent. NaN and infinities are an error.
func (p Params) MarshalJSON() ([]byte, error) {
	if p == nil {
		return []byte("null"), nil
	}
	raw := make(map[string]json.RawMessage, len(p))
	for name, v := range p {
		b, err := marshalValue(v)
		if err != nil {
			return nil, fmt.Errorf("write parameter %s: %w", name, err)
		}
		raw[name] = b
	}
	return json.Marshal(raw)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Params) UnmarshalJSON(text []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("read parameters: %w", err)
	}
	if raw == nil {
		*p = nil
		return nil
	}
	out := make(Params, len(raw))
	for name, b := range raw {
		v, err := unmarshalValue(b)
		if err != nil {
			return fmt.Errorf("read parameter %s: %w", name, err)
		}
		out[name] = v
	}
	*p = out
	return nil
}

type settingJSON struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// MarshalJSON writes the value so that its kind survives, as Params does.
func (s Setting) MarshalJSON() ([]byte, error) {
	b, err := marshalValue(s.Value)
	if err != nil {
		return nil, fmt.Errorf("write setting %s: %w", s.Name, err)
	}
	return json.Marshal(settingJSON{Name: s.Name, Value: b})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Setting) UnmarshalJSON(text []byte) error {
	var raw settingJSON
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("read setting: %w", err)
	}
	v, err := unmarshalValue(raw.Value)
	if err != nil {
		return fmt.Errorf("read setting %s: %w", raw.Name, err)
	}
	s.Name, s.Value = raw.Name, v
	return nil
}

func marshalValue(v any) ([]byte, error) {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("encode value: %v is not a finite number", v)
		}
		return []byte(floatText(v)), nil
	case string, bool:
		return json.Marshal(v)
	}
	return nil, fmt.Errorf("encode value: %v is a %T, want int64, float64, string or bool", v, v)
}

func unmarshalValue(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode value: %w", err)
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n, nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("decode value: %w", err)
		}
		return f, nil
	case string, bool:
		return v, nil
	}
	return nil, fmt.Errorf("decode value: %s is not an int, a float, a string or a bool", text)
}

// floatText is the shortest decimal that reads back as f, with a point or an
// exponent so that it stays a float: 1.0, 0.003, 1e-5, 1e21.
func floatText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		if strings.ContainsAny(s, ".nI") {
			return s
		}
		return s + ".0"
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return mantissa + "e" + sign + strings.TrimLeft(exponent, "+-0")
}

// ValueText is a parameter's value as people write it, and a command line gets it:
// 0.003, sgd, true.
func ValueText(v any) string {
	if f, ok := v.(float64); ok {
		return floatText(f)
	}
	return fmt.Sprint(v)
}
