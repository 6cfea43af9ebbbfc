package remote

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What ssh says is that of OpenSSH 9.2 on Debian, unless another is named.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said, want string
		slow       bool
	}{
		{"@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\n" +
			"Offending ED25519 key in /home/ada/.ssh/known_hosts:3\n  remove with:\n  ssh-keygen -f \"/home/ada/.ssh/known_hosts\" -R \"[10.0.0.7]:2222\"\n" +
			"Host key for [10.0.0.7]:2222 has changed and you have requested strict checking.\nHost key verification failed.\n", "`ssh-keygen -R '[10.0.0.7]:2222'`", true},
		{"REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key for bastion has changed and you have requested strict checking.\nConnection closed by UNKNOWN port 65535\n", "-R 'bastion'", true},
		{"REMOTE HOST IDENTIFICATION HAS CHANGED!\n", "-R 'gpu'", true}, // another version's words
		{"No ED25519 host key is known for gpu and you have requested strict checking.\nHost key verification failed.\n", "by hand (`ssh gpu`)", true},
		{"Host key verification failed.\r\n", "by hand (`ssh gpu`)", true},
		{"ada@gpu: Permission denied (publickey,password).\n", "ssh-add", true},
		{"Received disconnect from 10.0.0.7 port 22:2: Too many authentication failures\nDisconnected from 10.0.0.7\n", "IdentitiesOnly", true},
		{"ssh: Could not resolve hostname gpu: Name or service not known\n", "no host has the name gpu", true},
		{"/home/ada/.ssh/config: line 7: Bad configuration option: hostnme\n/home/ada/.ssh/config: terminating, 1 bad configuration options\n", "has a mistake: /home/ada/.ssh/config: line 7: Bad", true},
		{"Bad owner or permissions on /home/ada/.ssh/config\n", "Bad owner or permissions on /home/ada/.ssh/config", true},
		{"Unable to negotiate with 10.0.0.7 port 22: no matching host key type found. Their offer: ssh-rsa\n", "Their offer: ssh-rsa", true},
		{"ssh: connect to host gpu port 22: Connection refused\n", "refuses connections", false},
		{"ssh: connect to host gpu port 22: Connection timed out\n", "does not answer", false},
		{"ssh: connect to host gpu port 22: Operation timed out\n", "does not answer", false}, // macOS
		{"Connection timed out during banner exchange\nConnection to 10.0.0.7 port 22 timed out\n", "does not answer", false},
		{"Timeout, server gpu not responding.\n", "stopped answering", false},
		{"ssh: connect to host gpu port 22: No route to host\n", "no route", false},
		{"ssh: connect to host gpu port 22: Network is unreachable\n", "unreachable", false},
		{"kex_exchange_identification: read: Connection reset by peer\n", "broke off", false},
		{"client_loop: send disconnect: Broken pipe\n", "broke off", false},
		{"kex_exchange_identification: Connection closed by remote host\n", "closed the connection", false},
		{"Authorised use only!\n\x1b[31mnews of a later version\x07\r\n\n", "ssh ended: [31mnews of a later version", false},
		{"\xff\xfe " + strings.Repeat("x", 300), strings.Repeat("x", 200) + "...", false},
		{"", "without a word", false},
	} {
		err := explain("gpu", tt.said)
		if !strings.Contains(err.Error(), tt.want) || isSlow(err) != tt.slow {
			t.Errorf("%q:\n%v, slow %v; want %q, %v", tt.said, err, isSlow(err), tt.want, tt.slow)
		}
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	var p pace
	near := func(what string, got time.Duration, seconds float64) {
		t.Helper()
		if math.Abs(got.Seconds()/seconds-1) > 0.25 {
			t.Errorf("%s: %v, want about %v s", what, got, seconds)
		}
	}
	plain, person := error(&trouble{text: "x"}), fmt.Errorf("reach: %w", &trouble{text: "x", slow: true})
	for i, want := range []float64{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		near(fmt.Sprint("failure ", i+1), p.after(plain, false), want)
	}
	near("after it held", p.after(plain, true), 1)
	near("the next", p.after(plain, false), 2)
	near("what a person has to see to", p.after(person, false), 300)
	for range 100 {
		p.after(plain, false)
	}
	near("after many", p.after(plain, false), 60)
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var w tail
	for i := range 5000 {
		fmt.Fprintf(&w, "line %d\n", i)
	}
	if got := w.String(); len(got) != tailBytes || lastLine(got) != "line 4999" {
		t.Errorf("%d bytes kept, the last line %q", len(got), lastLine(got))
	}
}

func TestSystems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ uname, goos, goarch string }{
		{"Linux x86_64", "linux", "amd64"},
		{"Linux aarch64", "linux", "arm64"},
		{"Darwin arm64", "darwin", "arm64"},
		{"Darwin x86_64", "darwin", "amd64"},
	} {
		if goos, goarch := target(tt.uname); goos != tt.goos || goarch != tt.goarch || system(tt.goos, tt.goarch) != tt.uname {
			t.Errorf("%s is %s/%s, and that %s", tt.uname, goos, goarch, system(goos, goarch))
		}
	}
	var p programs
	mine, err := p.of(system(runtime.GOOS, runtime.GOARCH))
	if err != nil {
		t.Fatal(err)
	}
	if same, err := measure(mine.path); err != nil || same.build != mine.build || same.size != mine.size {
		t.Errorf("a build is %+v by its file and %+v as this program: %v", same, mine, err)
	}
	for _, uname := range []string{"", "Linux", "Linux riscv64", "FreeBSD amd64", "Linux x86_64 and more"} {
		if found, err := p.of(uname); err == nil || !isSlow(err) {
			t.Errorf("%q has the build %+v, %v", uname, found, err)
		}
	}
}

func TestFoldersForSockets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := makePrivate(filepath.Join(dir, "new/one")); err != nil {
		t.Error(err)
	}
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o755), os.Symlink(filepath.Join(dir, "new"), filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"open", "link"} {
		if err := makePrivate(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), "private folder") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "ssh.file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	socket := func(name string) *net.UnixListener {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, name)})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		return l
	}
	defer socket("ssh.mine").Close()
	socket("ssh.dead").Close()
	socket("ssh.young").Close()
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{"ssh.file", "ssh.mine", "ssh.dead"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	removeDead(dir)
	for name, want := range map[string]error{"ssh.mine": nil, "ssh.file": nil, "ssh.young": nil, "ssh.dead": fs.ErrNotExist} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	var s sockets
	one, err := s.next()
	two, failed := s.next()
	if err != nil || failed != nil || one == two || len(one) > longestSocket {
		t.Errorf("sockets %q and %q: %v, %v", one, two, err, failed)
	}
}
