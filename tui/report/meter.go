package report

import (
	"fmt"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
)

// meter adds up the readings of an attempt whose end nobody recorded: it lives, or its
// runner was killed.
type meter struct {
	tail  store.Tail
	lines record.Reader
	gpus  gpu.Meter
	some  bool // there was a reading
}

func newMeter(dir string, attempt int) *meter {
	return &meter{tail: store.Tail{Run: dir, Path: fmt.Sprintf("a%d/gpu.jsonl", attempt)}}
}

// read reads what was added, and returns the use up to now; nil while there is no
// reading.
func (m *meter) read() (*gpu.Use, error) {
	_, err := m.tail.Next(0, func(line []byte) {
		if s, ok := m.lines.Line(line); ok {
			m.gpus.Add(s.Time, s.Devices)
			m.some = true
		}
	})
	if !m.some {
		return nil, err
	}
	use := m.gpus.Use()
	return &use, err
}
