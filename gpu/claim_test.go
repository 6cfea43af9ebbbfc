package gpu_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

var machine = []string{"GPU-0", "GPU-1", "GPU-2"}

func take(t *testing.T, dir string, n int, run string) (*gpu.Claim, error) {
	t.Helper()
	c, err := gpu.Take(dir, machine, n, gpu.Holder{PID: 7, User: "ada", Store: "/s", Run: run})
	if err == nil {
		t.Cleanup(func() { _ = c.Close() }) // some tests have closed it
	}
	return c, err
}

// What is taken is nobody else's until it is given back, and all or nothing is
// taken.
func TestTake(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "claims")
	first, err := take(t, dir, 2, "a")
	if err != nil || !slices.Equal(first.UUIDs, []string{"GPU-0", "GPU-1"}) || len(first.Files) != 2 {
		t.Fatalf("two of three: %+v, %v", first, err)
	}
	_, err = take(t, dir, 2, "b")
	if !errors.Is(err, gpu.ErrBusy) {
		t.Fatalf("two of one that is free: %v, want ErrBusy", err)
	}
	const want = `claim GPUs: too few GPUs are free, 1 of 2 wanted; GPU-0 is held by run "a" of "/s" (user "ada", process 7); GPU-1 is held by run "a" of "/s" (user "ada", process 7)`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("who is told (-want +got):\n%s", diff)
	}
	second, err := takeFreed(t, dir, 1, "b")
	if err != nil || !slices.Equal(second.UUIDs, []string{"GPU-2"}) {
		t.Fatalf("the one that was free, and must be again: %+v, %v", second, err)
	}
	old := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "GPU-1"), old, old); err != nil {
		t.Fatal(err)
	}
	first.Renew()
	if info, err := os.Stat(filepath.Join(dir, "GPU-1")); err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("a renewed claim is from %v, %v", info.ModTime(), err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err := takeFreed(t, dir, 2, "c"); err != nil || !slices.Equal(c.UUIDs, first.UUIDs) {
		t.Errorf("after they were given back: %+v, %v", c, err)
	}
	if _, err := take(t, dir, 4, "d"); err == nil || errors.Is(err, gpu.ErrBusy) || !strings.Contains(err.Error(), "4 are wanted and 3 can be had") {
		t.Errorf("more than there are: %v, want an error that waiting does not mend", err)
	}
}

// takeFreed is take of what was let go: a process that another test starts at that
// moment may still have a copy of it, until it executes its program.
func takeFreed(t *testing.T, dir string, n int, run string) (c *gpu.Claim, err error) {
	t.Helper()
	for range 500 {
		if c, err = take(t, dir, n, run); !errors.Is(err, gpu.ErrBusy) {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	return c, err
}

// A copy of the file in another process, of which a second descriptor is the
// likeness, keeps the GPU.
func TestInheritedClaim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := take(t, dir, 3, "a")
	if err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Dup(int(c.Files[1].Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := take(t, dir, 3, "b"); !errors.Is(err, gpu.ErrBusy) || !strings.Contains(err.Error(), "GPU-1 is held") {
		t.Errorf("while the copy is open: %v, want ErrBusy for GPU-1", err)
	}
	if err := syscall.Close(fd); err != nil {
		t.Fatal(err)
	}
	if _, err := takeFreed(t, dir, 3, "b"); err != nil {
		t.Errorf("after the copy: %v", err)
	}
}

// Many at once: no GPU is ever two runs'.
func TestTakeAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "claims")
	var mu sync.Mutex
	holds, wins := map[string]int{}, 0
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 20 {
				c, err := gpu.Take(dir, machine, 2, gpu.Holder{})
				if errors.Is(err, gpu.ErrBusy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				wins++
				for _, uuid := range c.UUIDs {
					if holds[uuid]++; holds[uuid] > 1 {
						t.Errorf("%s is held %d times", uuid, holds[uuid])
					}
				}
				mu.Unlock()
				runtime.Gosched()
				mu.Lock()
				for _, uuid := range c.UUIDs {
					holds[uuid]--
				}
				mu.Unlock()
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if wins == 0 {
		t.Error("nobody ever had two GPUs")
	}
}

// The folder and the files are everybody's, whatever the umask.
func TestClaimsAreEverybodys(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "claims")
	if _, err := take(t, dir, 1, "a"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: os.ModeDir | os.ModeSticky | 0o777, filepath.Join(dir, "GPU-0"): 0o666} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", path, info.Mode(), want)
		}
	}
}

