package remote

import (
	"bytes"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/creack/pty"

	"ablate/engine"
)

// typed is what came to a terminal.
type typed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *typed) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *typed) has(text string) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return bytes.Contains(s.text.Bytes(), []byte(text))
	}
}

// A person at the terminal is asked for what a host or a key needs; what ssh reads
// there is not seen.
func TestPersonIsAsked(t *testing.T) {
	t.Parallel()
	f := newFarm(t, 1, nil)
	if out, err := exec.Command("ssh-keygen", "-q", "-p", "-P", "", "-N", "opensesame", "-f", f.path("id")).CombinedOutput(); err != nil {
		t.Fatalf("protect the key: %v: %s", err, out)
	}
	f.write("known_hosts", "")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "ask", f.config, "node1")
	terminal, err := pty.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = terminal.Close()
	}()
	var seen typed
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			_, _ = seen.Write(buf[:n])
		}
	}()
	for _, step := range []struct{ asked, answer string }{
		{"(yes/no/[fingerprint])? ", "yes\n"},
		{"Enter passphrase for key", "opensesame\n"},
		{"reads", ""},
	} {
		f.until(step.asked, seen.has(step.asked))
		if _, err := terminal.WriteString(step.answer); err != nil {
			t.Fatal(err)
		}
	}
	if seen.has("opensesame")() {
		t.Error("the passphrase is on the screen")
	}
}

// Who has nobody to ask asks nobody, and only what a person can answer is asked.
func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := newSSH("ssh")
	denied := explain("gpu", "ada@gpu: Permission denied (publickey,password).\n")
	if s.needs(denied) {
		t.Error("nobody is there, and is asked")
	}
	s.person = &typed{}
	for said, want := range map[string]bool{
		"ada@gpu: Permission denied (publickey,keyboard-interactive).\n":             true,
		"No ED25519 host key is known for gpu and you have requested strict\n":       true,
		"WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification f":  false,
		"ssh: connect to host gpu port 22: Connection refused\n":                     false,
		"Received disconnect from 10.0.0.7: 2: Too many authentication failures\r\n": false,
	} {
		if got := s.needs(explain("gpu", said)); got != want {
			t.Errorf("%q: asked %v, want %v", said, got, want)
		}
	}
	if s.needs(nil) || s.needs(engine.ErrUnreachable) {
		t.Error("a person is asked for no reason")
	}
}
