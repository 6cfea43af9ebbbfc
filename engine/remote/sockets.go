package remote

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
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

// next is a name that nothing has, nor will have: containers may share the folder and
// not the numbers of processes.
func (s *sockets) next() (string, error) {
	s.once.Do(func() {
		if s.dir, s.err = socketFolder(); s.err == nil {
			removeDead(s.dir)
		}
	})
	if s.err != nil {
		return "", s.err
	}
	return filepath.Join(s.dir, "ssh."+rand.Text()[:randomName]), nil
}

// randomName is how many letters tell the sockets apart, of 32.
const randomName = 12

// socketFolder makes the folder: below XDG_RUNTIME_DIR, else below that of temporary
// files.
func socketFolder() (string, error) {
	own := "ablate-" + strconv.Itoa(os.Getuid())
	dirs := []string{filepath.Join(os.TempDir(), own), filepath.Join("/tmp", own)}
	if d := os.Getenv("XDG_RUNTIME_DIR"); d != "" {
		dirs = append([]string{filepath.Join(d, "ablate")}, dirs...)
	}
	const room = len("/ssh.") + randomName
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

// removeDead removes the sockets that nobody listens at: those of masters that were
// killed. One that is being made may have nobody yet.
func removeDead(dir string) {
	const young = time.Minute
	names, _ := filepath.Glob(filepath.Join(dir, "ssh.*"))
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil || info.Mode().Type() != os.ModeSocket || time.Since(info.ModTime()) < young {
			continue
		}
		c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name})
		if err == nil {
			_ = c.Close()
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(name) // somebody else may have done it
		}
	}
}

// escape is a path for ssh, which takes percent signs for marks of its own.
func escape(path string) string { return strings.ReplaceAll(path, "%", "%%") }
