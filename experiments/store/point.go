package store

import (
	"encoding/json"
	"fmt"
	"math"
)

// Point is one line of metrics.jsonl: the values of some metrics at one step.
type Point struct {
	Step int64   `json:"step"`
	Time float64 `json:"time"` // seconds since 1970, UTC
	M    Values  `json:"m"`
}

// parsePoint reads a line of metrics.jsonl; ok is false for what is no point,
// JSON without any values among it.
func parsePoint(line []byte) (p Point, ok bool) {
	var s scanner
	if !s.read(unzeroed(line)) {
		return Point{}, false
	}
	return s.point(), true
}

// Values maps a metric's name to its value. In JSON, where there are no such
// numbers, not-a-number and the infinities are the strings "NaN", "Inf", "-Inf".
type Values map[string]float64

// MarshalJSON writes v with NaN and infinities as strings.
func (v Values) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(v))
	for name, x := range v {
		switch {
		case math.IsNaN(x):
			m[name] = "NaN"
		case math.IsInf(x, 1):
			m[name] = "Inf"
		case math.IsInf(x, -1):
			m[name] = "-Inf"
		default:
			m[name] = x
		}
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Values) UnmarshalJSON(b []byte) error {
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	if m == nil {
		return nil // null changes nothing, as everywhere in encoding/json
	}
	*v = make(Values, len(m))
	for name, x := range m {
		switch x := x.(type) {
		case float64:
			(*v)[name] = x
		case string:
			f, ok := map[string]float64{"NaN": math.NaN(), "Inf": math.Inf(1), "-Inf": math.Inf(-1)}[x]
			if !ok {
				return fmt.Errorf("read metric %q: %q is no number", name, x)
			}
			(*v)[name] = f
		default:
			return fmt.Errorf("read metric %q: %v is no number", name, x)
		}
	}
	return nil
}
