package remote

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/gpu"
)

// copies are the programs that a host has.
func (h *host) copies() []string {
	paths, _ := filepath.Glob(filepath.Join(h.home, "cache/ablate/agents/*/*"))
	return paths
}

func TestHostIsRead(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, func(h *host) { h.script("cat", "sleep 1; exec /bin/cat") }) // or nobody might see that it copies
	agents := f.path("home1/cache/ablate/agents")
	for i, build := range []string{"aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"} {
		if err := os.MkdirAll(filepath.Join(agents, build), 0o700); err != nil {
			t.Fatal(err)
		}
		old := time.Now().AddDate(0, 0, -2-i)
		if err := os.Chtimes(filepath.Join(agents, build), old, old); err != nil {
			t.Fatal(err)
		}
	}
	fleet, end := f.fleet()
	if n := fleet.Nodes(); len(n) != 1 || n[0].Name != gpu.Local {
		t.Fatalf("before Show: %+v", n)
	}
	fleet.Show(append(f.table(), experiments.Host{Name: "cluster", Kind: "slurm"}, experiments.Host{Name: "local", Kind: "local"}))
	if n := fleet.Nodes(); len(n) != 2 || n[1].Name != "node1" || !errors.Is(n[1].Err, gpu.ErrNotYet) || n[1].Doing == "" {
		t.Fatalf("at first: %+v", n)
	}
	f.node(fleet, "node1", "copies", func(n gpu.Node) bool { return strings.HasPrefix(n.Doing, "copying the program, ") })
	n := f.node(fleet, "node1", "reads", reads)
	if d := n.Devices[1]; d.Host != "node1" || d.UUID != "GPU-b" || *d.BusyPct != 60 {
		t.Errorf("device %+v", d)
	}
	f.until("two builds of two days are gone", func() bool {
		left, _ := os.ReadDir(agents)
		return len(left) == 3
	})
	if _, err := os.Stat(filepath.Join(agents, "cccccccccccc")); err == nil {
		t.Error("an old build is still there")
	}
	program := f.hosts[0].copies()
	if len(program) != 1 {
		t.Fatalf("programs there: %v", program)
	}
	first, err := os.Stat(program[0])
	if err != nil || first.Mode().Perm() != 0o700 {
		t.Fatalf("program there: %v, %v", first.Mode(), err)
	}
	end()

	fleet, _ = f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads again", func(n gpu.Node) bool {
		if strings.HasPrefix(n.Doing, "copying") {
			t.Error("the program is copied again")
		}
		return reads(n)
	})
	if again, err := os.Stat(program[0]); err != nil || !os.SameFile(first, again) {
		t.Errorf("the program is another one: %v", err)
	}
	fleet.Show(nil)
	if n := fleet.Nodes(); len(n) != 1 {
		t.Errorf("after it is let go of: %+v", n)
	}
	f.until("nothing is left of it", func() bool { return len(f.processes()) == 0 })
}

func TestShowKeepsLinks(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 2, nil)
	fleet, _ := f.fleet()
	hosts := f.table()
	hosts[1].Login = f.user + "@node2"
	fleet.Show(hosts[:1])
	f.node(fleet, "node1", "reads", reads)
	kept := fleet.links[0]
	fleet.Show([]experiments.Host{hosts[1], hosts[0]})
	f.node(fleet, "node2", "reads", reads)
	if n := fleet.Nodes(); n[1].Name != "node2" || n[2].Name != "node1" || !reads(n[2]) || fleet.links[1] != kept {
		t.Errorf("nodes %v %v; the link was not kept", n[1].Name, n[2].Name)
	}
	old := fleet.links[0]
	hosts[1].Login = "node2"
	fleet.Show(hosts)
	<-old.done
	f.node(fleet, "node2", "reads by its other name", reads)
}

func TestJumpHost(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 2, func(h *host) {
		if h.name == "node2" {
			h.ssh = []string{"  ProxyJump node1"}
		}
	})
	fleet, _ := f.fleet()
	fleet.Show(f.table()[1:])
	n := f.node(fleet, "node2", "reads", reads)
	if len(f.hosts[0].copies()) != 0 || n.Devices[0].Host != "node2" {
		t.Errorf("the jump host got the program, or is %s", n.Devices[0].Host)
	}
}

// What was read stays in sight, older and older, until the link is back.
func TestLinkDrops(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, nil)
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	h := f.hosts[0]

	h.signal(syscall.SIGKILL, false)
	lost := f.node(fleet, "node1", "is lost", func(n gpu.Node) bool { return n.Err != nil })
	if !errors.Is(lost.Err, engine.ErrUnreachable) || len(lost.Devices) != 2 {
		t.Errorf("after its sessions were killed: %v, %d GPUs", lost.Err, len(lost.Devices))
	}
	f.node(fleet, "node1", "is back", reads)

	h.kill()
	f.node(fleet, "node1", "is refused", func(n gpu.Node) bool {
		return n.Err != nil && strings.Contains(n.Err.Error(), "refuses connections") && len(n.Devices) == 2 && strings.HasPrefix(n.Doing, "next try in ")
	})
	older := f.node(fleet, "node1", "gets older", func(n gpu.Node) bool { return n.Age > 3*time.Second })
	if older.Devices[0].AgeS < 3 {
		t.Errorf("age of a device %v, of its node %v", older.Devices[0].AgeS, older.Age)
	}
	h.start()
	f.node(fleet, "node1", "is back after its restart", reads)
}

func TestFrozenHost(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped: it takes 20 s until a frozen host is given up")
	}
	f := newFarm(t, 1, nil)
	f.ssh = []string{"-o", "ServerAliveInterval=2"} // and so it is given up 1 to 3 s after it is silent
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	f.hosts[0].signal(syscall.SIGSTOP, true)
	n := f.node(fleet, "node1", "is silent", func(n gpu.Node) bool { return n.Err != nil })
	if !strings.Contains(n.Err.Error(), "it sent nothing for ") || !errors.Is(n.Err, engine.ErrUnreachable) {
		t.Errorf("a frozen host: %v", n.Err)
	}
	f.node(fleet, "node1", "is given up", func(n gpu.Node) bool {
		return n.Err != nil && !strings.Contains(n.Err.Error(), "it sent nothing for ") && strings.HasPrefix(n.Doing, "next try in ")
	})
	f.hosts[0].signal(syscall.SIGCONT, true)
	f.node(fleet, "node1", "is back", reads)
}
