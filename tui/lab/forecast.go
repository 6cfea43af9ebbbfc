package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// forecast is how far an experiment is, when it will be there, and what it takes.
// Only what the plan has counts: runs of earlier designs are other work, and
// nobody waits for them.
type forecast struct {
	study *study
	made  int // version of the study
	slots int

	tally              map[store.Status]int // of the plan's runs
	older              map[store.Status]int // of others
	of                 int                  // the plan's runs
	hidden, distrusted int
	eta                float64 // seconds until the last one ends; 0 where nobody knows
	left               float64 // seconds of all runs together; 0 likewise

	spent  report.Cost // as last read
	known  bool        // it was
	asked  int         // version for which it was asked
	asking bool
	uses   report.Uses // only a Cmd touches it, one at a time
	now    float64     // when it was asked
	due    float64     // when it may be asked again
}

// make counts anew if the study has changed.
func (f *forecast) make() {
	if f.made == f.study.version && f.slots == f.study.site.Slots {
		return
	}
	f.made, f.slots = f.study.version, f.study.site.Slots
	f.tally, f.older, f.of = map[store.Status]int{}, map[store.Status]int{}, len(f.study.runs)
	f.hidden, f.distrusted = 0, 0
	for _, state := range f.study.states {
		if state.Hidden {
			f.hidden++
		}
		if state.Distrusted != nil {
			f.distrusted++
		}
	}
	for id, r := range f.study.records {
		if f.study.planned(id) {
			f.tally[r.Status]++
		} else {
			f.older[r.Status]++
		}
	}
	f.eta, f.left = f.makespan()
}

// makespan is how many seconds the experiment has to go on its slots, its waiting
// runs in the order of the table, and how many its runs have together. 0 where
// nobody knows.
func (f *forecast) makespan() (seconds, left float64) {
	pace := f.pace()
	var going, waiting []float64
	for _, id := range f.study.rows {
		if !f.study.planned(id) {
			continue
		}
		switch r := f.study.records[id]; r.Status {
		case store.Queued:
			waiting = append(waiting, pace*f.work(id))
		case store.Running:
			left := report.ETA(r, f.study.history(id))
			if left == 0 { // its own speed is not known yet, or it is at its end
				left = pace * f.work(id) * (1 - f.study.share(id))
			}
			going = append(going, max(left, 0))
		default: // it ended, or nobody knows when it goes on
		}
	}
	for _, t := range slices.Concat(going, waiting) {
		left += t
	}
	return report.Makespan(going, waiting, f.slots), left
}

// pace is how many seconds a unit of work has taken so far, 0 where nobody knows.
func (f *forecast) pace() float64 {
	var work, seconds float64
	for id, r := range f.study.records {
		if !f.study.planned(id) {
			continue
		}
		if made := f.madeNow(id, r); made > 0 {
			work, seconds = work+made*f.work(id), seconds+r.Seconds-r.Before
		}
	}
	if work == 0 {
		return 0
	}
	return seconds / work
}

// madeNow is what part of a run its newest attempt has made: earlier ones may have
// made the same, or none of what counts.
func (f *forecast) madeNow(id string, r store.Record) float64 {
	switch {
	case r.Status == store.Done:
		return 1 - f.study.resumed(id)
	case r.Status == store.Running && f.study.history(id).Attempt == r.Attempt:
		return f.study.share(id) - f.study.resumed(id)
	default:
		return 0
	}
}

// work is what a run takes, in the plan's measure; all the same where the recipe
// cannot say.
func (f *forecast) work(id string) float64 {
	if i := f.study.cellOf(id); i < len(f.study.plan.FLOPs) {
		return f.study.plan.FLOPs[i]
	}
	return 1
}

// resumed is the share of its steps that a run had made when its newest attempt
// went on from there.
func (s *study) resumed(id string) float64 {
	h := s.history(id)
	if total, ok := h.Series["train/total_steps"].Last(); ok && total > 0 {
		return float64(h.From) / total
	}
	return 0
}

// share is the share of its steps that a run has made.
func (s *study) share(id string) float64 {
	h := s.history(id)
	if total, ok := h.Series["train/total_steps"].Last(); ok && total > 0 {
		return float64(h.Last) / total
	}
	return 0
}

// etaOf is how many seconds a run has to go; 0 where nobody knows.
func (s *study) etaOf(id string) float64 { return report.ETA(s.records[id], s.history(id)) }