// What lies in wait in a folder that everybody can write is not followed, and the
// victim's file stays as it is.
func TestTraps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lay  func(claims, victim string) error
	}{
		{"a link to a file", func(claims, victim string) error { return os.Symlink(victim, filepath.Join(claims, "GPU-0")) }},
		{"a second name of a file", func(claims, victim string) error { return os.Link(victim, filepath.Join(claims, "GPU-0")) }},
		{"a pipe", func(claims, _ string) error { return syscall.Mkfifo(filepath.Join(claims, "GPU-0"), 0o666) }},
		{"a folder", func(claims, _ string) error { return os.Mkdir(filepath.Join(claims, "GPU-0"), 0o777) }},
		{"the folder is a link", func(claims, victim string) error {
			return errors.Join(os.Remove(claims), os.Symlink(filepath.Dir(victim), claims))
		}},
		{"the folder is a file", func(claims, _ string) error {
			return errors.Join(os.Remove(claims), os.WriteFile(claims, nil, 0o666))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			claims, victim := filepath.Join(t.TempDir(), "claims"), filepath.Join(t.TempDir(), "GPU-0")
			if err := os.Mkdir(claims, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := tt.lay(claims, victim); err != nil {
				t.Fatal(err)
			}
			if _, err := take(t, claims, 1, "a"); err == nil || errors.Is(err, gpu.ErrBusy) {
				t.Errorf("error %v, want one that says what to do", err)
			}
			if b, err := os.ReadFile(victim); err != nil || string(b) != "mine" {
				t.Errorf("the victim's file is %q, %v", b, err)
			}
		})
	}
	for _, uuid := range []string{"", "../GPU-0", "GPU 0", "a/b", "."} {
		if _, err := gpu.Take(t.TempDir(), []string{uuid}, 1, gpu.Holder{}); err == nil || !strings.Contains(err.Error(), "is no UUID") {
			t.Errorf("UUID %q: %v, want an error", uuid, err)
		}
	}
}

// A file that somebody removed is no claim any more, and what others write into
// theirs is not believed to be text.
func TestForeignClaims(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := take(t, dir, 1, "a"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "GPU-0")
	for text, want := range map[string]string{
		"":                             "somebody who does not say",
		"{\"run\":\"\x1b[2Jx\"}":       "somebody who does not say",
		`{"run":"a\u001b[2J","pid":1}`: `run "a\x1b[2J"`,
		strings.Repeat("[", 1<<20):     "somebody who does not say",
	} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := take(t, dir, 3, "b"); !errors.Is(err, gpu.ErrBusy) || !strings.Contains(err.Error(), want) {
			t.Errorf("a file with %.20q: %.200v, want %q", text, err, want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := takeFreed(t, dir, 1, "b"); err != nil {
		t.Fatal(err)
	}
	if _, err := take(t, dir, 3, "c"); !errors.Is(err, gpu.ErrBusy) || !strings.Contains(err.Error(), `run "b"`) {
		t.Errorf("beside the new file: %v, want ErrBusy", err)
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	devices := []gpu.Device{{Index: 0, UUID: "GPU-ab0"}, {Index: 1, UUID: "GPU-cd1"}, {Index: 2}}
	tests := []struct {
		value string
		want  []string
	}{
		{"0,1", []string{"GPU-ab0", "GPU-cd1"}},
		{"1", []string{"GPU-cd1"}},
		{"1,1,GPU-cd", []string{"GPU-cd1"}},
		{" 1 , 0", []string{"GPU-cd1", "GPU-ab0"}},
		{"GPU-cd1,GPU-ab", []string{"GPU-cd1", "GPU-ab0"}},
		{"", nil},
		{"-1", nil},
		{"NoDevFiles", nil},
		{"0,-1,1", []string{"GPU-ab0"}},
		{"0,7,1", []string{"GPU-ab0"}},
		{"1,GPU-", []string{"GPU-cd1"}}, // it may be two
		{"2", nil},                      // its UUID is not known
	}
	for _, tt := range tests {
		if got := gpu.Visible(devices, tt.value); !slices.Equal(got, tt.want) {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q leaves %q, want %q", tt.value, got, tt.want)
		}
	}
}
