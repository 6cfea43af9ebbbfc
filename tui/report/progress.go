package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// patience is how long a run of the plan may be missing from the store while no
// other is live. The engine makes all folders before it answers, so a missing
// one was deleted, or cannot be read, which may pass.
const patience = 5 * time.Second

// retryPatience is how long a run that ended while no other is live may take to
// wait again, where its experiment says that such an end is tried again: if its
// engine was killed, too, that is for the next one, which has to be started.
const retryPatience = 10 * time.Second

// Progress follows the runs of a plan until none of them is live any more and
// writes a line whenever one of them changes its status or was evaluated. It
// returns the last look at them, a run that is missing as a lost one; ctx ends
// it early with ctx's error.
func Progress(ctx context.Context, w io.Writer, p *experiments.Plan, feed *store.Feed) ([]store.Record, error) {
	return follow(ctx, w, p, feed.Updates())
}

func follow(ctx context.Context, w io.Writer, p *experiments.Plan, updates <-chan store.Update) ([]store.Record, error) {
	l := lines{w: w, plan: p, runs: map[string]*progress{}}
	for _, run := range p.Runs() {
		l.runs[run.ID] = &progress{name: strings.TrimPrefix(run.ID, run.Experiment+"/"), history: &store.History{}, told: -1}
	}
	var giveUp <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return l.records, ctx.Err()
		case <-giveUp:
			return l.withMissing(), nil
		case u, ok := <-updates:
			if !ok && ctx.Err() != nil {
				return l.records, ctx.Err()
			}
			if !ok {
				return l.records, errors.New("follow runs: the store is not read any more")
			}
			live := l.take(u) || u.Behind
			wait := l.wait()
			switch {
			case live:
				giveUp = nil
			case wait == 0:
				return l.records, nil
			case giveUp == nil:
				giveUp = time.After(wait)
			}
		}
	}
}

type lines struct {
	w       io.Writer
	plan    *experiments.Plan
	runs    map[string]*progress
	records []store.Record // of the plan's runs, as last seen
	warned  string
}

// progress is what was last said of a run.
type progress struct {
	name    string
	status  store.Status
	history *store.History
	told    float64 // step of the last evaluation that was told, -1: none was
}

// take writes what an update brings and reports whether any run is live.
func (l *lines) take(u store.Update) (live bool) {
	if u.Err == nil {
		l.warned = ""
	} else if text := u.Err.Error(); text != l.warned {
		l.warned = text
		fmt.Fprintln(l.w, "warning:", text)
	}
	l.records = l.records[:0]
	for _, r := range u.Records {
		run := l.runs[r.ID]
		if run == nil {
			continue // of an earlier plan
		}
		if h := u.Histories[r.ID]; h != nil {
			run.history = h
		}
		if !u.Behind { // else the same run has more to tell at once
			l.tell(r, run)
		}
		l.records = append(l.records, r)
		live = live || r.Status.Live()
	}
	return live
}

// wait is how long to wait for what may come while no run is live.
func (l *lines) wait() time.Duration {
	switch {
	case slices.ContainsFunc(l.records, l.mayGoOn):
		return retryPatience
	case len(l.records) < len(l.runs):
		return patience
	default:
		return 0
	}
}

// mayGoOn reports whether a run has ended in a way that its experiment tries again.
func (l *lines) mayGoOn(r store.Record) bool {
	how := experiments.DefaultRetry
	if l.plan.Retry != nil {
		how = *l.plan.Retry
	}
	switch {
	case how.Max == 0:
		return false
	case r.Status == store.Lost:
		return slices.Contains(how.On, experiments.RetryLost) || slices.Contains(how.On, experiments.RetryNode)
	default:
		return r.Status == store.Failed && slices.Contains(how.On, experiments.RetryFailed)
	}
}

// withMissing is the last look with the runs that were not there.
func (l *lines) withMissing() []store.Record {
	for _, run := range l.plan.Runs() {
		if !slices.ContainsFunc(l.records, func(r store.Record) bool { return r.ID == run.ID }) {
			r := store.Record{Run: run, Status: store.Lost, Reason: "its folder is missing or cannot be read"}
			l.tell(r, l.runs[run.ID])
			l.records = append(l.records, r)
		}
	}
	return l.records
}

