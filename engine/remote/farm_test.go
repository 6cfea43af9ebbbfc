package remote

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/gputest"
)

// farm is a number of hosts on this machine: real sshds on the loopback with throw-away
// keys, and the ssh_config that knows them as node1, node2 and so on.
type farm struct {
	t      testing.TB
	dir    string
	user   string
	config string
	hosts  []*host
	ssh    []string // options before those of every call, which they overrule
}

// patient are options with which a machine that does too much is not taken for one
// that is away.
var patient = []string{"-o", "ConnectTimeout=60", "-o", "ServerAliveCountMax=20"}

// host is one sshd. It is changed before it is started.
type host struct {
	farm  *farm
	name  string
	port  int
	home  string   // of the user there
	env   []string // of sessions there
	lines []string // of its sshd_config, before others: the first one counts
	ssh   []string // of the user's ssh_config, about it
	cmd   *exec.Cmd
	known bool // its port is, to others
}

const twoGPUs = "gpu\nname NVIDIA H20\nuuid GPU-a\nbusy 40\ntotal 98304\nused 100\npower 90000\ngpu\nname NVIDIA H20\nuuid GPU-b\nbusy 60\ntotal 98304\nused 100\n"

// newFarm starts hosts with two GPUs each; set may change each before.
func newFarm(t testing.TB, n int, set func(h *host)) *farm {
	t.Helper()
	for _, tool := range []string{"ssh", "ssh-keygen", sshd()} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: no %s here: install openssh-server and openssh-client", tool)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if passwd, err := os.ReadFile("/etc/passwd"); err == nil {
		for line := range strings.Lines(string(passwd)) {
			shell := filepath.Base(strings.TrimSpace(line))
			if strings.HasPrefix(line, me.Username+":") && (shell == "nologin" || shell == "false") {
				t.Skipf("skipped: %s has no shell to log in with", me.Username)
			}
		}
	}
	if me.Uid == "0" { // sshd insists on the folder that its service makes
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Skipf("skipped: sshd needs /run/sshd: %v", err)
		}
	}
	dir, err := os.MkdirTemp("", "farm")
	if err != nil {
		t.Fatal(err)
	}
	f := &farm{t: t, dir: dir, user: me.Username, config: filepath.Join(dir, "ssh_config"), ssh: patient}
	t.Cleanup(f.stop)
	f.key("host_key")
	f.key("id")
	f.copy("id.pub", "authorized_keys")
	library := gputest.Driver(t, "NEW", twoGPUs)
	for i := range n {
		h := &host{farm: f, name: fmt.Sprint("node", i+1), port: freePort(t), home: filepath.Join(dir, fmt.Sprint("home", i+1))}
		f.hosts = append(f.hosts, h)
		h.env = []string{"HOME=" + h.home, "XDG_CACHE_HOME=" + filepath.Join(h.home, "cache"), "ABLATE_NVML=" + library, "LD_LIBRARY_PATH=" + filepath.Dir(library)}
		if err := os.Mkdir(h.home, 0o700); err != nil {
			t.Fatal(err)
		}
		if set != nil {
			set(h)
		}
		h.start()
	}
	f.configure()
	return f
}

func sshd() string {
	if path, err := exec.LookPath("sshd"); err == nil {
		return path
	}
	return "/usr/sbin/sshd" // not in everybody's PATH
}

func (f *farm) path(name string) string { return filepath.Join(f.dir, name) }

func (f *farm) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *farm) copy(from, to string) {
	f.t.Helper()
	text, err := os.ReadFile(f.path(from))
	if err != nil {
		f.t.Fatal(err)
	}
	f.write(to, string(text))
}

// key makes a key pair.
func (f *farm) key(name string) {
	f.t.Helper()
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f.path(name)).CombinedOutput(); err != nil {
		f.t.Fatalf("make key: %v: %s", err, out)
	}
}

