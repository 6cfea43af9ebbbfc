// Package agent is this program on a host: it answers on its standard output, line by
// line, to whoever reached it through ssh, and ends with its standard input, or when
// that says nothing for long. The other end reads with Lines, Greeting and Parse, and
// answers with an empty line now and then.
//
//	(what a login shell prints)
//	ablate agent 1
//	{"devices":[...],"age_s":0.4}            once a second
package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ablate/gpu"
	"ablate/gpu/driver"
)

// protocol is the version of what an agent writes and understands.
const protocol = 1

// greeting begins the line that tells an agent from what a login shell prints.
const greeting = "ablate agent "

// hello is the line before the frames.
func hello() string { return fmt.Sprint(greeting, protocol) }

// Greeting reports whether a line is the greeting of an agent. The error is for one that
// speaks another version.
func Greeting(line string) (bool, error) {
	version, is := strings.CutPrefix(strings.TrimSpace(line), greeting)
	if is && version != fmt.Sprint(protocol) {
		return true, fmt.Errorf("greet agent: it speaks version %.20q, and this program version %d", version, protocol)
	}
	return is, nil
}

// Serve writes frames of this machine until the input ends or is silent for a minute,
// or the output breaks.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	return serve(ctx, in, out, driver.Watch)
}

const (
	// often is the time between frames, and soon before there is a reading: somebody
	// waits for it.
	often = time.Second
	soon  = time.Second / 10
	// lonely is after how much silence of the other end it is gone: a link that broke
	// is noticed by one end a quarter of an hour after the other.
	lonely = time.Minute
	// leave is how long the reader of the GPUs has to end, and who writes frames: a
	// sick driver never does, nor a link that takes no more.
	leave = time.Second
)

func serve(ctx context.Context, in io.Reader, out io.Writer, watch func(context.Context) *gpu.Watch) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := watch(ctx)
	go func() {
		listen(in, cancel)
		cancel()
	}()
	wrote := make(chan error, 1)
	go func() {
		wrote <- write(ctx, out, w)
		cancel()
	}()
	<-ctx.Done()
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), leave)
	defer stop()
	select {
	case <-w.Done():
	case <-late.Done():
	}
	select {
	case err := <-wrote:
		return err
	case <-late.Done():
		return nil
	}
}

// write greets and writes frames until ctx ends or the output breaks.
func write(ctx context.Context, out io.Writer, w *gpu.Watch) error {
	// What the shell printed may lack its last newline.
	if _, err := fmt.Fprintf(out, "\n%s\n", hello()); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	tick, mark := time.NewTicker(often), time.NewTicker(time.Hour)
	defer tick.Stop()
	defer mark.Stop()
	for enc := json.NewEncoder(out); ; {
		f := frameOf(w.Latest())
		if err := enc.Encode(f); err != nil {
			return fmt.Errorf("write frame: %w", err)
		}
		if errors.Is(f.Err(), gpu.ErrNotYet) {
			tick.Reset(soon)
		} else {
			tick.Reset(often)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-mark.C:
			stay()
		case <-tick.C:
		}
	}
}

// stay marks the copy of the program that this is as in use: copies are removed that
// nobody used for a day.
func stay() {
	path, err := os.Executable()
	if dir := filepath.Dir(path); err == nil && filepath.Base(filepath.Dir(dir)) == "agents" {
		now := time.Now()
		_ = os.Chtimes(dir, now, now) // it goes on without
	}
}

// listen takes what the other end says until it ends, and tells if that is silent. An
// empty line says that it is there, and nothing else is said yet: what is unknown is
// passed over, so that verbs can come without a new version.
func listen(in io.Reader, silent func()) {
	t := time.AfterFunc(lonely, silent)
	defer t.Stop()
	for lines := NewLines(in); ; t.Reset(lonely) {
		if _, err := lines.Next(); err != nil {
			return
		}
	}
}
