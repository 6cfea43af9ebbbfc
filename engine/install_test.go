package engine_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
)

// Each sets the cache folder, which is the process's: these are not parallel.
func TestInstall(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache) // macOS
	old := filepath.Join(cache, "ablate", "0123456789ab", "ablate")
	young := filepath.Join(cache, "ablate", "ba9876543210", "ablate")
	for path, age := range map[string]int{old: 31, young: 29} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		at := time.Now().AddDate(0, 0, -age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	programs := make([]engine.Program, 4)
	var installs sync.WaitGroup
	for i := range programs {
		installs.Go(func() {
			var err error
			if programs[i], err = engine.Install(filepath.Join(cache, "fallback")); err != nil {
				t.Error(err)
			}
		})
	}
	installs.Wait()
	p := programs[0]
	for _, q := range programs {
		if q != p {
			t.Errorf("installs at one time gave %+v and %+v", p, q)
		}
	}
	if !strings.HasPrefix(p.Path, cache) || strings.Contains(p.Path, "fallback") || filepath.Base(filepath.Dir(p.Path)) != p.Build {
		t.Errorf("installed as %+v, want a folder of the build in the cache", p)
	}
	sameFile(t, p.Path)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a build nobody used for 31 days is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a build used 29 days ago is gone: %v", err)
	}
	if rest, _ := filepath.Glob(filepath.Join(filepath.Dir(p.Path), ".ablate-*")); len(rest) > 0 {
		t.Errorf("left beside the copy: %v", rest)
	}
	if q, err := engine.Installed(""); err != nil || q != p { // this program is no copy
		t.Errorf("installed as %+v, %v; want %+v", q, err, p)
	}
	made, err := os.Stat(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Install(""); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(p.Path); err != nil || !os.SameFile(made, again) {
		t.Errorf("a second install made another copy: %v", err)
	}
	if err := os.Truncate(p.Path, 100); err != nil { // a torn copy is not taken for whole
		t.Fatal(err)
	}
	if _, err := engine.Install(""); err != nil {
		t.Fatal(err)
	}
	sameFile(t, p.Path)
}

func TestInstallFallback(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", blocked)
	t.Setenv("HOME", blocked)
	p, err := engine.Install(filepath.Join(dir, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "bin", p.Build, "ablate"); p.Path != want {
		t.Errorf("installed at %s, want %s", p.Path, want)
	}
	sameFile(t, p.Path)
	if _, err := engine.Install(filepath.Join(blocked, "bin")); err == nil || !strings.HasPrefix(err.Error(), "install program: ") {
		t.Errorf("nowhere to install: %v, want an error", err)
	}
}

// sameFile compares the copy with this program.
func sameFile(t *testing.T, path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s has %d bytes and differs from the program of %d", path, len(got), len(want))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%s has mode %v, %v; want 0755", path, info.Mode(), err)
	}
}

// What was installed can be executed at once, whatever else is started meanwhile.
func TestInstallWhileOthersStart(t *testing.T) {
	stop := make(chan struct{})
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = exec.CommandContext(t.Context(), "true").Run()
				}
			}
		})
	}
	defer starting.Wait()
	defer close(stop)
	for range 10 {
		cache := t.TempDir()
		t.Setenv("XDG_CACHE_HOME", cache)
		t.Setenv("HOME", cache) // macOS
		p, err := engine.Install(filepath.Join(cache, "fallback"))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), p.Path, "look", filepath.Join(cache, "store")).CombinedOutput(); errors.Is(err, syscall.ETXTBSY) {
			t.Fatalf("execute what was installed: %v %s", err, out)
		}
	}
}
