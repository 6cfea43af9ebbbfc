package remote

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// login is how long a host may take from the first byte to a shell that could start:
// directories that are asked for users are slow, a frozen host never answers.
const loginTime = 30 * time.Second

// master is a connection to a host, over which sessions go.
type master struct {
	ssh    *ssh
	login  string
	socket string // "": the user's own master
	child  *child // nil: the user's own
	close  func()
}

// connect makes a connection, or takes the user's own where there is one and fresh
// does not forbid it. It waits for its turn.
func (s *ssh) connect(ctx context.Context, login string, fresh bool) (*master, error) {
	select {
	case s.connects <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.connects }()
	if !fresh && s.hasMaster(ctx, login) {
		return &master{ssh: s, login: login, close: func() {}}, nil
	}
	return s.dial(ctx, login, false)
}

// dial starts a master, which may ask a person or fails, and waits until sessions can
// go over it.
func (s *ssh) dial(ctx context.Context, login string, ask bool) (*master, error) {
	socket, err := s.sockets.next()
	if err != nil {
		return nil, &trouble{text: err.Error()}
	}
	options := []string{"-M", "-N", "-S", escape(socket), "-o", "ControlPersist=no"}
	patience := loginTime
	if ask {
		options = append(options, "-o", "BatchMode=no") // the first one counts
		patience = askTime
	}
	ctx, cancel := context.WithCancel(ctx)
	c, err := start(ctx, guarded(s.line(login, options)), func(cmd *exec.Cmd) error {
		if ask {
			s.asks(cmd)
		}
		_, err := cmd.StdinPipe() // stays open as long as this process lives
		return err
	})
	if err != nil {
		cancel()
		return nil, notStarted(err)
	}
	m := &master{ssh: s, login: login, socket: socket, child: c, close: func() {
		cancel()
		<-c.ended
		_ = os.Remove(socket) // it was ended without time to do so itself
	}}
	if err := m.opened(ctx, patience); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// opened waits for the master's socket: it is there once the user is let in.
func (m *master) opened(ctx context.Context, patience time.Duration) error {
	const often = 20 * time.Millisecond
	tick := time.NewTicker(often)
	defer tick.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.child.ended:
			return explain(m.login, m.child.words.String())
		case <-late.C:
			return &trouble{text: "it let nobody in for " + patience.String()}
		case <-tick.C:
			if _, err := os.Lstat(m.socket); err == nil {
				return nil
			}
		}
	}
}

// lost is why the connection ended, if it did; it waits a moment for that, since
// sessions end a little earlier.
func (m *master) lost() error {
	if m.child == nil {
		return nil
	}
	select {
	case <-m.child.ended:
		return explain(m.login, m.child.words.String())
	case <-time.After(time.Second / 2):
		return nil
	}
}

// session starts a command over the connection. Its text is for a POSIX shell and has
// neither newlines, quotes, backslashes nor exclamation marks in it: the user's own
// shell, which may be any, hands it over.
func (m *master) session(ctx context.Context, script string, set func(*exec.Cmd) error) (*child, error) {
	options := []string{"-o", "ControlMaster=no"}
	if m.socket != "" {
		options = append(options, "-S", escape(m.socket), "-o", "ProxyCommand=false")
	}
	c, err := start(ctx, m.ssh.line(m.login, options, "sh -c '"+script+"'"), set)
	if err != nil {
		return nil, notStarted(err)
	}
	return c, nil
}
