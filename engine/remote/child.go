package remote

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// child is a process of ours that speaks on its standard error of what goes wrong.
// It has a process group of its own: an interrupt at the terminal is not for it, and
// what it started goes with it.
type child struct {
	cmd   *exec.Cmd
	words tail
	ended chan struct{} // closed when it has ended
}

// start starts a program, which is killed when ctx ends. What set does to the command
// comes first.
func start(ctx context.Context, argv []string, set func(*exec.Cmd) error) (*child, error) {
	c := &child{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), ended: make(chan struct{})}
	c.cmd.Stderr = &c.words
	c.cmd.SysProcAttr = alone()
	c.cmd.Env = environment()
	c.cmd.Cancel = func() error { return killGroup(c.cmd.Process.Pid) }
	c.cmd.WaitDelay = time.Second // what it started may hold its output open
	err := set(c.cmd)
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	go func() {
		_ = c.cmd.Wait() // its state tells
		close(c.ended)
	}()
	return c, nil
}

// status is how it ended, once it has: -1 for a signal.
func (c *child) status() int { return c.cmd.ProcessState.ExitCode() }

// environment is that of this process without a program that asks for passwords:
// nobody would see what it asks for.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "SSH_ASKPASS") })
	return append(env, "SSH_ASKPASS_REQUIRE=never")
}

// tail keeps the end of what is written to it. It may be read meanwhile.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// tailBytes is enough for the warning about a changed host key, which is long.
const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[max(0, len(p)-tailBytes):]...)
	if over := len(t.text) - tailBytes; over > 0 {
		t.text = slices.Delete(t.text, 0, over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// lastLine is the last line of a text with letters in it, fit to be shown: only what
// prints, and cut.
func lastLine(text string) string {
	const widest = 200
	for _, line := range slices.Backward(bytes.Split([]byte(text), []byte("\n"))) {
		clean := strings.TrimSpace(strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				return -1
			}
			return r
		}, string(line)))
		if runes := []rune(clean); len(runes) > widest {
			clean = string(runes[:widest]) + "..."
		}
		if clean != "" {
			return clean
		}
	}
	return ""
}

// notStarted is why a child could not be started.
func notStarted(err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return &trouble{text: "no ssh on this machine: install openssh-client", slow: true}
	}
	return &trouble{text: "start ssh: " + err.Error()}
}
