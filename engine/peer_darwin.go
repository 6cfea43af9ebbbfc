package engine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// credentials are those of the process that connected to a socket.
func credentials(fd int) (peer, error) {
	c, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return peer{}, fmt.Errorf("read peer credentials: %w", err)
	}
	p := peer{uid: int(c.Uid)}
	for _, g := range c.Groups[:min(int(c.Ngroups), len(c.Groups))] {
		p.groups = append(p.groups, int(g))
	}
	return p, nil
}
