package remote

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"ablate/experiments"
)

// mostConnects is how many connections are made at a time: each costs both ends a key
// exchange, and a bastion refuses a crowd.
const mostConnects = 4

// ssh is how hosts are reached: what all links share.
type ssh struct {
	argv     []string      // the program, with options before all others
	connects chan struct{} // has one in it for each connection that is being made
	person   io.Writer     // where a person sees what ssh asks; nil: there is none
	asking   chan struct{} // has one in it while the person is asked
	programs programs
	sockets  sockets

	once    sync.Once
	options []string // of every call
}

func newSSH(argv ...string) *ssh {
	return &ssh{argv: argv, connects: make(chan struct{}, mostConnects), asking: make(chan struct{}, 1)}
}

// loginOf is where ssh is to go: what the file says, or the host's own name, which
// the user's ssh_config may know.
func loginOf(h experiments.Host) string {
	if h.Login != "" {
		return h.Login
	}
	return h.Name
}

// always are options of every call. What a person would be asked fails instead, and
// what the user's ssh_config may add for sessions of a person is left out.
var always = []string{
	"-T", "-x", "-a",
	"-o", "BatchMode=yes",
	"-o", "ConnectTimeout=5",
	"-o", "ServerAliveInterval=3",
	"-o", "ServerAliveCountMax=3",
	"-o", "ClearAllForwardings=yes",
	"-o", "PermitLocalCommand=no",
	"-o", "LogLevel=INFO", // errors have to be heard
}

// since are options that undo what the user's ssh_config may say of sessions, and the
// versions of ssh that know them: it refuses to start where it does not.
var since = []struct {
	major, minor int
	options      []string
}{
	{7, 6, []string{"-o", "RemoteCommand=none"}},
	{8, 7, []string{"-o", "SessionType=default", "-o", "StdinNull=no", "-o", "ForkAfterAuthentication=no"}},
}

// all are the options of every call that this ssh knows.
func (s *ssh) all() []string {
	s.once.Do(func() {
		s.options = always
		argv := slices.Concat(s.argv, []string{"-V"})
		said, err := exec.Command(argv[0], argv[1:]...).CombinedOutput() //nolint:noctx // it asks nobody
		var major, minor int
		_, text, found := strings.Cut(string(said), "OpenSSH_")
		if err == nil && found {
			_, _ = fmt.Sscanf(text, "%d.%d", &major, &minor)
		}
		for _, o := range since {
			if major > o.major || major == o.major && minor >= o.minor {
				s.options = slices.Concat(s.options, o.options)
			}
		}
	})
	return s.options
}

// line is a command line of ssh to a host.
func (s *ssh) line(login string, options []string, command ...string) []string {
	return slices.Concat(s.argv, options, s.all(), []string{"--", login}, command)
}

// hasMaster reports whether the user has a master connection to a host, which is
// then used: to open it may have taken a second factor.
func (s *ssh) hasMaster(ctx context.Context, login string) bool {
	const patience = 5 * time.Second // it is a question to a process of this machine
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := start(ctx, s.line(login, []string{"-O", "check"}), func(*exec.Cmd) error { return nil })
	if err != nil {
		return false
	}
	<-c.ended
	return c.status() == 0
}
