package driver

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// longCall is how long a child may be in a call before no other one of its user is
// started: each program, and each try of a run that waits, would leave one more behind in
// a driver that hangs.
const longCall = 10 * time.Second

// mark is the file by which other programs of this user see a child's calls: locked
// while the child lives, or what it started, and empty between calls, so that the time
// of its last change is when the call began. nil: there is none.
type mark struct{ *os.File }

// marksOf is where the marks are of children that read the same: what their paths begin
// with. It is in memory where that is a file system, since a child
// writes there each second, and the same for all programs of a user.
func marksOf(what ...string) string {
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = "/tmp"
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(what, "\n")))
	return filepath.Join(base, "ablate-readers-"+strconv.Itoa(os.Geteuid()), fmt.Sprintf("%08x", h.Sum32()))
}

// private makes a folder that nobody else can write to, or says that it is none.
func private(dir string) bool {
	_ = os.Mkdir(dir, 0o700)
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// newMark is the mark of this process; nil where none can be had: it goes without.
func newMark(marks string) *mark {
	if !filepath.IsAbs(marks) || !private(filepath.Dir(marks)) {
		return nil
	}
	for range 10 {
		f, err := os.CreateTemp(filepath.Dir(marks), fmt.Sprintf("%s-%d-*", filepath.Base(marks), os.Getpid()))
		if err != nil {
			return nil
		}
		var stat unix.Stat_t
		if unix.Flock(int(f.Fd()), unix.LOCK_EX) == nil && unix.Fstat(int(f.Fd()), &stat) == nil && stat.Nlink > 0 {
			return &mark{f}
		}
		_ = f.Close() // somebody took it for a leftover
	}
	return nil
}

func (m *mark) begin() {
	if m != nil {
		_, _ = m.WriteAt([]byte{'\n'}, 0) // without it others do not know: no reason to stop
	}
}

func (m *mark) end() {
	if m != nil {
		_ = m.Truncate(0)
	}
}

// remove is for a child that ends between calls.
func (m *mark) remove() {
	if m != nil {
		_ = os.Remove(m.Name())
		_ = m.Close()
	}
}

// kept are the files that a process of the child's keeps open, so that it counts.
func (m *mark) kept() []*os.File {
	if m == nil {
		return nil
	}
	return []*os.File{m.File}
}

// stuck is the process that has been in a call for too long; 0: none. What dead
// processes left is removed.
func stuck(marks string) (pid int) {
	if !filepath.IsAbs(marks) || !private(filepath.Dir(marks)) {
		return 0
	}
	entries, _ := os.ReadDir(filepath.Dir(marks))
	for _, e := range entries {
		owner, ours := strings.CutPrefix(e.Name(), filepath.Base(marks)+"-")
		if since, busy := callOf(filepath.Join(filepath.Dir(marks), e.Name())); ours && busy && time.Since(since) > longCall {
			owner, _, _ = strings.Cut(owner, "-")
			pid, _ = strconv.Atoi(owner)
		}
	}
	return pid
}

// callOf is when the call began in which the process is that a mark is of.
func callOf(path string) (since time.Time, busy bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return since, false
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB) == nil {
		_ = os.Remove(path)
		return since, false
	}
	info, err := f.Stat()
	if err != nil {
		return since, false
	}
	return info.ModTime(), info.Size() > 0
}
