package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"

	"ablate/experiments/store"
)

// screen is a command on a terminal of its own.
type screen struct {
	keys  *os.File
	ended chan struct{} // closed when the command has ended and all that it drew was read
	drawn strings.Builder
}

// onScreen starts a command on a terminal, where it is an interface.
func (h home) onScreen(args ...string) *screen {
	h.Helper()
	cmd := h.command(args...)
	cmd.Env = append(cmd.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		h.Fatal(err)
	}
	s := &screen{keys: terminal, ended: make(chan struct{})}
	go func() {
		_, _ = io.Copy(&s.drawn, terminal) // it ends with the command
		_ = cmd.Wait()                     // it is killed, or leaves when it is told to
		_ = terminal.Close()
		close(s.ended)
	}()
	return s
}

// quits presses the key that leaves the interface and reports whether it has left.
func (s *screen) quits() bool {
	select {
	case <-s.ended:
		return true
	default:
		_, _ = s.keys.WriteString("q") // it may have left just now
		return false
	}
}

// In a terminal `run` is the interface: it shows the runs to their end, leaves when
// it is told to, and leaves the terminal as it was.
func TestRunOnScreen(t *testing.T) {
	t.Parallel()
	h := newHome(t, strings.ReplaceAll(killFile, "steps = 600", "steps = 20"))
	s := h.onScreen("run", "kills", "--seeds", "1")
	h.eventually("the runs are done", func() bool {
		records := h.records("kills")
		for _, r := range records {
			if r.Status != store.Done {
				return false
			}
		}
		return len(records) == 3
	})
	h.eventually("the interface leaves", s.quits)
	drawn := s.drawn.String()
	for _, want := range []string{"\x1b[?1049h", "ablate", "kills", "done", "\x1b[?1049l"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("the terminal never got %q", want)
		}
	}
	if strings.LastIndex(drawn, "\x1b[?1049l") < strings.LastIndex(drawn, "\x1b[?1049h") {
		t.Error("the interface left the terminal in its own screen")
	}
}
