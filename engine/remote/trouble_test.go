package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/gpu"
)

// blackhole accepts connections and never says a word; it tells how many there were
// at most at a time.
func blackhole(t testing.TB) (port int, most func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	now, top := 0, 0
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			now++
			top = max(top, now)
			mu.Unlock()
			go func() {
				buffer := make([]byte, 512)
				for {
					if _, err := c.Read(buffer); err != nil {
						break
					}
				}
				c.Close()
				mu.Lock()
				now--
				mu.Unlock()
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, func() int {
		mu.Lock()
		defer mu.Unlock()
		return top
	}
}

// script makes a program for a host, found before others.
func (h *host) script(name, text string) {
	dir := filepath.Join(h.home, "bin")
	_ = os.MkdirAll(dir, 0o700)
	h.write(filepath.Join("bin", name), "#!/bin/sh\n"+text+"\n")
	if path := "PATH=" + dir + ":/usr/bin:/bin"; h.env[len(h.env)-1] != path {
		h.env = append(h.env, path)
	}
}

// write writes a file into the home of a host.
func (h *host) write(name, text string) {
	h.farm.t.Helper()
	if err := os.WriteFile(filepath.Join(h.home, name), []byte(text), 0o700); err != nil {
		h.farm.t.Fatal(err)
	}
}

// Whatever is wrong with a host is said in words that say what to do, and a host
// beside them is read all the same.
func TestHostsThatCannotBeReached(t *testing.T) {
	t.Parallel()
	port, _ := blackhole(t)
	other := filepath.Join(t.TempDir(), "other")
	tests := []struct {
		name string
		set  func(h *host)
		want []string
		slow bool
	}{
		{"good", func(*host) {}, nil, false},
		{"changed key", func(h *host) { h.ssh = []string{"  UserKnownHostsFile " + other} },
			[]string{"its host key changed, so it is refused", "`ssh-keygen -R '[127.0.0.1]:"}, true},
		{"unknown key", func(h *host) { h.ssh = []string{"  UserKnownHostsFile /dev/null"} },
			[]string{"host key is not known", "connect once by hand (`ssh node3`)"}, true},
		{"wrong key", func(h *host) { h.lines = []string{"AuthorizedKeysFile /dev/null"} },
			[]string{"lets nobody in", "ssh-add", "ssh -M -N -f node4"}, true},
		{"unknown name", func(h *host) { h.ssh = []string{"  HostName no-such-host.invalid"} },
			[]string{"no host has the name node5", "set login"}, true},
		{"refused", func(h *host) { h.ssh = []string{"  Port 1"} }, []string{"refuses connections"}, false},
		{"blackhole", func(h *host) { h.ssh = []string{fmt.Sprint("  Port ", port)} }, []string{"does not answer"}, false},
		{"mistake", func(h *host) { h.ssh = []string{"  Match host node8\n  ProxyCommand false"} }, []string{"closed the connection"}, false},
		{"no shell", func(h *host) {
			h.lines = []string{"ForceCommand echo This account is currently not available.; exit 1"}
		},
			[]string{"it gives no shell: status 1: This account is currently not available."}, true},
		{"endless", func(h *host) { h.lines = []string{"ForceCommand yes"} }, []string{"prints without end"}, true},
		{"one line", func(h *host) { h.lines = []string{`ForceCommand cat /dev/zero | tr '\0' x`} }, []string{"prints without end"}, true},
		{"old agent", func(h *host) { h.env = append(h.env, "TEST_AGENT=old") },
			[]string{`another version runs there: greet agent: it speaks version "0", and this program version 1`, "remove ~/.cache/ablate/agents"}, true},
		{"short agent", func(h *host) { h.env = append(h.env, "TEST_AGENT=short") }, []string{"the agent there ended: status 9: fatal: out of luck"}, false},
		{"home is a file", func(h *host) { h.write("cache", "") }, []string{"could not be copied there: status 73: mkdir: ", "cache"}, true},
		{"quota", func(h *host) { h.script("cat", "echo cat: write error: No space left on device >&2; exit 1") },
			[]string{"its disk is full", "No space left on device"}, true},
		{"cut off", func(h *host) { h.script("cat", "head -c 1000") }, []string{"could not be copied there", "1000 bytes of "}, true},
		{"noexec", func(h *host) { h.script("chmod", "exit 0") }, []string{"cannot be executed", "Permission denied", "noexec", "XDG_CACHE_HOME"}, true},
		{"other chip", func(h *host) { h.script("uname", `case $1 in -m) echo riscv64;; *) echo Linux;; esac`) },
			[]string{"not built for Linux riscv64"}, true},
		{"steering chip", func(h *host) {
			h.script("uname", `case $1 in -m) printf "x\033]0;y\007\302\233z\n";; *) echo Linux;; esac`)
		},
			[]string{"not built for Linux x]0;yz, only"}, true},
		{"other system", func(h *host) { h.script("uname", `case $1 in -m) echo arm64;; *) echo Darwin;; esac`) },
			[]string{"it is Darwin arm64, and this program is for ", "GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o ablate-darwin-arm64", "put it into /"}, true},
		{"vanishes", func(h *host) { h.script("mv", `rm -f "$2"`) }, []string{"gone there as soon as it is copied"}, true},
		{"mute system", func(h *host) { h.script("sh", "echo; echo ablate absent") }, []string{"does not say what system"}, false},
	}
	i := 0
	f := newFarm(t, len(tests), func(h *host) {
		tests[i].set(h)
		i++
	})
	f.key("strange")
	strange, err := os.ReadFile(f.path("strange.pub"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, fmt.Appendf(nil, "[127.0.0.1]:%d %s", f.hosts[1].port, strange), 0o600); err != nil {
		t.Fatal(err)
	}
	f.ssh = nil
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	for i, tt := range tests {
		if tt.want == nil {
			f.node(fleet, f.hosts[i].name, tt.name+" reads", reads)
			continue
		}
		n := f.node(fleet, f.hosts[i].name, fmt.Sprintf("%s says %q", tt.name, tt.want), func(n gpu.Node) bool {
			without := func(want string) bool { return !strings.Contains(n.Err.Error(), want) }
			return n.Err != nil && !slices.ContainsFunc(append(tt.want, "reach "+n.Name+": "), without)
		})
		if !errors.Is(n.Err, engine.ErrUnreachable) || isSlow(n.Err) != tt.slow || len(n.Devices) != 0 || strings.Contains(n.Err.Error(), "no engine answers") {
			t.Errorf("%s: unreachable %v, slow %v, %d GPUs", tt.name, errors.Is(n.Err, engine.ErrUnreachable), isSlow(n.Err), len(n.Devices))
		}
	}
	f.node(fleet, "node1", "is read all the while", func(n gpu.Node) bool { return reads(n) && n.Age < 5*time.Second })
}

// An agent that is killed is begun anew.
func TestAgentIsKilled(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, nil)
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	for _, line := range f.processes() {
		var pid int
		if _, err := fmt.Sscan(line, &pid); err == nil && strings.HasSuffix(line, "/ablate agent") {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	n := f.node(fleet, "node1", "is without an agent", func(n gpu.Node) bool { return n.Err != nil })
	if want := "reach node1: the agent there ended: status 255: killed there, perhaps for want of memory"; n.Err.Error() != want {
		t.Errorf("%v, want %q", n.Err, want)
	}
	f.node(fleet, "node1", "reads again", reads)
}

// A shell that prints before and beside is common, and no trouble.
func TestShellsThatPrint(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 3, func(h *host) {
		switch h.name {
		case "node1":
			h.lines = []string{`ForceCommand echo Welcome; echo '{"devices":[]}'; echo ablate agents are welcome; printf 'no newline'; sh -c "$SSH_ORIGINAL_COMMAND"`}
		case "node2":
			h.write("noise", "while echo You have mail.; echo '{'; do sleep 0.1; done")
			h.lines = []string{`ForceCommand sh $HOME/noise & sh -c "$SSH_ORIGINAL_COMMAND"; kill $!`}
		case "node3":
			h.lines = []string{`ForceCommand head -c 900000 /dev/zero | tr '\0' x; sh -c "$SSH_ORIGINAL_COMMAND"`}
		}
	})
	fleet, _ := f.fleet()
	fleet.Show(f.table())
	for _, h := range f.hosts {
		f.node(fleet, h.name, "reads", reads)
	}
	began := time.Now()
	for _, h := range f.hosts {
		f.node(fleet, h.name, "goes on", func(n gpu.Node) bool { return reads(n) && n.Age < time.Since(began) })
	}
}

// A build for a host of another kind lies beside the program.
func TestHostOfAnotherKind(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, func(h *host) { h.script("uname", `case $1 in -m) echo arm64;; -s) echo Darwin;; *) echo far;; esac`) })
	fleet, _ := f.fleet()
	fleet.ssh.programs.dir = f.dir
	program, err := own()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(program.path)
	if err != nil {
		t.Fatal(err)
	}
	f.write("ablate-darwin-arm64", string(text)+"of another build")
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	if there := f.hosts[0].copies(); len(there) != 1 || strings.Contains(there[0], program.build) {
		t.Errorf("programs there: %v, want one that is not build %s", there, program.build)
	}
}

// A master that the user opened, perhaps with a second factor, is used even where
// nobody is let in any more; nobody but the user ends it.
func TestMasterOfTheUser(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, func(h *host) {
		h.ssh = []string{"  ControlMaster auto", "  ControlPath " + filepath.Join(os.TempDir(), "cm-%C"), "  ControlPersist 1h"}
	})
	mine := exec.Command("ssh", "-F", f.config, "-M", "-N", "-o", "ControlPersist=no", "node1")
	if err := mine.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = mine.Process.Kill()
		_ = mine.Wait()
	})
	f.until("the user's master is there", func() bool {
		return exec.Command("ssh", "-F", f.config, "-O", "check", "node1").Run() == nil
	})
	f.write("authorized_keys", "")
	fleet, end := f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	end()
	if err := exec.Command("ssh", "-F", f.config, "-O", "check", "node1").Run(); err != nil {
		t.Errorf("the user's master is gone: %v", err)
	}
	fleet, _ = f.fleet()
	fleet.Show(f.table())
	f.node(fleet, "node1", "reads", reads)
	if err := exec.Command("ssh", "-F", f.config, "-O", "exit", "node1").Run(); err != nil {
		t.Fatal(err)
	}
	_ = mine.Wait()
	f.node(fleet, "node1", "lets nobody in", func(n gpu.Node) bool { return n.Err != nil && strings.Contains(n.Err.Error(), "it lets nobody in") })
}

