package gpu

import (
	"context"
	"errors"
)

// Sampler takes readings of the GPUs of one machine. It is used by one
// goroutine at a time: a driver would serialise its callers anyhow, and a Watch is
// how many readers share one.
type Sampler interface {
	// Sample reads every GPU once, in the order of their index. A GPU that
	// fails is a Device with its Error; an error is for the whole sample. The
	// slice is the caller's. A call into a driver that hangs cannot be ended:
	// ctx is looked at between GPUs.
	Sample(ctx context.Context) ([]Device, error)
	// Close gives the driver back. Sample then returns ErrClosed; closing again
	// does nothing.
	Close() error
}

// Errors that callers tell apart; the texts are fit to be shown.
var (
	// ErrNoDriver is no fault: most laptops and CI machines are such machines.
	ErrNoDriver = errors.New("no NVIDIA driver on this machine")
	// ErrClosed is the answer of a Sampler after Close.
	ErrClosed = errors.New("sample GPUs: the sampler is closed")
)
