package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// crashMsg says that a Cmd has failed in a way that nobody foresaw.
type crashMsg struct{ text string }

// shield keeps what breaks from the rest.
type shield struct {
	broken   map[page.Page]string // pages that panicked, and how
	crashLog func(string) string  // writes down a panic and says where; nil: nowhere
}

// safely has a page do something. A page that panics is not asked again: what
// happened stands in its place until it is left, and the rest goes on.
func (m *Model) safely(p page.Page, do func() tea.Cmd) (cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			if m.broken == nil {
				m.broken = map[page.Page]string{}
			}
			m.broken[p] = m.crashed(r, debug.Stack())
			cmd = nil
		}
	}()
	return do()
}

// shielded is a Cmd whose panic becomes a message. What bubbletea runs one after
// the other it guards itself.
func (m *Model) shielded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = crashMsg{m.crashed(r, debug.Stack())}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = m.shielded(c)
			}
		}
		return msg
	}
}

// crashed writes down what happened and says it in a line.
func (m *Model) crashed(r any, stack []byte) string {
	text := fmt.Sprintf("%s: %v", place(stack), r)
	if m.crashLog == nil {
		return text
	}
	return text + "; more of it in " + m.crashLog(fmt.Sprintf("%v\n\n%s", r, stack))
}

// place is the first line of our own code on a panic's stack.
func place(stack []byte) string {
	_, after, _ := strings.Cut(string(stack), "panic(")
	for line := range strings.Lines(after) {
		if _, file, ok := strings.Cut(line, "/tui/"); ok && !strings.Contains(line, "/shield.go:") {
			file, _, _ = strings.Cut(file, " ")
			return "tui/" + strings.TrimSpace(file)
		}
	}
	return "tui"
}

// writeCrash writes a report of a panic into the user's cache folder, beside what
// was written there before, and returns its path, or why there is none.
func writeCrash(text string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	path := filepath.Join(dir, "ablate", "crash.log")
	err = os.MkdirAll(filepath.Dir(path), 0o700)
	if err != nil {
		return err.Error()
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s\n\n", text); err != nil {
		return err.Error()
	}
	return path
}
