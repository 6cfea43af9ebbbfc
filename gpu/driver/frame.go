package driver

import "ablate/gpu"

// frame is a child's answer to one line.
type frame struct {
	Ask     int          `json:"ask"` // the number that was asked
	Devices []gpu.Device `json:"devices"`
	Error   string       `json:"error,omitempty"`
	Kind    string       `json:"kind,omitempty"` // of Error, if it is one that callers tell apart
	Last    bool         `json:"last,omitempty"` // the child ends with it
}

// fail puts an error into a frame.
func (f *frame) fail(err error) { f.Error, f.Kind = err.Error(), gpu.KindOf(err) }

// err is the error that was put into a frame.
func (f *frame) err() error {
	if f.Error == "" {
		return nil
	}
	return gpu.Retold(f.Error, f.Kind)
}
