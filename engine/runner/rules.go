package runner

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// defaultRules hold where an experiment writes no stop rule of its own. One that
// writes any has only those.
var defaultRules = []experiments.StopRule{{Kind: experiments.StopNaN, Metric: "train/loss"}}

// rules follow the points of a run over all its attempts. What an earlier attempt
// reached counts up to the step from which the newest goes on, and no rule fires
// for a point of an earlier one: those ended that attempt, or nobody minded.
type rules struct {
	follower store.Follower
	attempt  int // whose points may break a rule
	watches  []*ruleWatch
	past     []reading // of earlier attempts, until the first point of this one
	begun    bool
}

// reading is one value that a rule looks at.
type reading struct {
	step  int64
	watch *ruleWatch
	value float64
}

// newRules watches the run in runDir, of which this is the n-th attempt.
func newRules(runDir string, n int, list []experiments.StopRule) *rules {
	if len(list) == 0 {
		list = defaultRules
	}
	r := &rules{follower: store.Follower{Dir: runDir}, attempt: n}
	for _, rule := range list {
		r.watches = append(r.watches, &ruleWatch{StopRule: rule, other: otherName(rule.Metric)})
	}
	return r
}

// oneLook bounds what is read in one piece.
const oneLook = 4 << 20

// look reads what was added and returns the kind of the rule that it broke and
// what happened in words, both "" while none is broken.
func (r *rules) look() (kind, words string, err error) {
	for more := true; more; {
		var batches []store.Batch
		batches, more, err = r.follower.Next(oneLook)
		for _, b := range batches {
			if kind, words = r.take(b); kind != "" {
				return kind, words, nil
			}
		}
		if err != nil {
			return "", "", err
		}
	}
	return "", "", nil
}

// take takes a batch in, of the attempts in their order.
func (r *rules) take(b store.Batch) (kind, words string) {
	if len(b.Points) == 0 || b.Attempt > r.attempt {
		return "", ""
	}
	if b.Attempt < r.attempt || !r.begun {
		first := b.Points[0].Step // from here on it replaces what is before
		r.past = slices.DeleteFunc(r.past, func(s reading) bool { return s.step >= first })
	}
	if b.Attempt == r.attempt && !r.begun {
		for _, s := range r.past {
			s.watch.add(s.value)
		}
		r.begun, r.past = true, nil
	}
	for _, p := range b.Points {
		for _, w := range r.watches {
			v, ok := w.of(p.M)
			switch {
			case !ok:
			case b.Attempt < r.attempt:
				r.past = append(r.past, reading{p.Step, w, v})
			default:
				if w.add(v); w.broken() {
					return w.Kind, w.words(v, p.Step)
				}
			}
		}
	}
	return "", ""
}

// otherName is the name under which a metric may stand as well: trainers write
// some without "train/".
func otherName(metric string) string {
	short := strings.TrimPrefix(metric, "train/")
	if !slices.Contains([]string{"loss", "reward", "entropy", "kl", "grad_norm", "lr"}, short) {
		return metric
	}
	if short == metric {
		return "train/" + metric
	}
	return short
}

// ruleWatch is one stop rule and what it knows of its metric so far.
type ruleWatch struct {
	experiments.StopRule
	other string
	row   int       // points in a row on the wrong side
	last  []float64 // of a plateau: its window, higher is better
	best  float64   // of a plateau, before its window
	some  bool      // there is something before it
}

// of is the value of the rule's metric.
func (w *ruleWatch) of(m store.Values) (float64, bool) {
	if v, ok := m[w.Metric]; ok {
		return v, true
	}
	v, ok := m[w.other]
	return v, ok
}

// add takes the next value in.
func (w *ruleWatch) add(v float64) {
	wrong := false
	switch w.Kind {
	case experiments.StopNaN:
		wrong = math.IsNaN(v) || math.IsInf(v, 0)
	case experiments.StopDiverge:
		wrong = math.IsNaN(v) || v > w.Above
	case experiments.StopCollapse:
		wrong = v < w.Below
	case experiments.StopPlateau:
		w.slide(v)
	}
	if wrong {
		w.row++
	} else {
		w.row = 0
	}
}

// slide moves the window of a plateau on by one value. What is not finite is no
// improvement.
func (w *ruleWatch) slide(v float64) {
	if w.Goal == experiments.Min {
		v = -v
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = math.Inf(-1)
	}
	w.last = append(w.last, v)
	if len(w.last) <= max(1, w.Window) {
		return
	}
	if !w.some || w.last[0] > w.best {
		w.best, w.some = w.last[0], true
	}
	w.last = w.last[1:]
}

// broken reports whether the rule is broken as of the last point. A plateau needs
// something to compare its window with.
func (w *ruleWatch) broken() bool {
	if w.Kind == experiments.StopPlateau {
		return w.some && slices.Max(w.last) <= w.best+w.Above
	}
	return w.row > 0 && (w.Kind == experiments.StopNaN || w.row >= w.Window)
}

// words tell what happened: "train/loss is NaN at step 120".
func (w *ruleWatch) words(v float64, step int64) string {
	points := fmt.Sprintf("%d points in a row", w.Window)
	if w.Window <= 1 {
		points = "1 point"
	}
	switch w.Kind {
	case experiments.StopNaN:
		return fmt.Sprintf("%s is %v at step %d", w.Metric, v, step)
	case experiments.StopDiverge:
		return fmt.Sprintf("%s is %.4g at step %d, above %g for %s", w.Metric, v, step, w.Above, points)
	case experiments.StopCollapse:
		return fmt.Sprintf("%s is %.4g at step %d, below %g for %s", w.Metric, v, step, w.Below, points)
	default:
		best := w.best
		if w.Goal == experiments.Min {
			best = -best
		}
		return fmt.Sprintf("%s was %.4g and got no better than that by more than %g in %d points, to step %d", w.Metric, best, w.Above, w.Window, step)
	}
}
