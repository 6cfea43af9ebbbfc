package remote

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"ablate/gpu"
)

// Nothing is left when the program ends, be it by a kill.
func TestNothingOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("skipped: only Linux ends children with their parent at once")
	}
	f := newFarm(t, 1, nil)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := t.TempDir()
	c := exec.Command(program, "show", f.config, "node1")
	c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+run)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "reads\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if n := len(f.processes()); n < 4 {
		t.Errorf("%d processes while it reads, want itself, the master, a session and the agent", n)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	f.until("all are gone", func() bool { return len(f.processes()) == 0 })

	left, _ := filepath.Glob(filepath.Join(run, "ablate", "ssh.*"))
	old := time.Now().Add(-time.Hour)
	for _, socket := range left {
		if err := os.Chtimes(socket, old, old); err != nil {
			t.Fatal(err)
		}
	}
	removeDead(filepath.Join(run, "ablate"))
	gone, _ := filepath.Glob(filepath.Join(run, "ablate", "ssh.*"))
	if len(left) != 1 || len(gone) != 0 {
		t.Errorf("sockets after the kill: %v, after the next start: %v", left, gone)
	}
}

func TestEndOfTheContextEndsAll(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 2, nil)
	fleet, end := f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	before := time.Now()
	end()
	t.Logf("links ended within %v", time.Since(before).Round(time.Millisecond))
	if n := fleet.Nodes(); len(n) != 3 || len(n[1].Devices) != 2 {
		t.Errorf("what was read is gone: %+v", n)
	}
	f.until("all are gone", func() bool { return len(f.processes()) == 0 })
	t.Logf("all gone within %v", time.Since(before).Round(time.Millisecond))
	sockets, _ := filepath.Glob(filepath.Join(fleet.ssh.sockets.dir, "ssh.*"))
	for _, s := range sockets {
		for _, l := range fleet.links {
			if filepath.Base(s) == filepath.Base(l.login) {
				t.Errorf("socket left: %s", s)
			}
		}
	}
	fleet.Show(f.table()[:1]) // of no use any more, and no harm
	f.node(fleet, "node1", "is as it was", func(n gpu.Node) bool { return n.Name == "node1" })
}
