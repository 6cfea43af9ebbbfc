package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"ablate/engine/agent"
)

const (
	// startTime is how long a host's shell may take until a command of ours speaks.
	startTime = 30 * time.Second
	// mostNoise is how much a shell may print before, in bytes; each line counts for
	// lineNoise more, since short ones take longer to read.
	mostNoise = 1 << 20
	lineNoise = 32
)

// session is a command on a host.
type session struct {
	*child
	master *master
	in     io.WriteCloser
	lines  *agent.Lines // what it prints
	out    *os.File
	noise  tail            // what it printed that is not ours
	ctx    context.Context //nolint:containedctx // its cause is why the session was ended
	cancel context.CancelCauseFunc
}

// open starts a script on the host.
func (m *master) open(ctx context.Context, script string) (*session, error) {
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe: %w", err)
	}
	s := &session{master: m, out: out, lines: agent.NewLines(out)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.child, err = m.session(s.ctx, script, func(cmd *exec.Cmd) (err error) {
		cmd.Stdout = theirs
		s.in, err = cmd.StdinPipe()
		return err
	})
	_ = theirs.Close() // it has its own
	if err != nil {
		s.cancel(err)
		_ = out.Close()
		return nil, err
	}
	go func() {
		<-s.ended
		_ = out.SetReadDeadline(time.Now().Add(time.Second)) // whoever else holds the pipe
	}()
	return s, nil
}

// close ends it and waits until it is gone.
func (s *session) close() {
	s.cancel(context.Canceled)
	<-s.ended
	_ = s.out.Close()
}

// failed is why a session ended that was to go on. It waits for its end.
func (s *session) failed() error {
	const patience = 5 * time.Second
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.cancel(&trouble{text: "it closed its output and did not end"})
		<-s.ended
	}
	var why *trouble
	if errors.As(context.Cause(s.ctx), &why) {
		return why
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	status, said := s.status(), s.words.String()
	if status == 255 || status < 0 {
		if err := s.master.lost(); err != nil {
			return err
		}
		if lastLine(said) == "" { // so ssh ends when a signal ended what it started
			return &ended{status, "killed there, perhaps for want of memory"}
		}
		return explain(s.master.login, said)
	}
	last := lastLine(said)
	if last == "" {
		last = lastLine(s.noise.String())
	}
	return &ended{status, last}
}

// ended is a command that ended on the host, with what it said last.
type ended struct {
	status int
	said   string
}

func (e *ended) Error() string {
	if e.said == "" {
		return fmt.Sprintf("status %d, without a word", e.status)
	}
	return fmt.Sprintf("status %d: %s", e.status, e.said)
}

// greeted is what a host answers to the script that starts the agent.
type greeted struct {
	system  string // uname's words; "": none came
	running bool   // the agent was started; else its program is not there
}

// greet reads until the agent runs or the script says that there is none.
func (s *session) greet() (g greeted, err error) {
	late := time.AfterFunc(startTime, func() {
		s.cancel(&trouble{text: fmt.Sprintf("its shell started nothing within %v: does something in its start-up files wait?", startTime)})
	})
	defer late.Stop()
	for read := 0; read < mostNoise; {
		line, err := s.lines.Next()
		if err != nil {
			return g, s.unstarted(g)
		}
		read += len(line) + lineNoise
		text := string(line)
		is, err := agent.Greeting(text)
		switch {
		case err != nil:
			return g, &trouble{slow: true, text: fmt.Sprintf("another version runs there: %v; build both from the same source, or remove ~/.cache/ablate/agents there", err)}
		case is:
			g.running = true
			return g, nil
		case text == saysAbsent:
			return g, nil
		case strings.HasPrefix(text, saysHost):
			g.system = lastLine(strings.TrimPrefix(text, saysHost)) // it may be shown
		default:
			_, _ = s.noise.Write(append(line, '\n'))
		}
	}
	return g, &trouble{slow: true, text: "its shell prints without end: look at its start-up files (~/.bashrc)"}
}

// unstarted is why no agent came of a script that ended.
func (s *session) unstarted(g greeted) error {
	err := s.failed()
	var e *ended
	switch {
	case !errors.As(err, &e):
		return err
	case g.system == "":
		return &trouble{slow: true, text: "it gives no shell: " + e.Error()}
	case e.status == 126 || e.status == 127:
		return &trouble{slow: true, text: fmt.Sprintf("its copy of the program cannot be executed (%v): is its home mounted noexec? "+
			"Then set XDG_CACHE_HOME there. Without glibc, it needs a build with -tags nonvml", e)}
	}
	return &trouble{text: "the agent did not start: " + e.Error()}
}
