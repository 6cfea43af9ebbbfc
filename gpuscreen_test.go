package main

import (
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// person is somebody before a terminal on which the program runs.
type person struct {
	home
	cmd   *exec.Cmd
	keys  *os.File
	named time.Duration // from the hang of the driver until it was told
	wrote chan struct{} // has something when the screen may be another; closed when the program has ended

	mu     sync.Mutex
	screen *vt.Emulator
}

// watches starts the program on a terminal of 120x40, which answers no query.
func (h home) watches() *person {
	h.Helper()
	p := &person{home: h, cmd: h.command(), screen: vt.NewEmulator(120, 40), wrote: make(chan struct{}, 1)}
	p.cmd.Env = append(p.cmd.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1")
	keys, err := pty.StartWithSize(p.cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		h.Fatal(err)
	}
	p.keys = keys
	go func() { _, _ = io.Copy(io.Discard, p.screen) }() // what it would answer
	go p.look()
	return p
}

// look brings what the program writes to the screen, until it ends.
func (p *person) look() {
	defer close(p.wrote)
	buf := make([]byte, 1<<16)
	for {
		n, err := p.keys.Read(buf)
		if err != nil {
			_ = p.cmd.Wait() // it is killed, or leaves when it is told to
			return
		}
		p.mu.Lock()
		_, _ = p.screen.Write(buf[:n])
		p.mu.Unlock()
		select {
		case p.wrote <- struct{}{}:
		default:
		}
	}
}

func (p *person) shown() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.String()
}

// sees waits until a text is on the screen.
func (p *person) sees(text string) {
	p.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !strings.Contains(p.shown(), text) {
		select {
		case _, on := <-p.wrote:
			if !on {
				p.Fatalf("the program ended before it showed %q:\n%s", text, p.shown())
			}
		case <-deadline.C:
			p.Fatalf("it never shows %q:\n%s", text, p.shown())
		}
	}
}

func (p *person) presses(keys string) {
	p.Helper()
	if _, err := io.WriteString(p.keys, keys); err != nil {
		p.Fatal(err)
	}
}

// leaves ends the program by its key, and wants it to go.
func (p *person) leaves() {
	p.Helper()
	p.presses("\x03")
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for on := true; on; {
		select {
		case _, on = <-p.wrote:
		case <-deadline.C:
			p.Fatalf("it does not leave:\n%s", p.shown())
		}
	}
	_ = p.keys.Close()
}

// hangs is a person before the GPUs page of a machine with eight GPUs whose driver does
// not come back from a call any more.
func hangs(h home, library string) *person {
	h.Helper()
	p := h.watches()
	p.sees("H20")
	p.presses("D")
	p.sees("› 0")
	began := time.Now()
	gputest.Put(h, library, gputest.H20(8)+"block GetPowerUsage\n")
	p.sees(gpu.ErrNotAnswering.Error())
	p.named = time.Since(began)
	p.sees("GPU ! not answering")
	return p
}

// While a call into the driver does not return the page says so, keys do what they do,
// and leaving leaves nothing behind: the program, its child, the driver's library.
func TestKeysWhileDriverHangs(t *testing.T) {
	t.Parallel()
	h, library := withDriver(t, gputest.H20(8))
	p := hangs(h, library)
	for _, step := range []struct{ keys, sees string }{
		{"j", "› 1"},
		{"G", "› 7"},
		{"k", "› 6"},
		{"z", "─ GPU 6 "},
		{"z", "› 6"},
		{"?", "here: gpus"},
		{"?", "› 6"},
	} {
		p.presses(step.keys)
		p.sees(step.sees)
	}
	readers := childrenOf(t, p.cmd.Process.Pid)
	if len(readers) != 1 {
		t.Errorf("%d processes read the GPUs, want 1", len(readers))
	}
	p.leaves()
	for _, pid := range readers {
		h.eventually("the reader of the GPUs has ended", func() bool { return gone(pid) })
	}
}

// gone reports whether a process has ended, also if nobody asked yet how.
func gone(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(string(out), "Z")
}

// BenchmarkKeyWhileDriverHangs is the time from a key to the changed screen on the GPUs
// page, at the other end of the terminal, while the driver answers and while it hangs;
// and how long it takes until that is told.
func BenchmarkKeyWhileDriverHangs(b *testing.B) {
	program := built(b)
	for _, hang := range []bool{false, true} {
		name := "answers"
		if hang {
			name = "hangs"
		}
		b.Run(name, func(b *testing.B) {
			h, library := withDriver(b, gputest.H20(8))
			h.program = program
			quiet(b, library)
			var p *person
			if hang {
				p = hangs(h, library)
			} else {
				p = h.watches()
				p.sees("H20")
				p.presses("D")
				p.sees("› 0")
			}
			r := rand.New(rand.NewPCG(1, 1))
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				<-time.After(time.Duration(40+r.IntN(40)) * time.Millisecond)
				began := time.Now()
				p.presses([]string{"j", "k"}[i%2])
				p.sees([]string{"› 1", "› 0"}[i%2])
				took = append(took, time.Since(began))
			}
			p.leaves()
			if hang {
				b.ReportMetric(p.named.Seconds(), "s-named")
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
			b.ReportMetric(0, "ns/op")
		})
	}
}
