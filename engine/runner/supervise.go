package runner

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"

	"ablate/experiments/store"
)

// supervise waits for the trainer, watches the attempt, and ends it on a signal:
// TERM, and KILL after the grace time. Nobody else has to live for that.
func (r *Runner) supervise(cmd *exec.Cmd, signals <-chan os.Signal) store.Exit {
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.lookAfter(ctx, func(ctx context.Context) { r.watch(ctx, cmd.Process.Pid) })
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	group := -cmd.Process.Pid
	end := r.askedToStop() // the engine cannot have known whom to signal; from here on it can
	var kill <-chan time.Time
	for {
		// Once: a second TERM means "at once" to some trainers, and a second wait
		// would keep those that are deaf to it.
		if end && kill == nil {
			r.signal(group, syscall.SIGTERM)
			kill = time.After(r.Grace)
		}
		select {
		case <-signals:
			end = true
		case <-kill:
			r.signal(group, syscall.SIGKILL)
		case err := <-ended:
			cancel()
			<-watched
			return r.outcome(cmd, err, group)
		}
	}
}

// signal signals the trainer's group and writes that down. One that was halted
// goes on, or it would not hear it.
func (r *Runner) signal(group int, s syscall.Signal) {
	for _, s := range []syscall.Signal{s, syscall.SIGCONT} {
		_ = syscall.Kill(group, s) // gone already: Wait tells
	}
	r.event("signal", s.String())
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
	words := "it left no word in out.log"
	if lines, err := store.LastLines(filepath.Join(r.Dir, "out.log"), 1); err == nil && len(lines) > 0 {
		words = printable(lines[0], longestWords)
	}
	if full := store.NoRoom(r.Dir); full != nil && !strings.Contains(words, full.Error()) {
		words += "; " + full.Error() // where that left no room for a word
	}
	return words
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
