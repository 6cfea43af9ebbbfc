package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"

	"ablate/gpu"
)

// Reader reads a recording, sample by sample. The zero value reads lines that its user
// has; NewReader makes one that reads them itself.
type Reader struct {
	// Damaged counts the lines that could not be read, and those that depend on them.
	Damaged int

	in   *bufio.Reader
	err  error  // of opening in
	text []byte // of the line that is read

	known    bool // a header was read, and every change since
	serial   int
	time     float64
	columns  []read
	throttle [][]string
	facts    []json.RawMessage
	devices  []gpu.Device // the facts, with the energy that rows add to
}

// read is a column of the header.
type read struct {
	*column // nil: one that is not known here
	scale   float64
}

const (
	maxDevices = 1024 // more are damage
	maxColumns = 256
)

// magic is how a zstd stream begins.
var magic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// NewReader returns a Reader of plain lines, or of a zstd stream of them.
func NewReader(r io.Reader) *Reader {
	in := bufio.NewReaderSize(r, 64<<10)
	begin, _ := in.Peek(len(magic)) // who cannot be read will say so again
	if !bytes.Equal(begin, magic) {
		return &Reader{in: in}
	}
	// With a concurrency of 1 it has no goroutines that would have to be ended.
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	return &Reader{in: bufio.NewReaderSize(z, 64<<10), err: err}
}

// Next returns the next sample. At the end, which may be within a line or a zstd
// stream that is still being written, the error is io.EOF.
func (r *Reader) Next() (Sample, error) {
	for {
		line, err := r.line()
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		switch {
		case ended:
			damaged := r.Damaged
			if s, ok := r.Line(line); ok {
				return s, nil
			}
			r.Damaged = damaged // it was still being written
			return Sample{}, io.EOF
		case err != nil:
			return Sample{}, fmt.Errorf("read recording: %w", err)
		case len(line) > maxLine:
			r.Damaged++
		default:
			if s, ok := r.Line(line); ok {
				return s, nil
			}
		}
	}
}

// line reads one line with its newline. Of one that is too long only so much is
// kept that this can be told.
func (r *Reader) line() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.text = r.text[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.text) <= maxLine {
			r.text = append(r.text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r.text, err
		}
	}
}

// Line takes the next line of a recording, as store.Tail has it, and returns the sample
// that stands there. A blank one, a header and a change have none, and neither has one
// that is damaged, which is counted.
func (r *Reader) Line(line []byte) (s Sample, ok bool) {
	line = bytes.Trim(line, "\x00 \t\r\n") // zeros: what a power cut left
	if len(line) == 0 {
		return s, false
	}
	if line[0] == '[' {
		s, ok = r.row(line)
	} else {
		var is bool
		if s, is, ok = r.object(line); is {
			return s, ok
		}
	}
	if !ok {
		r.Damaged++
	}
	return s, ok
}

// object reads a header, a change, or a sample of an older recording; good says whether it
// is one of them, and sampled whether it is the last.
func (r *Reader) object(line []byte) (s Sample, good, sampled bool) {
	var o struct {
		Time     float64                    `json:"time"`
		Serial   int                        `json:"serial"`
		Columns  []string                   `json:"columns"`
		Scale    map[string]float64         `json:"scale"`
		Throttle [][]string                 `json:"throttle"`
		Devices  json.RawMessage            `json:"devices"`
		Device   *int                       `json:"device"`
		Set      map[string]json.RawMessage `json:"set"`
	}
	if json.Unmarshal(line, &o) != nil {
		return s, false, false
	}
	if o.Device != nil {
		return s, r.change(o.Serial, *o.Device, o.Set), false
	}
	var facts []json.RawMessage
	if json.Unmarshal(o.Devices, &facts) != nil || facts == nil || len(facts) > maxDevices || len(o.Columns) > maxColumns {
		r.known = r.known && o.Columns == nil
		return s, false, false
	}
	devices := make([]gpu.Device, len(facts))
	for i := range facts {
		if json.Unmarshal(facts[i], &devices[i]) != nil {
			r.known = r.known && o.Columns == nil
			return s, false, false
		}
	}
	if o.Columns == nil {
		return Sample{o.Time, devices}, true, true
	}
	r.known, r.serial, r.time, r.throttle, r.facts, r.devices = true, o.Serial, o.Time, o.Throttle, facts, devices
	r.columns = nil
	for _, name := range o.Columns {
		c := read{columnNamed(name), 1}
		if scale, ok := o.Scale[name]; ok {
			c.scale = scale
		}
		r.columns = append(r.columns, c)
	}
	return s, true, false
}

// change replaces some facts of a device. Samples that were given away share what
// the old ones point at, so the device is read anew.
func (r *Reader) change(serial, i int, set map[string]json.RawMessage) bool {
	if !r.known || serial != r.serial+1 || i < 0 || i >= len(r.devices) {
		return false
	}
	keys, d := map[string]json.RawMessage{}, gpu.Device{}
	if json.Unmarshal(r.facts[i], &keys) != nil || keys == nil {
		return false
	}
	maps.Copy(keys, set)
	facts, err := json.Marshal(keys)
	if err != nil || json.Unmarshal(facts, &d) != nil {
		return false
	}
	r.facts[i], r.devices[i], r.serial = facts, d, serial
	return true
}

// row reads the sample of a row.
func (r *Reader) row(line []byte) (s Sample, ok bool) {
	in := row{text: line}
	in.want('[')
	after := in.number()
	in.want(',')
	serial := in.number()
	if in.bad || !r.known || serial != float64(r.serial) || math.IsNaN(after) {
		return s, false
	}
	s.Time = math.Round((r.time+after)*1000) / 1000
	s.Devices = slices.Clone(r.devices)
	for i := range s.Devices {
		in.want(',')
		in.want('[')
		room := make([]float64, len(r.columns)) // one piece for all of the device's numbers
		for k, c := range r.columns {
			if k > 0 {
				in.want(',')
			}
			room[k] = in.number() * c.scale
			if in.bad || math.IsInf(room[k], 0) {
				return s, false
			}
			if c.column != nil && !r.put(&s.Devices[i], c.column, &room[k]) {
				return s, false
			}
		}
		in.want(']')
	}
	in.want(']')
	return s, !in.bad && len(in.text) == 0
}

// put stores a number of a row, NaN for null, and says whether it can be one.
func (r *Reader) put(d *gpu.Device, c *column, v *float64) bool {
	null := math.IsNaN(*v)
	switch {
	case c.name == throttleColumn:
		d.Throttle = nil
		if null {
			return true
		}
		if *v != math.Trunc(*v) || *v < 0 || *v >= float64(len(r.throttle)) {
			return false
		}
		d.Throttle = append([]string{}, r.throttle[int(*v)]...)
	case c.name == memoryColumn:
		d.MemoryUsedBytes = nil
		if null {
			return true
		}
		if *v < 0 || *v >= 1<<63 {
			return false
		}
		bytes := uint64(*v)
		d.MemoryUsedBytes = &bytes
	case c.name == ageColumn:
		d.AgeS = 0
		if !null {
			d.AgeS = *v
		}
	case null:
		*c.at(d) = nil
	default:
		if base := *c.at(d); c.name == energyColumn && base != nil {
			*v += *base
		}
		*c.at(d) = v
	}
	return true
}
