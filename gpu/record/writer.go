package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"

	"ablate/gpu"
)

// maxStates bounds the list of throttle states in a header.
const maxStates = 64

// Writer writes a recording: one call of its writer a sample, of whole lines.
type Writer struct {
	w      io.Writer
	begun  bool // a header stands, and what it says still holds
	torn   bool // the last write ended within a line
	serial int
	time   float64      // of the header
	facts  []gpu.Device // of its devices, with the changes since
	base   []float64    // their energy in the header
	states [][]string   // of throttling, in the header
	buf    []byte
}

// header is the line before the rows that it explains.
type header struct {
	Time     float64                      `json:"time"`
	Serial   int                          `json:"serial"`
	Columns  []string                     `json:"columns"`
	Scale    map[string]float64           `json:"scale,omitempty"`
	Throttle [][]string                   `json:"throttle"`
	Devices  []map[string]json.RawMessage `json:"devices"`
}

// change is a line about one device of the header: other values for some of its facts.
type change struct {
	Serial int                        `json:"serial"`
	Device int                        `json:"device"`
	Set    map[string]json.RawMessage `json:"set"`
}

// NewWriter returns a Writer of plain lines.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write appends one sample. After an error of the writer the next sample begins anew, with
// a header.
func (w *Writer) Write(s Sample) error {
	w.buf = w.buf[:0]
	if w.torn {
		w.buf = append(w.buf, '\n')
	}
	facts := make([]gpu.Device, len(s.Devices))
	for i, d := range s.Devices {
		facts[i] = factsOf(d)
	}
	at := math.Round(s.Time*1000) / 1000
	if math.IsNaN(at) || math.IsInf(at, 0) {
		return fmt.Errorf("record GPUs: %v is no time", s.Time)
	}
	var err error
	if w.needsHeader(at, s.Devices, facts) {
		err = w.addHeader(at, s.Devices, facts)
	} else {
		err = w.addChanges(facts)
	}
	if err != nil {
		w.begun = false
		return fmt.Errorf("record GPUs: %w", err)
	}
	w.addRow(at, s.Devices)
	n, err := w.w.Write(w.buf)
	if err != nil {
		w.begun, w.torn = false, w.torn && n == 0 || n > 0
		return fmt.Errorf("record GPUs: %w", err)
	}
	w.torn = false
	return nil
}

func (w *Writer) needsHeader(at float64, devices, facts []gpu.Device) bool {
	if !w.begun || at < w.time || at >= w.time+headerEvery || !slices.EqualFunc(facts, w.facts, same) {
		return true
	}
	return slices.ContainsFunc(devices, func(d gpu.Device) bool { return d.Throttle != nil && w.state(d.Throttle) < 0 })
}

// state is the place of a throttle state in the header.
func (w *Writer) state(throttle []string) int {
	return slices.IndexFunc(w.states, func(s []string) bool { return slices.Equal(s, throttle) })
}

func (w *Writer) addHeader(at float64, devices, facts []gpu.Device) error {
	w.serial++
	h := header{Time: at, Serial: w.serial, Scale: map[string]float64{memoryColumn: mib}, Devices: []map[string]json.RawMessage{}}
	for _, c := range columns {
		h.Columns = append(h.Columns, c.name)
	}
	if len(w.states) >= maxStates || w.states == nil {
		w.states = [][]string{{}}
	}
	w.base = make([]float64, len(devices))
	for i, d := range devices {
		if d.Throttle != nil && w.state(d.Throttle) < 0 {
			w.states = append(w.states, slices.Clone(d.Throttle))
		}
		keys, err := keysOf(facts[i])
		if err != nil {
			return err
		}
		if e := columnNamed(energyColumn).number(d.EnergyJ); !math.IsNaN(e) {
			w.base[i] = e
			keys[energyColumn] = strconv.AppendFloat(nil, e, 'f', -1, 64)
		}
		h.Devices = append(h.Devices, keys)
	}
	h.Throttle = w.states
	w.begun, w.time, w.facts = true, at, facts
	return w.addLine(h)
}

// addChanges writes down which facts are others than before.
func (w *Writer) addChanges(facts []gpu.Device) error {
	for i, d := range facts {
		if reflect.DeepEqual(d, w.facts[i]) {
			continue
		}
		was, err := keysOf(w.facts[i])
		if err != nil {
			return err
		}
		is, err := keysOf(d)
		if err != nil {
			return err
		}
		set := map[string]json.RawMessage{}
		for key, v := range is {
			if !bytes.Equal(v, was[key]) {
				set[key] = v
			}
		}
		for key := range was {
			if is[key] == nil {
				set[key] = json.RawMessage("null")
			}
		}
		w.facts[i] = d
		if len(set) == 0 {
			continue
		}
		w.serial++
		if err := w.addLine(change{Serial: w.serial, Device: i, Set: set}); err != nil {
			return err
		}
	}
	return nil
}

// keysOf are the keys of facts in JSON, those left out that are null or stand in rows.
func keysOf(facts gpu.Device) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	keys := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &keys); err != nil {
		return nil, err
	}
	for key, v := range keys {
		if string(v) == "null" || columnNamed(key) != nil {
			delete(keys, key)
		}
	}
	return keys, nil
}

func (w *Writer) addLine(v any) error {
	text, err := json.Marshal(v)
	if err == nil && len(text) >= maxLine {
		err = fmt.Errorf("a line would have %d bytes, and %d is the most", len(text), maxLine-1)
	}
	w.buf = append(append(w.buf, text...), '\n')
	return err
}

// addRow writes [seconds,serial,[numbers of a device],...].
func (w *Writer) addRow(at float64, devices []gpu.Device) {
	w.buf = append(w.buf, '[')
	w.buf = appendNumber(w.buf, math.Round((at-w.time)*1000)/1000)
	w.buf = append(w.buf, ',')
	w.buf = strconv.AppendInt(w.buf, int64(w.serial), 10)
	for i := range devices {
		w.buf = append(w.buf, ',', '[')
		for k, c := range columns {
			if k > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = appendNumber(w.buf, w.number(c, i, &devices[i]))
		}
		w.buf = append(w.buf, ']')
	}
	w.buf = append(w.buf, ']', '\n')
}

// number is what stands in a column for device i of the header.
func (w *Writer) number(c column, i int, d *gpu.Device) float64 {
	switch {
	case c.name == throttleColumn && d.Throttle != nil:
		return float64(w.state(d.Throttle))
	case c.name == memoryColumn && d.MemoryUsedBytes != nil:
		return math.Round(float64(*d.MemoryUsedBytes) / mib)
	case c.name == ageColumn:
		return c.number(&d.AgeS)
	case c.name == energyColumn:
		return c.number(d.EnergyJ) - w.base[i]
	case c.at != nil:
		return c.number(*c.at(d))
	}
	return math.NaN()
}

func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}