// configure writes the user's files about the hosts.
func (f *farm) configure() {
	var config, known strings.Builder
	public, err := os.ReadFile(f.path("host_key.pub"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, h := range f.hosts {
		fmt.Fprintf(&config, "Host %s\n%s\n  Port %d\n", h.name, strings.Join(h.ssh, "\n"), h.port)
		fmt.Fprintf(&known, "[127.0.0.1]:%d %s", h.port, public)
	}
	fmt.Fprintf(&config, "Host *\n  HostName 127.0.0.1\n  User %s\n  IdentityFile %s\n  IdentitiesOnly yes\n  IdentityAgent none\n"+
		"  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n", f.user, f.path("id"), f.path("known_hosts"))
	f.write("known_hosts", known.String())
	f.write("ssh_config", config.String())
}

// freePort is one that nobody listens on now, below those that the system gives to
// connections: another may listen there before an sshd does, who then takes one more.
func freePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			defer l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// start starts the sshd and waits until it listens. Whoever answers on the port may be
// another, so its log is asked. One that was started before keeps its port.
func (h *host) start() {
	f := h.farm
	f.t.Helper()
	for range 20 {
		h.launch()
		f.until("sshd of "+h.name+" listens, or cannot", func() bool { return h.logs("Server listening on") || h.logs("Cannot bind any address") })
		if h.logs("Server listening on") {
			h.known = true
			return
		}
		_ = h.cmd.Wait()
		if !h.known {
			h.port = freePort(f.t)
		}
	}
	f.t.Fatalf("sshd of %s finds no port", h.name)
}

func (h *host) logs(text string) bool {
	log, err := os.ReadFile(h.farm.path("log_" + h.name))
	return err == nil && strings.Contains(string(log), text)
}

func (h *host) launch() {
	f := h.farm
	f.t.Helper()
	config := strings.Join(h.lines, "\n") + fmt.Sprintf("\nListenAddress 127.0.0.1\nPort %d\nHostKey %s\nPidFile none\nAuthorizedKeysFile %s\nPasswordAuthentication no\n"+
		"KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nUseDNS no\nPrintMotd no\nMaxStartups 100\nSetEnv %s\n",
		h.port, f.path("host_key"), f.path("authorized_keys"), strings.Join(h.env, " "))
	f.write("sshd_"+h.name, config)
	log, err := os.Create(f.path("log_" + h.name))
	if err != nil {
		f.t.Fatal(err)
	}
	defer log.Close()
	h.cmd = exec.Command(sshd(), "-D", "-e", "-f", f.path("sshd_"+h.name))
	h.cmd.Stderr = log
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := h.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
}

// signal sends a signal to the sessions of a host, and to its sshd if all is set.
func (h *host) signal(s syscall.Signal, all bool) {
	for _, pid := range below(h.cmd.Process.Pid) {
		_ = syscall.Kill(pid, s)
	}
	if all {
		_ = syscall.Kill(h.cmd.Process.Pid, s)
	}
}

// kill ends a host at once.
func (h *host) kill() {
	if h.cmd == nil {
		return
	}
	h.signal(syscall.SIGSTOP, true) // nothing new begins meanwhile
	h.signal(syscall.SIGKILL, true)
	_ = h.cmd.Wait()
	h.cmd = nil
}

// below are the processes that a process started, and theirs.
func below(pid int) (all []int) {
	out, _ := exec.Command("ps", "-axo", "pid=,ppid=").Output()
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if _, err := fmt.Sscan(line, &child, &parent); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	for todo := children[pid]; len(todo) > 0; todo = todo[1:] {
		all = append(all, todo[0])
		todo = append(todo, children[todo[0]]...)
	}
	return all
}

// processes are those that have the farm's folder on their command line, but for its
// sshds.
func (f *farm) processes() (lines []string) {
	out, _ := exec.Command("ps", "-axww", "-o", "pid=,stat=,args=").Output()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, f.dir) && !strings.Contains(line, "sshd") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// stop ends what is left, and says so if that is more than the sshds.
func (f *farm) stop() {
	deadline := time.Now().Add(2 * time.Minute)
	for len(f.processes()) > 0 && time.Now().Before(deadline) {
		<-time.After(20 * time.Millisecond)
	}
	for _, line := range f.processes() {
		f.t.Errorf("left behind: %s", line)
		if pid, err := strconv.Atoi(strings.Fields(line)[0]); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	for _, h := range f.hosts {
		h.kill()
	}
	if f.t.Failed() && len(f.hosts) <= 3 {
		for _, h := range f.hosts {
			log, _ := os.ReadFile(f.path("log_" + h.name))
			f.t.Logf("%s:\n%s", h.name, log[max(0, len(log)-2000):])
		}
	}
	_ = os.RemoveAll(f.dir)
}

// until waits for something to become true.
func (f *farm) until(what string, is func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("never came: %s", what)
		}
	}
}

// table are the hosts as the experiment file has them.
func (f *farm) table() (hosts []experiments.Host) {
	for _, h := range f.hosts {
		hosts = append(hosts, experiments.Host{Name: h.name, Kind: "ssh"})
	}
	return hosts
}

// fleet reads hosts until the test ends, or end is called; it then waits until nothing
// of it is left.
func (f *farm) fleet() (fleet *Fleet, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	fleet = newFleet(ctx, noLocal, newSSH(slices.Concat([]string{"ssh", "-F", f.config}, f.ssh)...))
	end = func() {
		cancel()
		fleet.mu.Lock()
		defer fleet.mu.Unlock()
		for _, l := range fleet.links {
			<-l.done
		}
	}
	f.t.Cleanup(end)
	return fleet, end
}

// node waits until the node of a fleet is as it should be.
func (f *farm) node(fleet *Fleet, name, what string, is func(gpu.Node) bool) (found gpu.Node) {
	f.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; <-time.After(5 * time.Millisecond) {
		for _, n := range fleet.Nodes() {
			if n.Name == name {
				found = n
			}
		}
		if is(found) {
			return found
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("%s never: %s; it is %q, %v, %d GPUs", what, name, found.Doing, found.Err, len(found.Devices))
		}
	}
}

func reads(n gpu.Node) bool { return len(n.Devices) == 2 && n.Err == nil && n.Doing == "" }
