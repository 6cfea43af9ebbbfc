package runner

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"

	"ablate/experiments/store"
)

// grace is the time between TERM and KILL.
const grace = 10 * time.Second

// supervise waits for the trainer, passes signals on, and watches the attempt.
func (r *Runner) supervise(cmd *exec.Cmd) store.Exit {
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(ctx, cmd.Process.Pid)
	}()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	group := -cmd.Process.Pid
	var kill <-chan time.Time
	if r.askedToStop() {
		// The engine cannot have known whom to signal. From here on it can.
		signals <- syscall.SIGTERM
	}
	for {
		select {
		case s := <-signals:
			r.event("signal", s.String())
			_ = syscall.Kill(group, syscall.SIGTERM) // gone already: Wait tells
			kill = time.After(grace)
		case <-kill:
			_ = syscall.Kill(group, syscall.SIGKILL)
		case err := <-ended:
			cancel()
			<-watched
			return r.outcome(cmd, err, group)
		}
	}
}

// outcome turns the trainer's end into the record of it.
func (r *Runner) outcome(cmd *exec.Cmd, waited error, group int) store.Exit {
	e := store.Exit{Code: cmd.ProcessState.ExitCode()}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = unix.SignalName(ws.Signal())
		e.Reason = fmt.Sprintf("ended by signal %d (%s)", ws.Signal(), e.Signal)
	} else if waited != nil {
		e.Reason = fmt.Sprintf("exit code %d: %s", e.Code, r.lastWords())
	}
	// Many trainers exit with 0 on TERM: only a result says that one was done.
	if r.askedToStop() && (waited != nil || !r.hasResult()) {
		e.Reason = string(store.Stopped)
	}
	reapOrphans(cmd.Process.Pid)
	if left := orphans(); len(left) > 0 {
		r.event("alert", fmt.Sprintf("the trainer left processes behind: %v", left))
	} else if syscall.Kill(group, 0) == nil {
		r.event("alert", "the trainer left processes behind")
	}
	return e
}

func (r *Runner) hasResult() bool {
	_, err := os.Stat(filepath.Join(r.Dir, "result.json"))
	return err == nil
}

// askedToStop reports whether the last thing asked of the run was to stop.
func (r *Runner) askedToStop() bool {
	asked, err := store.ReadAsked(filepath.Dir(r.Dir))
	return err == nil && len(asked) > 0 && asked[len(asked)-1].Verb == "stop"
}

// longestWords bounds what is kept of a last line.
const longestWords = 300

// lastWords is the last line of the trainer's output: most programs say there
// why they gave up.
func (r *Runner) lastWords() string {
	lines, err := store.LastLines(filepath.Join(r.Dir, "out.log"), 1)
	if err != nil || len(lines) == 0 {
		return "it left no word in out.log"
	}
	return printable(lines[0], longestWords)
}

// printable is a trainer's text without what moves a cursor, of at most that many
// letters.
func printable(text string, most int) string {
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, text)
	if cut := []rune(text); len(cut) > most {
		return string(cut[:most]) + " ..."
	}
	return text
}
