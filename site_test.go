//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"ablate/experiments/store"
)

// site is a folder on a disk, with an experiment file and a store, and who works
// there.
type site struct {
	home
	room  string // where caches and sockets are: on a disk that has some
	user  uint32
	locks string // ABLATE_LOCKS
}

func newSite(t *testing.T, experiments string, user uint32) *site {
	t.Helper()
	root, err := os.MkdirTemp("", "ablate-disk-*")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{home: home{TB: t, dir: filepath.Join(root, "lab")}, room: filepath.Join(root, "env"), user: user}
	if s.store, err = store.Open(filepath.Join(s.dir, "runs")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stopEngines(root)
		_ = unix.Unmount(s.dir, unix.MNT_DETACH) // most often there is one
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	for _, dir := range []string{s.dir, s.room, s.room + "/cache", s.room + "/run"} {
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, int(user), int(user)), os.Chmod(root, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	s.write("experiments.toml", "schema = 1\nproject = \"test\"\n"+experiments)
	return s
}

// mount puts a disk in the place of the folder; what is in that moves there.
func (s *site) mount(device, kind, options string, flags uintptr) {
	s.Helper()
	text := s.read("experiments.toml")
	if err := unix.Mount(device, s.dir, kind, flags, options); err != nil {
		s.Fatal(err)
	}
	if err := errors.Join(os.Chown(s.dir, int(s.user), int(s.user)), os.Chmod(s.dir, 0o755)); err != nil {
		s.Fatal(err)
	}
	s.write("experiments.toml", text)
}

func (s *site) remount(options string, flags uintptr) {
	s.Helper()
	if err := unix.Mount("none", s.dir, "", unix.MS_REMOUNT|flags, options); err != nil {
		s.Fatal(err)
	}
}

func (s *site) write(name, text string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o644), os.Chown(path, int(s.user), int(s.user))); err != nil {
		s.Fatal(err)
	}
}

func (s *site) read(pattern string) string {
	s.Helper()
	b, err := os.ReadFile(s.glob(pattern))
	if err != nil {
		s.Fatal(err)
	}
	return string(b)
}

// ablate runs the program and returns its exit code and what it printed.
func (s *site) ablate(args ...string) (code int, out string) {
	s.Helper()
	cmd := &exec.Cmd{Path: "/proc/self/exe", Args: append([]string{"ablate"}, args...), Dir: s.dir}
	cmd.Env = append(os.Environ(), "HOME="+s.room, "XDG_CACHE_HOME="+s.room+"/cache", "XDG_RUNTIME_DIR="+s.room+"/run", "TMPDIR="+s.room, "ABLATE_LOCKS="+s.locks)
	if s.user != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: s.user, Gid: s.user}}
	}
	b, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		s.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

// does runs the program and wants that exit code and those words.
func (s *site) does(code int, words string, args ...string) {
	s.Helper()
	if got, out := s.ablate(args...); got != code || !strings.Contains(out, words) {
		s.Errorf("ablate %q: exit code %d, want %d and %q:\n%s", args, got, code, words, out)
	}
}

// record looks at the only run whose id has that part.
func (s *site) record(part string) store.Record {
	s.Helper()
	name, _, _ := strings.Cut(part, "/")
	records := s.records(name)
	for _, r := range records {
		if strings.Contains(r.ID, part) {
			return r
		}
	}
	s.Fatalf("there is no run %s among %d", part, len(records))
	return store.Record{}
}

// sees waits until a run has a status and a reason with those words.
func (s *site) sees(part string, status store.Status, words string) (r store.Record) {
	s.Helper()
	s.eventually(fmt.Sprintf("%s is %s (%s)", part, status, words), func() bool {
		r = s.record(part)
		return r.Status == status && strings.Contains(r.Reason, words)
	})
	return r
}

// fill takes all the room that the disk has left.
func (s *site) fill() {
	s.Helper()
	f, err := os.Create(filepath.Join(s.dir, "ballast"))
	if err != nil {
		s.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if err := f.Close(); err != nil {
		s.Error(err)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		s.Fatalf("the disk did not fill: %v", err)
	}
}

func (s *site) empty() {
	s.Helper()
	if err := os.Remove(filepath.Join(s.dir, "ballast")); err != nil {
		s.Fatal(err)
	}
}

func (s *site) glob(pattern string) string {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, pattern))
	if err != nil || len(files) != 1 {
		s.Fatalf("%s is %q, %v", pattern, files, err)
	}
	return files[0]
}
