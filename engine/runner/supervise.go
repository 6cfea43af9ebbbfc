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

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// supervise waits for the trainer, watches the attempt, and ends it on a signal or
// by a stop rule: TERM, and KILL after the grace time. Nobody else has to live for
// that.
func (r *Runner) supervise(cmd *exec.Cmd, signals <-chan os.Signal) store.Exit {
	ctx, cancel := context.WithCancel(context.Background())
	watched, broken := make(chan struct{}), make(chan breach, 1)
	go func() {
		defer close(watched)
		r.watch(ctx, cmd.Process.Pid, broken)
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	group := -cmd.Process.Pid
	end := r.askedToEnd() != "" // the engine cannot have known whom to signal; from here on it can
	var rule breach
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
		case b := <-broken:
			if !end {
				rule, end = b, true
				r.event("rule", b.String())
			}
		case <-kill:
			r.signal(group, syscall.SIGKILL)
		case err := <-ended:
			cancel()
			<-watched
			if rule.kind == "" {
				rule = r.ruleAtEnd(broken)
			}
			return r.outcome(cmd, err, group, rule)
		}
	}
}

// breach is a stop rule that was broken: its kind, and what happened.
type breach struct{ kind, words string }

func (b breach) String() string { return b.kind + ": " + b.words }

// ruleAtEnd is the rule that the last points of a trainer broke that ended by
// itself. Only NaN says something about such an end: to be no better for a while
// is no fault of a run that is done.
func (r *Runner) ruleAtEnd(broken <-chan breach) breach {
	select {
	case b := <-broken:
		if b.kind == experiments.StopNaN && r.askedToEnd() == "" {
			r.event("rule", b.String())
			return b
		}
	default:
	}
	return breach{}
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
func (r *Runner) outcome(cmd *exec.Cmd, waited error, group int, rule breach) store.Exit {
	e := store.Exit{Code: cmd.ProcessState.ExitCode()}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = unix.SignalName(ws.Signal())
		e.Reason = fmt.Sprintf("ended by signal %d (%s)", ws.Signal(), e.Signal)
	} else if waited != nil {
		e.Reason = r.failure(e.Code)
	}
	asked := r.askedToEnd()
	switch {
	case rule.kind != "":
		e.Reason = rulePrefix + rule.String()
		if e.Code == 0 {
			e.Code = 1 // 0 would say that the run is done
		}
	case asked != "" && (waited != nil || !r.hasResult()):
		// Many trainers exit with 0 on TERM: only a result says that one was done.
		e.Reason = string(asked)
	}
	reapOrphans(cmd.Process.Pid)
	if left := orphans(); len(left) > 0 {
		r.event("alert", fmt.Sprintf("the trainer left processes behind: %v", left))
	} else if syscall.Kill(group, 0) == nil {
		r.event("alert", fmt.Sprintf("the trainer left processes behind: %v", store.Holders(store.LockFile(filepath.Dir(r.Dir)))))
	}
	return e
}

// rulePrefix begins the reason of a run that a stop rule ended.
const rulePrefix = "rule "

// failure is why a trainer failed that was not ended by a signal. Trainers of ours
// end by themselves at the step that has no finite loss or gradient.
func (r *Runner) failure(code int) string {
	last := r.lastWords()
	if words, ok := strings.CutSuffix(last, ": "+lm.ErrNotFinite.Error()); ok && r.builtIn() {
		return rulePrefix + breach{experiments.StopNaN, strings.TrimPrefix(words, "ablate: ")}.String()
	}
	return fmt.Sprintf("exit code %d: %s", code, last)
}

func (r *Runner) hasResult() bool {
	_, err := os.Stat(filepath.Join(r.Dir, "result.json"))
	return err == nil
}

// askedToEnd is what the run is to be once its attempt has ended: store.Stopped or
// store.Paused, by the last thing that was asked of it; "" if that was to run.
func (r *Runner) askedToEnd() store.Status {
	asked, err := store.ReadAsked(filepath.Dir(r.Dir))
	if err != nil || len(asked) == 0 {
		return ""
	}
	return map[string]store.Status{"stop": store.Stopped, "pause": store.Paused}[asked[len(asked)-1].Verb]
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
