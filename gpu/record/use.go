package record

import (
	"errors"
	"io"

	"ablate/gpu"
)

// UseOf reads a recording of the GPUs of one run to its end, such as the gpu.jsonl of an
// attempt that lives or has no exit.json, and adds up their use. With an error comes
// what was added up before it.
func UseOf(r *Reader) (gpu.Use, error) {
	var m gpu.Meter
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return m.Use(), nil
		}
		if err != nil {
			return m.Use(), err
		}
		m.Add(s.Time, s.Devices)
	}
}
