package driver

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"ablate/gpu"
)

// smiProgram is the driver's own program, which has the readings as text.
const smiProgram = "nvidia-smi"

// smi reads GPUs through one nvidia-smi that prints them again every second: each start
// of one costs the driver a start, too, where nobody else keeps it.
type smi struct {
	host    gpu.Text
	columns []column
	names   map[int]gpu.Device // of the round before, so that a GPU that is lost can still be named
	cancel  context.CancelFunc
	apps    *smiApps
	fresh   chan struct{} // has something when a round has come; closed with the last one
	closed  bool

	mu    sync.Mutex
	round round
	err   error // why it ended
}

// round is what nvidia-smi printed of all GPUs, once.
type round struct {
	devices []gpu.Device
	since   time.Time // it was read after this, and before it came
}

// openSMI starts nvidia-smi with the columns that it knows. Without it, the error is
// gpu.ErrNoDriver. An nvidia-smi that the driver keeps keeps the mark, too.
func openSMI(ctx context.Context, program string, m *mark) (gpu.Sampler, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, gpu.ErrNoDriver
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("read host name: %w", err)
	}
	columns, err := known(ctx, path, m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, query(columns), "--format=csv,noheader,nounits", "--loop=1")
	cmd.WaitDelay, cmd.ExtraFiles, cmd.SysProcAttr = time.Second, m.kept(), inherited()
	var said head
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start nvidia-smi: %w", err)
	}
	s := &smi{
		host: gpu.Text(host), columns: columns, cancel: cancel, fresh: make(chan struct{}, 1),
		apps: &smiApps{path: path, every: appsEvery, mark: m},
	}
	go func() {
		defer close(s.fresh)
		line := s.listen(out)
		cancel() // one that prints what nobody reads does not end
		err := cmd.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = ended(line, said.line(), err)
	}()
	return s, nil
}

// maxOther is how many lines that are no readings may follow each other: an nvidia-smi
// that prints nothing else is none.
const maxOther = 32

// listen takes in rounds until nvidia-smi ends or is of no use, and returns the last line
// that was no reading.
func (s *smi) listen(out io.Reader) (other string) {
	var devices []gpu.Device
	since, last := time.Now(), time.Now() // when this round began at the earliest, and when its last row came
	finish := func() {
		s.put(round{s.complete(devices, other), since})
		devices, since, other = nil, last, ""
	}
	others := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d, of, ok := parse(s.columns, lines.Text())
		if !ok {
			other = firstLine(lines.Text())
			if others++; others == maxOther {
				return other
			}
			continue
		}
		others = 0
		if n := len(devices); n > 0 && d.Index <= devices[n-1].Index {
			finish() // the round before lacked a GPU
		}
		d.Host, last = s.host, time.Now()
		if devices = append(devices, d); len(devices) == of {
			finish()
		}
	}
	return other
}

// complete adds those GPUs that were in the round before and are not in this one, with
// what nvidia-smi said of it.
func (s *smi) complete(devices []gpu.Device, said string) []gpu.Device {
	names := make(map[int]gpu.Device, len(devices))
	for _, d := range devices {
		names[d.Index] = gpu.Device{Host: d.Host, Index: d.Index, UUID: d.UUID, Name: d.Name}
	}
	for index, d := range s.names {
		if _, ok := names[index]; !ok {
			d.Error = gpu.Text(cmp.Or(failure(said), "open GPU: nvidia-smi left it out"))
			names[index], devices = d, append(devices, d)
		}
	}
	slices.SortFunc(devices, func(a, b gpu.Device) int { return a.Index - b.Index })
	s.names = names
	return devices
}

func (s *smi) put(r round) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.round = r
	select {
	case s.fresh <- struct{}{}:
	default:
	}
}

// Sample waits for a round that has not been given yet.
func (s *smi) Sample(ctx context.Context) ([]gpu.Device, error) {
	began := time.Now()
	switch {
	case s.closed:
		return nil, gpu.ErrClosed
	case ctx.Err() != nil:
		return nil, fmt.Errorf("sample GPUs: %w", ctx.Err())
	}
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("sample GPUs: %w", ctx.Err())
	case _, more := <-s.fresh:
		s.mu.Lock()
		defer s.mu.Unlock()
		if !more {
			return nil, s.err
		}
	}
	devices := slices.Clone(s.round.devices)
	s.apps.fill(ctx, devices)
	for i := range devices {
		devices[i].AgeS = max(0, began.Sub(s.round.since).Seconds())
	}
	return devices, nil
}

// Close ends nvidia-smi.
func (s *smi) Close() error {
	s.closed = true
	s.cancel()
	for range s.fresh { // until it is gone: a leftover would keep printing
	}
	return nil
}

// ended says why nvidia-smi did, of what it printed and its end.
func ended(out, said string, err error) error {
	if words := cmp.Or(failure(out), failure(said)); words != "" {
		return errors.New(words)
	}
	if err == nil {
		err = errors.New("it ended")
	}
	if line := cmp.Or(out, said); line != "" {
		return fmt.Errorf("read nvidia-smi: %w: %s", err, line)
	}
	return fmt.Errorf("read nvidia-smi: %w", err)
}
