package engine

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"slices"
	"strconv"

	"ablate/experiments/store"
)

// peer is who asks, as the kernel says: whatever a client says of itself, this is
// what the journal has.
type peer struct {
	uid    int
	groups []int
}

// peerOf is who is at the other end of a connection; false where nobody knows.
func peerOf(conn net.Conn) (peer, bool) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return peer{}, false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return peer{}, false
	}
	var p peer
	var unknown error
	err = raw.Control(func(fd uintptr) { p, unknown = credentials(int(fd)) })
	return p, err == nil && unknown == nil
}

// userName is the user with this number, the number itself where it has no name
// here.
func userName(uid int) string {
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		return u.Username
	}
	return name
}

// name is user@host.
func (p peer) name() string {
	name := userName(p.uid)
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// in reports whether the peer belongs to a group: by its credentials, or by the
// list of users where these do not tell.
func (p peer) in(group int) bool {
	if slices.Contains(p.groups, group) {
		return true
	}
	u, err := user.LookupId(strconv.Itoa(p.uid))
	if err != nil {
		return false
	}
	ids, err := u.GroupIds()
	return err == nil && slices.Contains(ids, strconv.Itoa(group))
}

// admits says why a peer may not ask the engine: it is neither the user whose
// engine this is, nor root, nor of the group that shares the store.
func admits(s *store.Store, p peer) error {
	if p.uid == os.Getuid() || p.uid == 0 {
		return nil
	}
	group := s.Group()
	if group == 0 {
		return fmt.Errorf("answer request: %s is not the owner of %s, which no group shares", p.name(), s.Dir)
	}
	if !p.in(group) {
		return fmt.Errorf("answer request: %s is neither the owner of %s nor in its group %s", p.name(), s.Dir, groupName(group))
	}
	return nil
}

// sign writes into a request who asks, or says why that one may not. Where nobody
// knows, the socket's folder has kept others out and the client's word stands.
func (d *door) sign(conn net.Conn, r *Request) error {
	p, known := peerOf(conn)
	if !known {
		return nil
	}
	r.By = p.name()
	return admits(d.engine.Store, p)
}

func groupName(id int) string {
	if g, err := user.LookupGroupId(strconv.Itoa(id)); err == nil {
		return g.Name
	}
	return strconv.Itoa(id)
}
