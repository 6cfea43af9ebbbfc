package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"ablate/gpu"
)

// Frame is one line of an agent: the newest readings of its machine, and what is
// wrong there now. Both may be there at once.
type Frame struct {
	Devices []gpu.Device `json:"devices"`
	AgeS    float64      `json:"age_s"`
	Kind    string       `json:"kind,omitempty"` // of the error, for those that callers tell apart
	Error   string       `json:"error,omitempty"`
}

func frameOf(devices []gpu.Device, age time.Duration, err error) Frame {
	f := Frame{Devices: devices, AgeS: age.Seconds()}
	if err != nil {
		f.Error, f.Kind = err.Error(), gpu.KindOf(err)
	}
	return f
}

// Parse reads a frame, whose texts print and whose numbers are no wider than those of
// machines. Its error says that the line is none: a shell's background job may print
// between frames.
func Parse(line []byte) (Frame, error) {
	if bytes.Count(line, []byte("{")) > mostObjects {
		return Frame{}, fmt.Errorf("read frame: %w", errTooMuch)
	}
	f := Frame{AgeS: -1}
	if err := json.Unmarshal(line, &f); err != nil {
		return Frame{}, fmt.Errorf("read frame: %w", err)
	}
	if f.AgeS < 0 {
		return Frame{}, fmt.Errorf("read frame: no age_s in %.60q", line)
	}
	if err := tame(&f); err != nil {
		return Frame{}, fmt.Errorf("read frame: %w", err)
	}
	return f, nil
}

// Err is what is wrong on the agent's machine; errors.Is tells the same kinds there
// and here.
func (f Frame) Err() error {
	if f.Error == "" && f.Kind == "" {
		return nil
	}
	return gpu.Retold(f.Error, f.Kind)
}
