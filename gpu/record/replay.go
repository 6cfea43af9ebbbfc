// Package record keeps readings of GPUs in files, and gives them back.
package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"ablate/gpu"
)

// recorded is one line of a recording: {"time":1763790000.5,"devices":[...]},
// the time in seconds since 1970 and the devices as `gpu --json` prints them.
type recorded struct {
	Time    float64      `json:"time"`
	Devices []gpu.Device `json:"devices"`
}

// replay gives back recorded samples, one a call, and starts over at the end:
// an interface shown without hardware should not run dry.
type replay struct {
	samples []recorded
	next    int
	closed  bool
}

// OpenReplay reads a whole recording, JSON lines, and returns a gpu.Sampler that
// gives its samples in order, for ever. Times in it are not waited for: the
// pace is the caller's. A line without its newline was cut off while it was
// written and is left out if it is damaged; any other damage is an error that
// names the line, as is a recording without a sample.
func OpenReplay(r io.Reader) (gpu.Sampler, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	p := &replay{}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var s recorded
		if err := json.Unmarshal(text, &s); err != nil {
			if !bytes.HasSuffix(text, []byte("\n")) {
				break
			}
			return nil, fmt.Errorf("read recording: line %d: %w", line, err)
		}
		p.samples = append(p.samples, s)
	}
	if len(p.samples) == 0 {
		return nil, errors.New("read recording: no sample in it")
	}
	return p, nil
}

// Sample returns the next sample of the recording.
func (p *replay) Sample(ctx context.Context) ([]gpu.Device, error) {
	if p.closed {
		return nil, gpu.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("replay GPUs: %w", err)
	}
	s := p.samples[p.next]
	p.next = (p.next + 1) % len(p.samples)
	return slices.Clone(s.Devices), nil
}

// Close ends the replay.
func (p *replay) Close() error {
	p.closed = true
	return nil
}
