package runner

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// breach is a stop rule that was broken: its kind, and what happened.
type breach struct{ kind, words string }

func (b breach) String() string { return b.kind + ": " + b.words }

// rules returns a look at the points that were added. The first rule that they
// break goes to r.broken, which has room for it.
func (r *Runner) rules() func() {
	n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(r.Dir), "a")) // checkNewest has read it
	points := newRules(filepath.Dir(r.Dir), n, r.design.Stop)
	over := false
	return func() {
		if over {
			return
		}
		kind, words, err := points.look()
		if kind != "" {
			r.broken <- breach{kind, words}
		}
		if err != nil {
			r.event("alert", "stop rules are off: "+err.Error())
		}
		over = kind != "" || err != nil
	}
}

// ruled is how a trainer ended, by the stop rule that ended it or that its last
// points broke. Of those only NaN says something about an end of its own: to be no
// better for a while is no fault of a run that is done.
func (r *Runner) ruled(e store.Exit) store.Exit {
	select {
	case b := <-r.broken:
		if r.rule.kind == "" && b.kind == experiments.StopNaN && askedToEnd(r.Dir) == "" {
			r.rule = b
			r.event("rule", b.String())
		}
	default:
	}
	if r.rule.kind == "" {
		return e
	}
	e.Reason = store.RuleReason(r.rule.kind, r.rule.words)
	if e.Code == 0 {
		e.Code = 1 // 0 would say that the run is done
	}
	return e
}

// failure is why a trainer failed that was not ended by a signal. Trainers of ours
// end by themselves at the step that has no finite loss or gradient.
func (r *Runner) failure(code int) string {
	last := lastWords(r.Dir)
	if words, ok := strings.CutSuffix(last, ": "+r.NotFinite); ok && r.builtIn() {
		return store.RuleReason(experiments.StopNaN, strings.TrimPrefix(words, "ablate: "))
	}
	return fmt.Sprintf("exit code %d: %s", code, last)
}
