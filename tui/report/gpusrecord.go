package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"ablate/gpu"
	"ablate/gpu/record"
)

const (
	// recordEvery is the least time between two samples of a recording. It is shorter
	// than that between two readings, so that none is left out.
	recordEvery = 900 * time.Millisecond
	// recordLook is the time between two looks for a new one.
	recordLook = 100 * time.Millisecond
)

// record writes readings to a new file until ctx ends, and beside that shows them if
// they are to be watched. It ends by saying what it has.
func (s shown) record(ctx context.Context, w, progress io.Writer, o GPUFlags, asJSON bool) error {
	all := s.first(ctx, false)
	switch err := troubles(all); {
	case ctx.Err() != nil:
		return ErrInterrupted
	case len(devicesOf(all)) > 0:
	case err != nil:
		return err
	default:
		return fmt.Errorf("record GPUs: %w", gpu.ErrNoDriver)
	}
	f, err := record.Create(o.Record)
	if err != nil {
		return err
	}
	r := &recording{file: f, began: time.Now()}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		defer cancel() // a full disk ends the table, too
		ended <- r.run(ctx, s.now)
	}()
	if o.Watch {
		err = s.watch(ctx, w, progress, asJSON, r.words)
		cancel()
	} else {
		fmt.Fprintf(progress, "recording %s to %s; ctrl-c ends it\n", Count(wholeGPUs(devicesOf(all)), "GPU"), o.Record)
	}
	err = errors.Join(err, <-ended)
	if failed := f.Close(); err == nil { // else it says the same again
		err = failed
	}
	if info, failed := os.Stat(o.Record); failed == nil {
		fmt.Fprintf(progress, "%s: %s, %s\n", o.Record, r.words(), byteText(info.Size()))
	}
	return err
}

// recording is a recording that is being made.
type recording struct {
	file  *record.File
	began time.Time

	mu      sync.Mutex
	samples int
	gpus    int // the most that were in one
}

// words are how much there is by now.
func (r *recording) words() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%s of %s in %s recorded", Count(r.samples, "sample"), Count(r.gpus, "GPU"), Duration(time.Since(r.began).Seconds()))
}

// wholeGPUs is how many GPUs there are among devices; slices are parts of theirs.
func wholeGPUs(devices []gpu.Device) (n int) {
	for _, d := range devices {
		if d.Slice == nil {
			n++
		}
	}
	return n
}

// run writes each new sample until ctx ends.
func (r *recording) run(ctx context.Context, now func() []gpu.Node) error {
	tick := time.NewTicker(recordLook)
	defer tick.Stop()
	var last time.Time
	for {
		all, at := now(), time.Now()
		devices, taken := fresh(all, at)
		if len(devices) > 0 && taken.Sub(last) >= recordEvery {
			last = taken
			if err := r.file.Write(record.Sample{Time: float64(taken.UnixMicro()) / 1e6, Devices: devices}); err != nil {
				return err
			}
			r.mu.Lock()
			r.samples, r.gpus = r.samples+1, max(r.gpus, wholeGPUs(devices))
			r.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// fresh are the devices whose readings are of now, and when the newest was taken. What
// a node that does not answer said before is not recorded again.
func fresh(all []gpu.Node, now time.Time) (devices []gpu.Device, taken time.Time) {
	for _, n := range all {
		if n.Age >= staleAfter || len(n.Devices) == 0 {
			continue
		}
		devices = append(devices, n.Devices...)
		if at := now.Add(-n.Age); at.After(taken) {
			taken = at
		}
	}
	return devices, taken
}