// state is how the experiment stands, in parts for the first line.
func (f *forecast) state(l look.Look) (parts []string) {
	f.make()
	running := f.tally[store.Running] + f.tally[store.Stalled] + f.older[store.Running] + f.older[store.Stalled]
	if running > 0 {
		parts = append(parts, l.Accent.Render(fmt.Sprintf("● %d running", running)))
	}
	if waits := f.study.site.Waits; waits != "" && running == 0 {
		parts = append(parts, l.Muted.Render("◌ "+waits))
	}
	for _, s := range []store.Status{store.Failed, store.Lost} {
		if n := f.tally[s]; n > 0 {
			parts = append(parts, l.Bad.Render(fmt.Sprintf("%s %d %s", report.Glyph(s), n, s)))
		}
	}
	for _, s := range []store.Status{store.Paused, store.Stopped} {
		if n := f.tally[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", report.Glyph(s), n, s))
		}
	}
	parts = append(parts, fmt.Sprintf("%d/%d done", f.tally[store.Done], f.of))
	if f.eta > 0 {
		parts = append(parts, "eta "+report.Duration(f.eta))
	}
	return parts
}

// line is how far it is and what it takes, for a line of w cells: what does not
// fit goes from the end.
func (f *forecast) line(l look.Look, w int) string {
	f.make()
	const bar = 12
	done := f.tally[store.Done]
	share := 0.0
	if f.of > 0 {
		share = float64(done) / float64(f.of)
	}
	text := " " + l.Accent.Render(chart.Bar(share, bar, l.Chart.Glyphs))
	for _, part := range f.parts() {
		next := text + l.Muted.Render("  "+part)
		if look.Width(next) > w {
			break
		}
		text = next
	}
	return look.Fit(text, w)
}

// parts are the costs and what else there is to know, the most important first.
func (f *forecast) parts() (parts []string) {
	if text := tally(f.tally); text != "" {
		parts = append(parts, text)
	}
	if f.known {
		parts = append(parts, f.cost()...)
	}
	if f.hidden > 0 {
		parts = append(parts, fmt.Sprintf("%d hidden", f.hidden))
	}
	if f.distrusted > 0 {
		parts = append(parts, fmt.Sprintf("! %d distrusted, in no mean", f.distrusted))
	}
	if older := tally(f.older); older != "" {
		parts = append(parts, "earlier designs "+older)
	}
	return parts
}

// tally counts runs by status in words.
func tally(of map[store.Status]int) string {
	var words []string
	for _, s := range statuses {
		if n := of[s]; n > 0 {
			words = append(words, fmt.Sprintf("%s %d %s", report.Glyph(s), n, s))
		}
	}
	return strings.Join(words, " ")
}

// cost is what was spent and what is to come, and how that stands to the limits.
func (f *forecast) cost() (parts []string) {
	c := f.spent
	if c.Wall > 0 {
		parts = append(parts, report.Duration(c.Wall)+" so far")
	}
	spent, of := c.CoreHours, "core"
	if c.GPUHours > 0 || f.study.plan != nil && f.study.plan.GPUs > 0 {
		spent, of = c.GPUHours, "GPU"
	}
	if text := amounts(spent, f.toCome(), of); text != "" {
		parts = append(parts, text)
	}
	if text := c.Use.Energy(); text != "" {
		parts = append(parts, text)
	}
	parts = append(parts, c.Limits...)
	if text := c.Use.Gain(); text != "" {
		parts = append(parts, text)
	}
	return parts
}

// amounts are hours that were spent and that are to come, NaN where nobody knows, in
// a unit that suits the greater; "" where there is nothing to say.
func amounts(spent, left float64, of string) string {
	unit, n := "hours", 1.0
	switch most := max(spent, left); {
	case math.IsNaN(most):
		if spent == 0 {
			return ""
		}
		text := amounts(spent, 0, of)
		return text + ", what is to come is not known"
	case most < 1.0/60:
		unit, n = "seconds", 3600
	case most < 0.1:
		unit, n = "minutes", 60
	}
	text := fmt.Sprintf("%.3g %s-%s", spent*n, of, unit)
	switch {
	case left > 0 && spent == 0:
		return fmt.Sprintf("about %.3g %s-%s to come", left*n, of, unit)
	case left > 0:
		return fmt.Sprintf("%s, about %.3g to come", text, left*n)
	case spent == 0:
		return ""
	}
	return text
}

// toCome is how many hours of GPUs, or else of cores, are still to be spent: on
// runs that go and wait by their own speed where that is known; NaN: nobody knows.
func (f *forecast) toCome() float64 {
	seconds := 0.0
	for id := range f.study.runs {
		seconds += f.study.records[id].Seconds
	}
	switch {
	case f.tally[store.Done] == f.of: // whatever was read when some were not
		return 0
	case f.left == 0 || seconds == 0:
		return f.spent.ToCome
	case f.study.plan.GPUs > 0:
		return f.left / 3600 * float64(f.study.plan.GPUs)
	}
	return f.left / seconds * f.spent.CoreHours
}
