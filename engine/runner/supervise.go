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

// supervise waits for the trainer, watches the attempt, and ends it on a signal or
// by a stop rule: TERM, and KILL after the grace time. Nobody else has to live for
// that.
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
	end := askedToEnd(r.Dir) != "" // the engine cannot have known whom to signal; from here on it can
	taken := r.taken(ctx)
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
		case <-taken:
			taken, end = nil, true
		case <-kill:
			r.signal(group, syscall.SIGKILL)
		case b := <-r.broken:
			if !end {
				r.rule, end = b, true
				r.event("rule", b.String())
			}
		case err := <-ended:
			if err != nil && kill == nil {
				r.readOnce()
			}
			cancel()
			<-watched
			return r.ruled(r.outcome(cmd, err, group, kill != nil))
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

// outcome turns the trainer's end into the record of it; told says that it was told
// to end.
func (r *Runner) outcome(cmd *exec.Cmd, waited error, group int, told bool) store.Exit {
	e := store.Exit{Code: cmd.ProcessState.ExitCode()}
	if r.builtIn() && hasResult(r.Dir) {
		e.Code, waited = 0, nil // our trainers' last write: what ended this one came too late
	} else if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = unix.SignalName(ws.Signal())
		e.Reason = fmt.Sprintf("ended by signal %d (%s)", ws.Signal(), e.Signal)
	} else if waited != nil {
		e.Reason = r.failure(e.Code)
	}
	if e.Reason != "" && !told {
		e.Reason += r.used.blame(r.began)
	}
	// Many trainers exit with 0 on TERM: only a result says that one was done. One
	// that was not told yet ended by itself, as if nobody had asked.
	asked, err := store.LastAsked(filepath.Dir(r.Dir))
	if ends := asked.Ends(); err == nil && ends != "" && (waited != nil || told && !hasResult(r.Dir)) {
		e.Reason = string(ends)
	}
	if left := r.leftBehind(cmd.Process.Pid, group, soonGone); len(left) > 0 {
		r.event("alert", fmt.Sprintf("the trainer left processes behind: %v", left))
	}
	return e
}

func hasResult(attempt string) bool {
	_, err := os.Stat(filepath.Join(attempt, "result.json"))
	return err == nil
}

// askedToEnd is what the run was asked last to end as, Stopped or Paused; "" if it
// is to go on or to stand still.
func askedToEnd(attempt string) store.Status {
	asked, err := store.LastAsked(filepath.Dir(attempt))
	if err != nil || asked.Halted {
		return ""
	}
	return asked.Ends()
}

// longestWords bounds what is kept of a last line.
const longestWords = 300

// lastWords is the last line of the trainer's output: most programs say there
// why they gave up.
func lastWords(attempt string) string {
	words := "it left no word in out.log"
	if lines, err := store.LastLines(filepath.Join(attempt, "out.log"), 1); err == nil && len(lines) > 0 {
		words = printable(lines[0], longestWords)
	}
	if full := store.NoRoom(attempt); full != nil && !strings.Contains(words, full.Error()) {
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