func (l *lines) tell(r store.Record, run *progress) {
	score, at := run.history.Series[l.plan.Objective.Metric], -1.0
	if score != nil && len(score.Steps) > 0 {
		at = score.Steps[len(score.Steps)-1]
	}
	if r.Status == run.status && at == run.told {
		return
	}
	run.status, run.told = r.Status, at
	text := fmt.Sprintf("%s %-8s %s", Glyph(r.Status), r.Status, run.name)
	if run.history.Last > 0 || at >= 0 {
		text += "  step " + Steps(run.history)
	}
	if name, course := courseOf(run.history); course != nil {
		v, _ := course.Last()
		text += "  " + CourseWord(name) + " " + Decimals(v)
	}
	if v, ok := score.Last(); ok {
		text += "  " + ShortName(l.plan.Objective.Metric) + " " + Decimals(v)
	}
	if eta := ETA(r, run.history); eta > 0 {
		text += "  eta " + Duration(eta)
	}
	if r.Reason != "" {
		text += "  (" + r.Reason + ")"
	}
	fmt.Fprintln(l.w, plain(text))
}

// Steps is how far a run is: "120/320", or "120" where the end is not known.
func Steps(h *store.History) string {
	if total, ok := h.Series["train/total_steps"].Last(); ok {
		return fmt.Sprintf("%d/%.0f", h.Last, total)
	}
	return fmt.Sprint(h.Last)
}

// ETA is how many seconds a live run has to go at the mean speed of its newest
// attempt, since nobody trained between two; 0 where nobody knows.
func ETA(r store.Record, h *store.History) float64 {
	total, ok := h.Series["train/total_steps"].Last()
	steps := progressOf(h)
	if !ok || r.Status != store.Running || steps == nil {
		return 0
	}
	first, last := sort.SearchFloat64s(steps.Steps, float64(h.From+1)), len(steps.Steps)-1
	if last <= first {
		return 0
	}
	perStep := (steps.Times[last] - steps.Times[first]) / (steps.Steps[last] - steps.Steps[first])
	return max(0, perStep*(total-steps.Steps[last])) // a clock may have jumped back between
}

// courses are the names that the metric of a course may have.
var courses = []string{"train/loss", "loss", "train/reward", "data/golden_error"}

// Watched are the metrics whose series tell how a run goes that is judged by the
// objective.
func Watched(objective string) []string {
	return append([]string{objective, "train/total_steps", "perf/tokens_per_s"}, courses...)
}

// CourseName is the metric by which the course of a training is followed, where
// has says which there are: its loss, by what many a trainer of the user's own
// calls it too, for reinforcement learning its reward, and where only data are
// made the share of tests that golden programs fail.
func CourseName(has func(name string) bool) string {
	for _, name := range courses {
		if has(name) {
			return name
		}
	}
	return "train/loss"
}

// CourseWord is that metric in a word: "loss", "reward" or "golden_error".
func CourseWord(metric string) string { return path.Base(metric) }

// courseIn is that metric among the last values of a run.
func courseIn(m store.Values) string {
	return CourseName(func(name string) bool { _, ok := m[name]; return ok })
}

// courseOfAll is the one that heads a table of runs.
func courseOfAll(records []store.Record) string {
	return CourseName(func(name string) bool {
		return slices.ContainsFunc(records, func(r store.Record) bool { _, ok := r.Metrics[name]; return ok })
	})
}

// courseOf is that metric of a run, and its series, nil if it wrote none.
func courseOf(h *store.History) (string, *store.Series) {
	name := CourseName(func(name string) bool { return h.Series[name] != nil })
	return name, h.Series[name]
}

// progressOf is the series whose points tell how fast the steps are: that of the
// course, which has a point a step, or where a trainer writes none the longest.
func progressOf(h *store.History) *store.Series {
	if _, s := courseOf(h); s != nil {
		return s
	}
	var longest *store.Series
	for _, name := range sortedKeys(h.Series) {
		if s := h.Series[name]; longest == nil || len(s.Steps) > len(longest.Steps) {
			longest = s
		}
	}
	return longest
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
