package remote

import (
	"context"
	"fmt"
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
	programs programs
	sockets  sockets

	once    sync.Once
	options []string // of every call
}

func newSSH(argv ...string) *ssh {
	return &ssh{argv: argv, connects: make(chan struct{}, mostConnects)}
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

// remoteCommand keeps a command of the user's ssh_config from taking the place of
// ours; ssh knows it since version 7.6 and refuses to start before.
var remoteCommand = []string{"-o", "RemoteCommand=none"}

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
		if major > 7 || major == 7 && minor >= 6 {
			s.options = slices.Concat(always, remoteCommand)
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