func TestFewConnectsAtATime(t *testing.T) {
	t.Parallel()
	port, most := blackhole(t)
	f := newFarm(t, 1, func(h *host) { h.ssh = []string{fmt.Sprint("  Port ", port)} })
	text, err := os.ReadFile(f.config)
	if err != nil {
		t.Fatal(err)
	}
	f.write("ssh_config", strings.Replace(string(text), "Host node1", "Host dead*", 1))
	f.ssh = []string{"-o", "ConnectTimeout=1"}
	fleet, _ := f.fleet()
	var hosts []experiments.Host
	for i := range 9 {
		hosts = append(hosts, experiments.Host{Name: fmt.Sprint("dead", i), Kind: "ssh"})
	}
	fleet.Show(hosts)
	for _, h := range hosts {
		f.node(fleet, h.Name, "fails", func(n gpu.Node) bool { return n.Err != nil && !errors.Is(n.Err, gpu.ErrNotYet) })
	}
	if got := most(); got > 4 || got < 2 {
		t.Errorf("%d connections at a time, want 2 to 4", got)
	}
}

func TestNoSSHHere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	fleet := newFleet(ctx, noLocal, newSSH("/no/such/ssh"))
	fleet.Show([]experiments.Host{{Name: "far", Kind: "ssh"}})
	f := farm{t: t}
	n := f.node(fleet, "far", "fails", func(n gpu.Node) bool { return n.Err != nil && !errors.Is(n.Err, gpu.ErrNotYet) })
	if !strings.Contains(n.Err.Error(), "reach far: no ssh on this machine: install openssh-client") || !isSlow(n.Err) {
		t.Errorf("%v", n.Err)
	}
	cancel()
	<-fleet.links[0].done
}
