package remote

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// longestSocket is how long the name of a master's socket may be: while it is made,
// ssh adds 17 bytes, and 104 with the last NUL are the least of all systems.
const longestSocket = 104 - 1 - 17

// sockets gives names for the sockets of masters, in a private folder of the user.
type sockets struct {
	once sync.Once
	dir  string
	err  error
}

// count tells the sockets of this process apart.
var count atomic.Int64

// next is a name that nothing has.
func (s *sockets) next() (string, error) {
	s.once.Do(func() {
		if s.dir, s.err = socketFolder(); s.err == nil {
			removeDead(s.dir)
		}
	})
	if s.err != nil {
		return "", s.err
	}
	path := filepath.Join(s.dir, fmt.Sprintf("ssh.%d.%d", os.Getpid(), count.Add(1)))
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // of a process that had this number
		return "", fmt.Errorf("remove old socket: %w", err)
	}
	return path, nil
}

// socketFolder makes the folder: below XDG_RUNTIME_DIR, else below that of temporary
// files.
func socketFolder() (string, error) {
	own := "ablate-" + strconv.Itoa(os.Getuid())
	dirs := []string{filepath.Join(os.TempDir(), own), filepath.Join("/tmp", own)}
	if d := os.Getenv("XDG_RUNTIME_DIR"); d != "" {
		dirs = append([]string{filepath.Join(d, "ablate")}, dirs...)
	}
	const room = len("/ssh.4194304.1000000")
	var errs []error
	for _, dir := range dirs {
		if len(dir)+room > longestSocket {
			errs = append(errs, fmt.Errorf("%s is too long for the name of a socket", dir))
			continue
		}
		err := makePrivate(dir)
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("make folder for sockets: %w; set XDG_RUNTIME_DIR to a private folder", errors.Join(errs...))
}

// makePrivate makes a folder in which nobody else can put a socket.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(s.Uid) != os.Getuid() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is not a private folder of yours", dir)
	}
	return nil
}

// removeDead removes the sockets of processes that were killed.
func removeDead(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, "ssh.*"))
	for _, name := range names {
		var pid, n int
		if _, err := fmt.Sscanf(filepath.Base(name), "ssh.%d.%d", &pid, &n); err != nil || pid <= 0 {
			continue
		}
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.Remove(name) // somebody else may have done it
		}
	}
}

// escape is a path for ssh, which takes percent signs for marks of its own.
func escape(path string) string { return strings.ReplaceAll(path, "%", "%%") }
