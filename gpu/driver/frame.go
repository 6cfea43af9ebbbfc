package driver

import (
	"errors"

	"ablate/gpu"
)

// frame is a child's answer to one line.
type frame struct {
	Ask     int          `json:"ask"` // the number that was asked
	Devices []gpu.Device `json:"devices"`
	Error   string       `json:"error,omitempty"`
	Kind    string       `json:"kind,omitempty"` // of Error, if it is one that callers tell apart
	Last    bool         `json:"last,omitempty"` // the child ends with it
}

// kinds are the errors that stay themselves over a pipe.
var kinds = map[string]error{
	"no driver":     gpu.ErrNoDriver,
	"not answering": gpu.ErrNotAnswering,
	"closed":        gpu.ErrClosed,
}

// fail puts an error into a frame.
func (f *frame) fail(err error) {
	f.Error = err.Error()
	for kind, is := range kinds {
		if errors.Is(err, is) {
			f.Kind = kind
		}
	}
}

// err is the error that was put into a frame.
func (f *frame) err() error {
	if f.Error == "" {
		return nil
	}
	return told{f.Error, kinds[f.Kind]}
}

// told is an error of a child, in its words.
type told struct {
	text string
	kind error
}

func (t told) Error() string { return t.text }
func (t told) Unwrap() error { return t.kind }
