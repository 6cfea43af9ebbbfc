//go:build !nonvml

package driver

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A child that hangs in the loader, where it does not see the end of its input, still
// ends with its parent.
func TestChildHangsInTheLoader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	library, marks := filepath.Join(dir, "library"), filepath.Join(dir, "readers", "marks")
	if err := unix.Mkfifo(library, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), program)
	parent.Env = append(os.Environ(), "TEST_PARENT="+marks, libraryPath+"="+library)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	inCall := func() bool {
		files, _ := filepath.Glob(marks + "-*")
		for _, f := range files {
			if _, busy := callOf(f); busy {
				return true
			}
		}
		return false
	}
	until(t, "the child is in the loader", inCall)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the parent ended: %v", err)
	}
	until(t, "the child has ended, too", func() bool { return !inCall() })
}
