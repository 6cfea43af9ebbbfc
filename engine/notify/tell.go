package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// farewell is how long a program may take once the engine leaves.
const farewell = 2 * time.Second

// tell runs the program with the notice on its standard input, and returns what it
// said. One that takes longer than patience is killed with all that it started.
func tell(ctx context.Context, h hearer, n Notice, patience time.Duration) (said string, err error) {
	text, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("write notice: %w", err)
	}
	cmd := exec.Command(h.Argv[0], h.Argv[1:]...) //nolint:noctx // it is killed with its group
	cmd.Dir = h.Workdir
	cmd.Stdin = bytes.NewReader(append(text, '\n'))
	var out excerpt
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // what it leaves behind may hold its output
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start program: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	leaving := ctx.Done()
	for {
		select {
		case err := <-ended:
			if errors.Is(err, exec.ErrWaitDelay) {
				err = nil
			}
			return out.String(), err
		case <-leaving:
			leaving = nil
			enough.Reset(min(patience, farewell))
		case <-enough.C:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended just now
			<-ended                                             //nolint:errcheck // it was killed
			return out.String(), fmt.Errorf("%s took longer than it may and was killed", h.Argv[0])
		}
	}
}

// excerpt keeps the beginning of what is written to it.
type excerpt struct{ b bytes.Buffer }

func (e *excerpt) Write(p []byte) (int, error) {
	const room = 2 << 10
	e.b.Write(p[:min(len(p), max(0, room-e.b.Len()))])
	return len(p), nil
}

func (e *excerpt) String() string { return strings.TrimSpace(e.b.String()) }
