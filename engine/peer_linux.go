package engine

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// credentials are those of the process that connected to a socket, as they were
// then. Its further groups are asked for apart; an old kernel does not tell.
func credentials(fd int) (peer, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return peer{}, fmt.Errorf("read peer credentials: %w", err)
	}
	p := peer{uid: int(c.Uid), groups: []int{int(c.Gid)}}
	groups := make([]uint32, 1<<16) // NGROUPS_MAX
	size := uint32(len(groups) * 4)
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERGROUPS,
		uintptr(unsafe.Pointer(&groups[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return p, nil
	}
	for _, g := range groups[:size/4] {
		p.groups = append(p.groups, int(g))
	}
	return p, nil
}
