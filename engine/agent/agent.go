// Package agent is this program on a host: it answers on its standard output, line by
// line, to whoever reached it through ssh, and ends with its standard input.
package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ablate/gpu"
	"ablate/gpu/driver"
)

// Protocol is the version of what an agent writes. It begins with the line Hello.
const Protocol = 1

// Hello is the line before the frames: a login shell may have printed anything before
// it.
func Hello() string { return fmt.Sprintf("ablate agent %d", Protocol) }

// Frame is one line of an agent: a node's readings, once a second.
type Frame struct {
	Devices []gpu.Device `json:"devices"`
	AgeS    float64      `json:"age_s"`
	Error   string       `json:"error,omitempty"`
}

// Serve writes frames of this machine until the input ends.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	w := driver.Watch(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	if _, err := fmt.Fprintln(out, Hello()); err != nil {
		return err
	}
	for tick := time.NewTicker(time.Second); ; {
		devices, age, err := w.Latest()
		f := Frame{Devices: devices, AgeS: age.Seconds()}
		if err != nil {
			f.Error = err.Error()
		}
		if err := json.NewEncoder(out).Encode(f); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
