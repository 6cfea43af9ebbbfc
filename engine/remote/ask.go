package remote

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// askTime is how long a person may take to answer.
const askTime = 5 * time.Minute

// Ask lets ssh ask at the terminal for what lets it in: a passphrase, a password, a
// second factor, whether a host is the right one. What it says besides is written to w.
// It is for a command that draws nothing meanwhile, and comes before Show.
func (f *Fleet) Ask(w io.Writer) { f.ssh.person = w }

// needs says that a person at the terminal may do something about an error, and that
// there is one.
func (s *ssh) needs(err error) bool {
	var t *trouble
	return s.person != nil && errors.As(err, &t) && t.ask
}

// ask makes a connection with the help of a person, who is asked one thing at a time.
func (s *ssh) ask(ctx context.Context, login string) (*master, error) {
	select {
	case s.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.asking }()
	return s.dial(ctx, login, true)
}

// asks makes a command one that may ask. It stays in the group of this process, which
// may read from the terminal, and ends by a signal that lets it give the terminal its
// echo back.
func (s *ssh) asks(cmd *exec.Cmd) {
	cmd.SysProcAttr = beside()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = io.MultiWriter(cmd.Stderr, s.person)
}
