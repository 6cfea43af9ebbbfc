package driver

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// inChild is the variable of the environment that tells a child what it is, and where
// its mark belongs.
const inChild = "ABLATE_SAMPLING"

// longestAnswer is more than hundreds of processes on 16 GPUs take.
const longestAnswer = 16 << 20

// longestPause is the time between two looks whether the last of a process group is gone.
const longestPause = 5 * time.Second

// process is one child that was started. It leads a session and a process group: what it
// started belongs to it, and it counts to nobody's run even when the driver keeps it.
type process struct {
	cmd     *exec.Cmd
	in      *os.File
	said    head          // on its standard error
	answers chan frame    // at most one is not taken yet
	read    chan struct{} // closed after its last answer
	gone    chan struct{} // closed once nothing of it is left
	ended   error         // why; once it is gone

	asked   int       // the newest number
	pending bool      // whether its answer is still to come
	since   time.Time // when it was asked
}

// launch starts a child with nothing but its three standard files: a lock or claim
// that it kept would outlive whose it is.
func launch(program string, env []string) (*process, error) {
	in, asks, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the reader of GPUs: %w", err)
	}
	out, answers, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the reader of GPUs: %w", errors.Join(err, in.Close(), asks.Close()))
	}
	p := &process{in: asks, answers: make(chan frame, 1), read: make(chan struct{}), gone: make(chan struct{})}
	p.cmd = &exec.Cmd{
		Path: current(program), Args: []string{"ablate", "sample"}, Env: append(os.Environ(), env...),
		Stdin: in, Stdout: answers, Stderr: &p.said,
		SysProcAttr: apart(),
		WaitDelay:   time.Second,
	}
	err = p.cmd.Start()
	_, _ = in.Close(), answers.Close() // the child has them
	if err != nil {
		return nil, fmt.Errorf("start the reader of GPUs: %w", errors.Join(err, asks.Close(), out.Close()))
	}
	go p.listen(out)
	go p.reap()
	return p, nil
}

// current is the file of a program. If that is the running one, it is this build of it,
// on Linux even after another has taken its place, as it does while an interface is open.
func current(program string) string {
	const running = "/proc/self/exe"
	own, err := os.Executable()
	if err != nil || own != program {
		return program
	}
	now, err := os.Stat(running)
	if err != nil {
		return program
	}
	if there, err := os.Stat(program); err == nil && os.SameFile(there, now) {
		return program
	}
	return running
}

// listen takes in answers. What else a library may have printed is no answer, nor is
// what nobody asked.
func (p *process) listen(out io.ReadCloser) {
	defer close(p.read)
	defer out.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 0, 64<<10), longestAnswer)
	for lines.Scan() {
		var f frame
		if json.Unmarshal(lines.Bytes(), &f) != nil || f.Ask == 0 {
			continue
		}
		select {
		case p.answers <- f:
		default:
		}
	}
}

// reap waits until the child, and all that it had started, has ended.
func (p *process) reap() {
	err := p.cmd.Wait()
	for pause := 10 * time.Millisecond; !empty(p.cmd.Process.Pid); pause = min(2*pause, longestPause) {
		p.kill()
		<-time.After(pause)
	}
	p.ended = errors.New("the reader of GPUs ended")
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		p.ended = fmt.Errorf("the reader of GPUs ended: %w", err)
	}
	if said := p.said.line(); said != "" {
		p.ended = fmt.Errorf("%w: %s", p.ended, said)
	}
	_ = p.in.Close()
	select {
	case <-p.read:
	case <-time.After(time.Second): // somebody else has its standard output: it says nothing
	}
	close(p.gone)
}

// ask sends the next number, unless an older one is still to be answered.
func (p *process) ask() {
	if p.pending {
		return
	}
	p.asked, p.pending, p.since = p.asked+1, true, time.Now()
	_, _ = fmt.Fprintln(p.in, p.asked) // one who does not read has ended, which is seen
}

// kill ends it and what it started, at once or when the driver lets go of them.
func (p *process) kill() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
