package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"ablate/gpu"
)

// replay gives back recorded samples, one a call, and starts over at the end:
// an interface shown without hardware should not run dry.
type replay struct {
	data   []byte // as in the file: a day of samples would take much more
	reader *Reader
	closed bool
}

// OpenReplay reads a whole recording and returns a gpu.Sampler that gives its
// samples in order, for ever. Times in it are not waited for: the pace is the
// caller's. Damaged lines are left out; a recording without a sample is an error.
func OpenReplay(r io.Reader) (gpu.Sampler, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	p := &replay{data: data}
	if _, err := NewReader(bytes.NewReader(data)).Next(); errors.Is(err, io.EOF) {
		return nil, errors.New("read recording: no sample in it")
	} else if err != nil {
		return nil, err
	}
	p.rewind()
	return p, nil
}

func (p *replay) rewind() { p.reader = NewReader(bytes.NewReader(p.data)) }

// Sample returns the next sample of the recording.
func (p *replay) Sample(ctx context.Context) ([]gpu.Device, error) {
	if p.closed {
		return nil, gpu.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("replay GPUs: %w", err)
	}
	s, err := p.reader.Next()
	if err != nil { // the end, or what is behind it is damaged
		p.rewind()
		s, err = p.reader.Next()
	}
	return s.Devices, err
}

// Close ends the replay.
func (p *replay) Close() error {
	p.closed = true
	return nil
}
