package judge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	startTime = 20 * time.Second // for a child to say hello, also on a machine that is very busy
	maxStderr = 8 << 10          // bytes of a child's last words that are kept
	maxDeaths = 2                // of children at one program, without a reason, that are held against it
)

// child is one place for a child process. The process starts with the first
// program and is started again after each death; only one goroutine at a time
// holds a child.
type child struct {
	argv   []string
	limits Limits
	proc   *process // nil: none is running
}

// process is a running child and its pipes.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *os.File
	reader *bufio.Reader
	stderr *lastWords
	body   []byte
}

// run sends queries and fills answers, in order. It goes through as many
// processes as it takes; the error is that none can be started, or ctx's.
//
// Answers leave a child together, so when it dies several programs are under
// suspicion. They go to the next child with the wish to be answered one by one,
// and the first that is not answered then did it.
func (c *child) run(ctx context.Context, qs []query, answers []answer) error {
	prompt := false
	deaths := 0 // without a reason, at the first of qs
	for len(qs) > 0 {
		if err := c.start(ctx); err != nil {
			return err
		}
		n, err := c.proc.exchange(ctx, c.limits.wall(), encodeQueries(qs, prompt), answers)
		if n > 0 {
			if answers[n-1].last {
				c.stop()
			}
			qs, answers, deaths = qs[n:], answers[n:], 0
		}
		if err == nil {
			continue
		}
		death := c.stop()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !prompt && len(qs) > 1 {
			prompt = true
			continue
		}
		v, reason, certain := blame(err, death)
		if deaths++; certain || deaths == maxDeaths {
			answers[0] = deathAnswer(qs[0], v, reason)
			qs, answers, deaths, prompt = qs[1:], answers[1:], 0, false
		}
	}
	return nil
}

// wall is how long a program may take by the clock.
func (l Limits) wall() time.Duration { return WallFactor * l.Time }

// start starts a process unless one is running, and waits for its hello. It
// tries twice: a process may be killed from outside at any moment.
func (c *child) start(ctx context.Context) (err error) {
	for range 2 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c.proc != nil {
			return nil
		}
		if c.proc, err = spawn(c.argv); err != nil {
			return fmt.Errorf("start %q: %w", c.argv, err)
		}
		if err = c.proc.handshake(ctx, c.limits); err != nil {
			err = fmt.Errorf("start %q: %w (%s)", c.argv, err, c.stop())
		}
	}
	return err
}

// stop kills the process, if any, waits for it, and returns what it said last
// or how it ended.
func (c *child) stop() string {
	p := c.proc
	c.proc = nil
	if p == nil {
		return ""
	}
	_ = p.in.Close()
	_ = p.cmd.Process.Kill()
	err := p.cmd.Wait() // also closes out and waits for stderr's reader
	if words := p.stderr.String(); words != "" {
		return words
	}
	if err != nil {
		return err.Error()
	}
	return "it ended by itself"
}

// spawn starts a process.
func spawn(argv []string) (*process, error) {
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it serves many contexts in its life
	cmd.SysProcAttr = childAttributes()
	// Should it crash, one line says why; a trace of its stacks helps nobody.
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	p := &process{cmd: cmd, stderr: &lastWords{}}
	cmd.Stderr = p.stderr
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = out.(*os.File) // for its deadlines
	p.reader = bufio.NewReaderSize(p.out, 64<<10)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

// handshake sends the limits and waits for the child's hello.
func (p *process) handshake(ctx context.Context, l Limits) error {
	if _, err := p.in.Write(appendFrame(nil, appendLimits(nil, l))); err != nil {
		return fmt.Errorf("send limits: %w", err)
	}
	stop := p.abortWith(ctx)
	defer stop()
	if err := p.read(ctx, startTime); err != nil {
		return fmt.Errorf("wait for hello: %w", err)
	}
	if len(p.body) != 1 || p.body[0] != frameHello {
		return fmt.Errorf("read hello: it says %.40q", p.body)
	}
	return nil
}

// exchange sends the frames of queries and reads answers until each has one, the
// child says that it ends, or something fails. It returns the number of answers.
func (p *process) exchange(ctx context.Context, wall time.Duration, frames []byte, answers []answer) (int, error) {
	defer p.abortWith(ctx)()
	sent := make(chan struct{})
	go func() { // the child may fill one pipe while it has not emptied the other
		_, _ = p.in.Write(frames) // a failure shows as a missing answer
		close(sent)
	}()
	for i := range answers {
		err := p.read(ctx, wall)
		if err != nil {
			return i, err
		}
		if answers[i], err = parseAnswer(p.body); err != nil {
			return i, err
		}
		if answers[i].last {
			return i + 1, nil
		}
	}
	<-sent
	return len(answers), nil
}

func encodeQueries(qs []query, prompt bool) []byte {
	var frames, body []byte
	for _, q := range qs {
		q.prompt = prompt
		body = appendQuery(body[:0], q)
		frames = appendFrame(frames, body)
	}
	return frames
}

// abortWith makes reads fail when ctx ends, until the returned function is called.
func (p *process) abortWith(ctx context.Context) func() bool {
	return context.AfterFunc(ctx, func() { _ = p.out.SetReadDeadline(time.Unix(1, 0)) })
}

// read reads a frame into body; it takes no longer than wall.
func (p *process) read(ctx context.Context, wall time.Duration) (err error) {
	if err := p.out.SetReadDeadline(time.Now().Add(wall)); err != nil {
		return err
	}
	// If ctx ended before this deadline was set, it overwrote abortWith's.
	if err := ctx.Err(); err != nil {
		return err
	}
	p.body, err = readFrame(p.reader, p.body)
	return err
}

// blame turns the end of a child into the verdict of the program that it was
// running. It is certain if the child's last words say what the program did.
func blame(err error, death string) (v Verdict, reason string, certain bool) {
	for _, sign := range []string{"out of memory", "cannot allocate memory", "failed to allocate", "address space collisions", "failed to create new OS thread"} {
		if strings.Contains(death, sign) {
			return MLE, "out of memory", true
		}
	}
	if strings.Contains(death, "stack overflow") || strings.Contains(death, "stack exceeds") {
		return RE, "stack overflow", true
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return TLE, "no answer in time", false
	}
	return RE, oneLine("the judge died: " + death), false
}

// deathAnswer is the answer to a query whose child died.
func deathAnswer(q query, v Verdict, reason string) answer {
	if q.outputs {
		return answer{values: repeatOutput(Output{Verdict: v, Err: reason}, len(q.program.Cases))}
	}
	return answer{result: Result{Verdict: v, Case: -1, Error: reason}}
}

// lastWords keeps the beginning of what a child writes to stderr: the line that
// says why it dies comes first.
type lastWords struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p[:min(len(p), maxStderr-w.text.Len())])
	return len(p), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
