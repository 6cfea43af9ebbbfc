package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/page"
)

// onPty is the interface on a terminal of its own, which shows the bytes that come
// to it as a terminal does.
type onPty struct {
	t       testing.TB
	p       *tea.Program
	keys    *os.File // the side of the terminal that a person has
	program *os.File // the side that the program has
	screen  *display
	bytes   atomic.Int64
	blind   atomic.Bool   // what comes is counted and not shown
	wrote   chan struct{} // has something when bytes have come
	done    chan error
}

// display is what shows the bytes, for a reader and a writer at a time. What it
// answers is read beside both.
type display struct {
	mu sync.Mutex
	*vt.Emulator
}

func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Emulator.Write(b)
}

func (d *display) Resize(w, h int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Emulator.Resize(w, h)
}

func (d *display) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Emulator.String()
}

func (d *display) Render() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Emulator.Render()
}

// Close ends the answers; the emulator's own Close may not meet a reader.
func (d *display) Close() error {
	if c, ok := d.InputPipe().(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// spied is a model that says what it draws.
type spied struct{ *Model }

type askScreen struct{ to chan<- string }

func (s spied) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if ask, ok := msg.(askScreen); ok {
		ask.to <- s.Model.screen()
		return s, nil
	}
	_, cmd := s.Model.Update(msg)
	return s, cmd
}

// xterm is the environment of most terminals.
var xterm = []string{"TERM=xterm-256color", "LANG=C.UTF-8"}

// startOn shows a model on a terminal of a size. A silent one answers no query.
func startOn(t testing.TB, w, h int, environ []string, silent bool, open string) *onPty {
	t.Helper()
	m := newModel(&page.Site{File: parse(t), Slots: 2, Do: (&fakeBackend{}).do}, terminal{style: styleOf(environ)}, open)
	m.backend, m.term.env = &fakeBackend{}, environment(environ)
	keys, program, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal: %v", err)
	}
	s := &onPty{t: t, keys: keys, program: program, screen: &display{Emulator: vt.NewEmulator(w, h)}, wrote: make(chan struct{}, 1), done: make(chan error, 1)}
	s.sized(w, h)
	ctx, cancel := context.WithCancel(context.Background())
	s.p = tea.NewProgram(spied{m}, tea.WithContext(ctx), tea.WithInput(program), tea.WithOutput(newProbe(program, styleOf(environ))),
		tea.WithoutSignals(), tea.WithEnvironment(environ), tea.WithFPS(frames))
	go s.show()
	go func() { // what the terminal answers
		to := io.Writer(keys)
		if silent {
			to = io.Discard
		}
		_, _ = io.Copy(to, s.screen)
	}()
	go func() {
		_, err := s.p.Run()
		s.done <- err
	}()
	t.Cleanup(func() {
		s.p.Quit() // a program that is killed does not wait for its reader
		err := <-s.done
		cancel()
		if err != nil && !errors.Is(err, tea.ErrProgramKilled) {
			t.Error(err)
		}
		_ = errors.Join(keys.Close(), s.screen.Close()) // program's side has a reader that may come back once more
	})
	s.begun()
	s.shows("the start")
	return s
}

// begun waits until the program has asked how large the terminal is: the answer
// would overtake what a test says of it later.
func (s *onPty) begun() {
	s.t.Helper()
	for deadline := time.After(20 * time.Second); s.means() == ""; {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			s.t.Fatal("it never asked for the size of the terminal")
		}
	}
}

// show brings what the program writes to the screen.
func (s *onPty) show() {
	buf := make([]byte, 1<<16)
	for {
		n, err := s.keys.Read(buf)
		if err != nil {
			return
		}
		s.bytes.Add(int64(n))
		if !s.blind.Load() {
			_, _ = s.screen.Write(buf[:n])
		}
		select {
		case s.wrote <- struct{}{}:
		default:
		}
	}
}

func (s *onPty) sized(w, h int) {
	s.t.Helper()
	if err := pty.Setsize(s.program, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		s.t.Fatal(err)
	}
}

// resize is what happens when somebody drags the corner of the window.
func (s *onPty) resize(w, h int) {
	s.t.Helper()
	s.sized(w, h)
	s.screen.Resize(w, h)
	s.p.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// means is the screen that the model wants to be seen now.
func (s *onPty) means() string {
	to := make(chan string, 1)
	s.p.Send(askScreen{to})
	return trimmed(ansi.Strip(<-to))
}

// trimmed is a text without the blanks at the ends of its lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// shows waits until the terminal shows what the model means.
func (s *onPty) shows(after string) {
	s.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		want := s.means()
		got := trimmed(s.screen.String())
		if got == want {
			return
		}
		select {
		case <-s.wrote:
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			s.t.Fatalf("after %s the terminal shows other than is meant (-meant +shown):\n%s", after, cmp.Diff(want, got))
		}
	}
}

// settles waits until nothing comes any more, and returns how many bytes came
// since it was asked last.
func (s *onPty) settles() int64 {
	for {
		select {
		case <-s.wrote:
		case <-time.After(400 * time.Millisecond): // a busy machine draws late
			return s.bytes.Swap(0)
		}
	}
}
