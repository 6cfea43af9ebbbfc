package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"ablate/experiments/store"
)

// removeSocket takes the socket's name away, but never that of the next engine.
func removeSocket(l net.Listener, lock *os.File) {
	if inPlace(lock) {
		_ = os.Remove(l.Addr().String()) // the next engine removes what is left
	}
}

// listen opens the store's socket; the lock is held, so what is left of an older
// one may go. A shared store on a network disk may hold no socket: the group then
// has a folder for it elsewhere.
func listen(s *store.Store) (net.Listener, error) {
	group := s.Group()
	path, err := socketPath(s)
	if err != nil {
		return nil, err
	}
	l, err := listenAt(path, group)
	if err == nil || group == 0 {
		return l, err
	}
	path, failed := groupSocket(s, group)
	if failed == nil {
		l, failed = listenAt(path, group)
	}
	if failed != nil {
		return nil, errors.Join(err, failed)
	}
	return l, nil
}

func listenAt(path string, group int) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	l, err := net.Listen("unix", path) //nolint:noctx // nothing is looked up
	if err != nil {
		return nil, fmt.Errorf("listen on socket: %w", err)
	}
	if err := openToGroup(path, group); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // by then the name may be another engine's
	}
	return l, nil
}

// longestSocket is how long the name of a socket may be on every system.
const longestSocket = 100

// hashOf is a short name for a text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// socketPath is where the engine of the store listens. Paths of stores on clusters
// are longer than the name of a socket may be, so it is a hash of it in a private
// folder, which is made; a group that shares the store has one of its own.
func socketPath(s *store.Store) (string, error) {
	if group := s.Group(); group != 0 {
		return sharedSocket(s, group)
	}
	name := hashOf(s.Dir) + ".sock"
	own := "ablate-" + strconv.Itoa(os.Getuid())
	base := filepath.Join(os.TempDir(), own)
	if d := os.Getenv("XDG_RUNTIME_DIR"); d != "" && !thisHost().vanishes(d) {
		if info, err := os.Stat(d); err == nil && info.IsDir() {
			base = filepath.Join(d, "ablate")
		}
	}
	if len(base)+1+len(name) > longestSocket {
		base = filepath.Join("/tmp", own)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("make socket folder: %w", err)
	}
	if err := checkPrivate(base); err != nil {
		return "", fmt.Errorf("%w; set XDG_RUNTIME_DIR to one", err)
	}
	return filepath.Join(base, name), nil
}

// checkPrivate makes sure that nobody else can put a socket into the folder.
func checkPrivate(dir string) error {
	owner, err := ownerOf(dir)
	if err != nil {
		return err
	}
	if !owner.mode.IsDir() || owner.uid != os.Getuid() || owner.mode.Perm()&0o077 != 0 {
		return fmt.Errorf("check socket folder: %s is not a private folder of yours", dir)
	}
	return nil
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
