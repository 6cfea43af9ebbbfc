package driver

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"ablate/gpu"
)

const (
	// maxFailures is how many samples in a row may fail before the child makes room for
	// another, which opens the driver anew: it may have been loaded again since.
	maxFailures = 10
	// leaveGrace is how long a call may still take when the parent is gone.
	leaveGrace = 500 * time.Millisecond
)

// Main is `ablate sample`: for every number that comes in on a line, it reads all GPUs
// once and answers with a line of JSON. It ends with its input, even while a call into
// the driver does not return.
func Main(ctx context.Context, in io.Reader, out io.Writer) error {
	// It lives beside trainers: one processor, and little memory.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asks, ended := make(chan int), make(chan error, 1)
	go func() {
		defer cancel()
		read(ctx, in, asks)
	}()
	go func() { ended <- answer(ctx, asks, json.NewEncoder(out), newMark(os.Getenv(inChild))) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case <-ended: //nolint:errcheck // it is of the parent's leaving
	case <-time.After(leaveGrace):
	}
	return nil
}

// read hands on the numbers that the parent asks, until it is gone.
func read(ctx context.Context, in io.Reader, asks chan<- int) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		ask, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			continue
		}
		select {
		case asks <- ask:
		case <-ctx.Done():
			return
		}
	}
}

// answer opens the driver with the first ask, and answers until ctx ends or the driver
// is of no use any more.
func answer(ctx context.Context, asks <-chan int, out *json.Encoder, m *mark) error {
	defer m.remove()
	var s source
	var tenants gpu.Tenants
	failures := 0
	for {
		var f frame
		select {
		case f.Ask = <-asks:
		case <-ctx.Done():
			if s.Sampler == nil {
				return nil
			}
			return s.Close()
		}
		var err error
		m.begin()
		if s.Sampler == nil {
			s, err = open(ctx, m)
			f.Last = err != nil
		}
		if err == nil {
			f.Devices, err = s.Sample(ctx)
		}
		m.end()
		switch {
		case err != nil:
			failures++
			f.Last = f.Last || failures >= maxFailures
			f.fail(err)
		case s.here:
			failures = 0
			tenants.Fill(f.Devices, gpu.ClaimsDir)
		}
		if err := out.Encode(f); err != nil {
			return err
		}
		if f.Last {
			return err
		}
	}
}
