package gpu_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// Who has claimed a GPU is seen while he has it, and to look takes it from nobody.
func TestHolders(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "claims")
	if got := gpu.Holders(dir, machine); len(got) != 0 {
		t.Errorf("without a folder: %v", got)
	}
	by := gpu.Holder{PID: os.Getpid(), User: "ada", Store: "/s", Run: "e/c/s1"}
	claim, err := gpu.Take(dir, machine, 2, by)
	if err != nil {
		t.Fatal(err)
	}
	uuids := append([]string{"", "../claims/GPU-0", "GPU-9"}, machine...)
	if diff := cmp.Diff(map[string]gpu.Holder{"GPU-0": by, "GPU-1": by}, gpu.Holders(dir, uuids)); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(dir, "GPU-0"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := gpu.Holders(dir, machine)["GPU-0"]; runtime.GOOS == "linux" && (!ok || got != gpu.Holder{}) {
		t.Errorf("one who does not say: %v, %v", got, ok)
	}
	if err := os.Symlink("GPU-1", filepath.Join(dir, "GPU-2")); err != nil {
		t.Fatal(err)
	}
	if got := gpu.Holders(dir, machine); len(got) != 2 {
		t.Errorf("a link counts as a claim: %v", got)
	}
	if err := claim.Close(); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		return // there it counts while the process lives
	}
	// A child that another test starts has the files until it becomes its program.
	for range 500 {
		if len(gpu.Holders(dir, machine)) == 0 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Error("what was given back is still held")
}
