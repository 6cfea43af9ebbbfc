package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
)

// typescript is all that came to a terminal.
type typescript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *typescript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// has reports whether a text came at least n times.
func (s *typescript) has(text string, n int) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return strings.Count(s.text.String(), text) >= n
	}
}

// ctrl+z gives the terminal back to the shell, and fg gives it back to the
// interface; a program that no shell has started does not stop for good.
func TestSuspend(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash, whose job control this needs")
	}
	h := newHome(t, killFile)
	const enter, leave = "\x1b[?1049h", "\x1b[?1049l"
	on := func(cmd *exec.Cmd) (*os.File, *typescript, chan error) {
		cmd.Env = append(cmd.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "PS1=$ ")
		terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
		if err != nil {
			t.Fatal(err)
		}
		var s typescript
		ended := make(chan error, 1)
		go func() {
			buf := make([]byte, 4096)
			for {
				n, err := terminal.Read(buf)
				_, _ = s.Write(buf[:n])
				if err != nil {
					ended <- cmd.Wait()
					return
				}
			}
		}()
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = terminal.Close(); t.Log("the shell ended:", <-ended) })
		return terminal, &s, ended
	}
	types := func(terminal *os.File, text string) {
		if _, err := terminal.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}

	ablate := h.command()
	shell := exec.Command(bash, "--norc", "--noprofile", "-i")
	shell.Dir, shell.Env = ablate.Dir, ablate.Env
	terminal, s, _ := on(shell)
	types(terminal, strings.Join(ablate.Args, " ")+"\n")
	h.eventually("the interface comes", s.has(enter, 1))
	h.eventually("it shows the experiments", s.has("kills", 1))
	types(terminal, "\x1a")
	h.eventually("the shell has the terminal", s.has("Stopped", 1))
	h.eventually("the terminal is as it was", s.has(leave, 1))
	types(terminal, "fg\n")
	h.eventually("the interface comes back", s.has(enter, 2))
	types(terminal, "q")
	h.eventually("the interface leaves", s.has(leave, 2))
	types(terminal, "exit\n")

	alone := h.command()
	terminal, s, _ = on(alone)
	h.eventually("the interface comes", s.has("kills", 1))
	types(terminal, "\x1a")
	h.eventually("it says why it does not stop", s.has("no shell has started this", 1))
	types(terminal, "q")
	h.eventually("the interface leaves", s.has(leave, 1))
}
