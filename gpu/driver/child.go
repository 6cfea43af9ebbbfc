package driver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ablate/gpu"
)

// child is a sampler by processes, one at a time.
type child struct {
	limits
	program string
	env     []string      // beside this process's own
	marks   string        // of the children of all programs that read the same
	process *process      // nil: none
	wait    time.Duration // before the next start, should this one fail
	next    time.Time     // no start before
	why     error         // what happened to the last one
	closed  bool
}

// limits are the times that a child is given.
type limits struct {
	stuck     time.Duration // after which one that does not answer is killed
	leave     time.Duration // to end by itself, and again once it is killed
	firstWait time.Duration // after a failure; doubled by each further one
	lastWait  time.Duration // and no longer than this
}

func newChild(program string) *child {
	return &child{program: program, marks: marksOf(os.Getenv(replayPath), os.Getenv(libraryPath)), limits: limits{stuck: time.Minute, leave: time.Second, firstWait: time.Second, lastWait: time.Minute}}
}

// Sample asks the child, which is started if there is none. While it must not be, the
// error says again what ended the one before. An answer to a question from which an
// earlier call turned away is older than it looks, and is not taken.
func (c *child) Sample(ctx context.Context) ([]gpu.Device, error) {
	switch {
	case c.closed:
		return nil, gpu.ErrClosed
	case ctx.Err() != nil:
		return nil, fmt.Errorf("sample GPUs: %w", ctx.Err())
	case c.process == nil && time.Now().Before(c.next):
		return nil, c.why
	case c.process == nil:
		if pid := stuck(c.marks); pid != 0 {
			return nil, fmt.Errorf("%w: it has not let go of process %d, which reads GPUs", gpu.ErrNotAnswering, pid)
		}
		p, err := launch(c.program, append([]string{inChild + "=" + c.marks}, c.env...))
		if err != nil {
			return nil, c.lost(err)
		}
		c.process = p
	}
	f, err := c.ask(ctx)
	switch {
	case err != nil:
		return nil, err
	case f.Error == "":
		c.wait = 0
		return f.Devices, nil
	case f.Last:
		return nil, c.leaves(ctx, f.err())
	}
	return nil, f.err()
}

// ask waits for the answer to a question of now.
func (c *child) ask(ctx context.Context) (frame, error) {
	p := c.process
	want := p.asked + 1
	p.ask()
	stuck := time.NewTimer(time.Until(p.since.Add(c.stuck)))
	defer stuck.Stop()
	killed := false
	for {
		select {
		case <-ctx.Done():
			return frame{}, fmt.Errorf("sample GPUs: %w", ctx.Err())
		case <-stuck.C:
			p.kill()
			killed = true
		case f := <-p.answers:
			p.pending = false
			if f.Ask == want || f.Last {
				return f, nil
			}
			p.ask()
			stuck.Reset(c.stuck)
		case <-p.gone:
			return c.end(want, killed)
		}
	}
}

// end takes leave of a process that is gone. Its last answer may say why.
func (c *child) end(want int, killed bool) (frame, error) {
	p := c.process
	select {
	case f := <-p.answers:
		if f.Ask == want || f.Last {
			return f, nil
		}
	default:
	}
	if killed {
		return frame{}, c.lost(fmt.Errorf("%w: its reader was killed after %v", gpu.ErrNotAnswering, c.stuck))
	}
	return frame{}, c.lost(p.ended)
}

// leaves waits for the end of a process that said why it ends.
func (c *child) leaves(ctx context.Context, why error) error {
	if p := c.process; !p.left(c.leave) {
		p.kill()
		select {
		case <-p.gone:
		case <-ctx.Done():
			return why
		}
	}
	return c.lost(why)
}

// lost says that there is no process any more, and when there may be another: soon after
// one that was of use, then later and later.
func (c *child) lost(why error) error {
	c.wait = min(max(2*c.wait, c.firstWait), c.lastWait)
	if errors.Is(why, gpu.ErrNoDriver) {
		c.wait = c.lastWait
	}
	c.process, c.why, c.next = nil, why, time.Now().Add(c.wait)
	return why
}

// Close ends the child: by the end of its input, else by force. One that the driver
// does not let go is left to it, and is an error.
func (c *child) Close() error {
	p := c.process
	if c.closed || p == nil {
		c.closed = true
		return nil
	}
	c.closed = true
	_ = p.in.Close()
	if p.left(c.leave) {
		return nil
	}
	p.kill()
	if p.left(c.leave) {
		return nil
	}
	return fmt.Errorf("stop reading GPUs: the driver does not let go of process %d", p.cmd.Process.Pid)
}

// left says whether a process is gone within a time.
func (p *process) left(within time.Duration) bool {
	select {
	case <-p.gone:
		return true
	case <-time.After(within):
		return false
	}
}
