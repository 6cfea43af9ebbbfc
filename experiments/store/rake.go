package store

import "bytes"

// rake reads the values of a few metrics out of lines of metrics.jsonl. Of lines of
// the usual form it reads no number and keeps no name that nobody wants, though it
// looks whether they are such; for any other line it asks the scanner, and the two
// agree on what is a point.
type rake struct {
	metrics []string
	columns []rows // by metric
	points  int
	damaged int
	first   int64 // step of the first point
	last    int64 // step of the last one
	time    float64

	tines []tine // what stood in the line before, by place
	found []value
	line  scanner
}

// rows are the values of a metric in the order of the lines.
type rows struct {
	steps, values, times []float64
	unordered            bool // a step is at or before the one before it
}

// tine is a metric's name as lines have it, quotes and colon included, and its
// column, -1 if nobody wants it.
type tine struct {
	text   []byte
	column int
}

// value is one of the wanted ones of a line.
type value struct {
	column int
	v      float64
}

// maxTines bounds what is remembered of a line.
const maxTines = 4096

func newRake(metrics []string) *rake {
	return &rake{metrics: metrics, columns: make([]rows, len(metrics))}
}

// clear forgets what was read.
func (r *rake) clear() {
	r.points, r.damaged = 0, 0
	for i := range r.columns {
		c := &r.columns[i]
		*c = rows{steps: c.steps[:0], values: c.values[:0], times: c.times[:0]}
	}
}

// block reads whole lines.
func (r *rake) block(b []byte) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			end = len(b) - 1
		}
		line := b[:end]
		b = b[end+1:]
		if !r.usual(line) {
			r.other(line)
		}
	}
}

// other reads a line of any form, as a Follower does.
func (r *rake) other(line []byte) {
	if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
		return
	}
	kept := unzeroed(line)
	ok := r.line.read(kept)
	if !ok || len(kept) < len(line) {
		r.damaged++
	}
	if !ok {
		return
	}
	r.found = r.found[:0]
	for i, name := range r.line.names {
		if k := r.column(name); k >= 0 {
			r.found = append(r.found, value{k, r.line.values[i]})
		}
	}
	r.keep(r.line.step, r.line.time)
}

// column is the one of a metric, -1 if nobody wants it.
func (r *rake) column(name []byte) int {
	for i, m := range r.metrics {
		if string(name) == m {
			return i
		}
	}
	return -1
}

// keep takes up what was found in a line.
func (r *rake) keep(step int64, time float64) {
	if r.points++; r.points == 1 {
		r.first = step
	}
	r.last, r.time = step, time
	at := float64(step)
	for _, f := range r.found {
		c := &r.columns[f.column]
		if n := len(c.steps); n > 0 && at <= c.steps[n-1] {
			c.unordered = true
		}
		c.steps, c.values, c.times = append(c.steps, at), append(c.values, f.v), append(c.times, time)
	}
}

// usual reads a line of the usual form, with one space at most where Python puts
// them; false says that it is another and that nothing was read.
func (r *rake) usual(line []byte) bool {
	r.found = r.found[:0]
	i := after(line, 0, `{"step":`)
	step, i := integer(line, i)
	i = comma(line, i)
	time := 0.0
	if j := after(line, i, `"time":`); j > 0 {
		time, i = number(line, j)
		i = comma(line, i)
	}
	i = after(line, i, `"m":`)
	if i = after(line, i, `{`); i < 0 {
		return false
	}
	for place := 0; ; place++ {
		if i = r.metric(line, i, place); i < 0 || i >= len(line) {
			return false
		}
		if line[i] == '}' {
			break
		}
		if i = comma(line, i); i < 0 {
			return false
		}
	}
	if i != len(line)-2 || line[i+1] != '}' {
		return false
	}
	r.keep(step, time)
	return true
}

// metric reads a name and a value from line[i:] and returns where they end, -1 if
// they are none of the usual form.
func (r *rake) metric(line []byte, i, place int) int {
	var column int
	if place < len(r.tines) && bytes.HasPrefix(line[i:], r.tines[place].text) {
		column = r.tines[place].column
		i = space(line, i+len(r.tines[place].text))
	} else if column, i = r.name(line, i, place); i < 0 {
		return -1
	}
	if i >= len(line) {
		return -1
	}
	switch {
	case line[i] == '"':
		v, end := word(line, i)
		if end >= 0 && column >= 0 {
			r.found = append(r.found, value{column, v})
		}
		return end
	case column >= 0:
		v, end := number(line, i)
		r.found = append(r.found, value{column, v})
		return end
	default:
		return pass(line, i)
	}
}

// name reads a name and its colon, and remembers them for the next line.
func (r *rake) name(line []byte, i, place int) (column, end int) {
	if i >= len(line) || line[i] != '"' {
		return -1, -1
	}
	end = i + 1
	for end < len(line) && line[end] != '"' {
		if c := line[end]; c < ' ' || c >= 0x7f || c == '\\' {
			return -1, -1
		}
		end++
	}
	if end+1 >= len(line) || line[end+1] != ':' {
		return -1, -1
	}
	column = r.column(line[i+1 : end])
	if place == len(r.tines) && place < maxTines {
		r.tines = append(r.tines, tine{})
	}
	if place < len(r.tines) {
		t := &r.tines[place]
		t.text, t.column = append(t.text[:0], line[i:end+2]...), column
	}
	return column, space(line, end+2)
}
