package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

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

// name is user@host, the user by number where the number has no name here.
func (p peer) name() string {
	name := strconv.Itoa(p.uid)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
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

// sharedSocket is where the engine of a store listens that a group shares: in the
// store, or if that name is too long for a socket in a folder for the group alone.
func sharedSocket(s *store.Store, group int) (string, error) {
	if err := store.MkdirAll(s.EngineDir()); err != nil {
		return "", fmt.Errorf("make socket folder: %w", err)
	}
	if path := filepath.Join(s.EngineDir(), "engine.sock"); len(path) <= longestSocket {
		return path, nil
	}
	return groupSocket(s, group)
}

// groupSocket is the name of a socket in a folder for the group alone, which is
// made.
func groupSocket(s *store.Store, group int) (string, error) {
	dir := filepath.Join("/tmp", fmt.Sprintf("ablate-g%d-%s", group, hashOf(fmt.Sprintf("%s %d", s.Dir, os.Getuid()))))
	const mode = 0o750 | fs.ModeSetgid
	if err := os.Mkdir(dir, 0o700); err == nil {
		err = errors.Join(os.Chown(dir, -1, group), os.Chmod(dir, mode))
		if err != nil {
			return "", fmt.Errorf("make socket folder: %w", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make socket folder: %w", err)
	}
	owner, err := ownerOf(dir)
	if err != nil {
		return "", err
	}
	if owner.uid != os.Getuid() || owner.gid != group || owner.mode != fs.ModeDir|mode {
		return "", fmt.Errorf("check socket folder: %s is not one of yours for group %s; remove it", dir, groupName(group))
	}
	return filepath.Join(dir, "engine.sock"), nil
}

// openToGroup lets the group of a shared store connect to its socket.
func openToGroup(path string, group int) error {
	if group == 0 {
		return nil
	}
	if err := errors.Join(os.Chown(path, -1, group), os.Chmod(path, 0o660)); err != nil {
		return fmt.Errorf("open socket to group %s: %w", groupName(group), err)
	}
	return nil
}

// owned is who owns a file, and who else may do what.
type owned struct {
	uid, gid int
	mode     fs.FileMode
}

func ownerOf(path string) (owned, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return owned{}, fmt.Errorf("check socket folder: %w", err)
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owned{}, fmt.Errorf("check socket folder: nobody knows whose %s is", path)
	}
	return owned{int(s.Uid), int(s.Gid), info.Mode()}, nil
}

// closed reports whether nobody but an owner, and the group, can put anything into
// the folder.
func (o owned) closed(group int) bool {
	perm := o.mode.Perm()
	return o.mode.IsDir() && perm&0o002 == 0 && (perm&0o020 == 0 || o.gid == group)
}

// checkShared makes sure that the socket which the engine.json at path names is
// that of the user who wrote it, and that nobody outside the group that shares the
// store can have written either.
func checkShared(path, socket string, group int) error {
	writer, err := ownerOf(path)
	if err != nil {
		return err
	}
	own, err := ownerOf(socket)
	if err != nil {
		return err
	}
	home, err := ownerOf(filepath.Dir(path))
	if err != nil {
		return err
	}
	dir, err := ownerOf(filepath.Dir(socket))
	if err != nil {
		return err
	}
	inStore := filepath.Dir(socket) == filepath.Dir(path)
	switch {
	case own.mode.Type() != fs.ModeSocket || own.uid != writer.uid:
		return fmt.Errorf("check socket: %s is not of the user who wrote %s", socket, path)
	case !home.closed(group):
		return fmt.Errorf("check socket folder: others than group %s can write in %s", groupName(group), filepath.Dir(path))
	case !inStore && (dir.uid != writer.uid || dir.gid != group || dir.mode.Perm()&0o027 != 0):
		return fmt.Errorf("check socket folder: %s is not one for group %s alone", filepath.Dir(socket), groupName(group))
	}
	return nil
}
