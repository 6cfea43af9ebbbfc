package run

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// stages are the phases of the newest attempt, those that are to come among them.
func (p *Page) stages() []chart.Phase {
	f := &p.facts
	var out []chart.Phase
	var began []float64
	for _, e := range f.events {
		if e.Kind == "phase" {
			out, began = append(out, chart.Phase{Name: phaseName(e.Text)}), append(began, e.Time)
		}
	}
	if len(out) == 0 && f.record.Started > 0 && p.command() {
		out, began = append(out, chart.Phase{Name: "command"}), append(began, f.record.Started)
	}
	end := f.record.Ended
	if end == 0 {
		end = p.now
	}
	for i := range out {
		to := end
		if i+1 < len(out) {
			to = began[i+1]
		}
		out[i].State, out[i].Seconds, out[i].Share = chart.Finished, max(to-began[i], 0), math.NaN()
	}
	if n := len(out); n > 0 {
		p.last(&out[n-1])
	}
	out = slices.DeleteFunc(out, func(x chart.Phase) bool { return x.Name == "save" && x.State == chart.Finished && x.Seconds < 1 })
	return append(out, p.toCome(out)...)
}

// last says how far the newest phase is.
func (p *Page) last(x *chart.Phase) {
	switch r := p.facts.record; {
	case r.Status == store.Failed || r.Status == store.Lost:
		x.State = chart.Broken
	case r.Status == store.Running || r.Status == store.Stalled || r.Status == store.Paused && r.Ended == 0:
		x.State = chart.Going
		if total := p.total(); total > 0 && (x.Name == "sft" || x.Name == "grpo" || x.Name == "command") {
			step := p.curves.shown.step
			x.Share, x.Note = step/total, fmt.Sprintf("%.0f/%.0f", step, total)
		}
	}
}

// toCome are the stages of the recipe that have not begun.
func (p *Page) toCome(seen []chart.Phase) (out []chart.Phase) {
	r := p.facts.record
	state := chart.Waiting
	if !r.Status.Live() && r.Status != store.Paused {
		state = chart.Skipped
	}
	for stage := range strings.SplitSeq(r.Recipe, "+") {
		if stage == "" || p.command() || slices.ContainsFunc(seen, func(x chart.Phase) bool { return x.Name == stage }) {
			continue
		}
		if r.Status == store.Done { // it had none: a stage of 0 steps
			continue
		}
		out = append(out, chart.Phase{Name: stage, State: state, Seconds: math.NaN(), Share: math.NaN()})
	}
	return out
}

// command reports whether the run is one of the user's own program.
func (p *Page) command() bool { return p.facts.record.Recipe == experiments.Command }

// phaseName is a phase in a word or two: "sft (shared stage 5a5c)" is "sft".
func phaseName(text string) string {
	if head, _, cut := strings.Cut(text, " ("); cut {
		text = head
	}
	for _, long := range []string{"resume", "wait", "begin anew"} {
		if strings.HasPrefix(text, long) {
			return long
		}
	}
	const longest = 16
	return strings.TrimSpace(look.Fit(text, min(longest, look.Width(text))))
}

// phaseLine is the time line of the run.
func (p *Page) phaseLine(l look.Look, w int) string {
	stages := p.stages()
	if len(stages) == 0 {
		return look.Fit(" "+l.Muted.Render(p.waiting()), w)
	}
	return " " + chart.Phases(stages, max(w-1, 0), l.Chart)
}

// waiting says why a run has not begun, or what is known of it at all.
func (p *Page) waiting() string {
	f := &p.facts
	switch r := f.record; {
	case f.err != nil && r.ID == "":
		return "this run is not in the store"
	case r.ID == "":
		return "reading"
	case r.Status == store.Queued && r.Reason != "":
		return "it waits: " + look.Harmless(r.Reason)
	case r.Status == store.Queued && p.queued != "":
		return "it waits: " + p.queued
	case r.Status == store.Queued && p.site.Waits != "":
		return "it waits: " + look.Harmless(p.site.Waits)
	case r.Status == store.Queued && r.Attempt > 0:
		return "it is being started"
	case r.Status == store.Queued:
		return "it waits for a slot: Q shows the queue"
	case r.Started > 0:
		return "started " + report.Moment(r.Started) + ", no phase told yet"
	default:
		return look.Harmless(r.Reason)
	}
}

// verdictLine is a bar of the verdicts of the newest evaluation.
func (p *Page) verdictLine(l look.Look, w int) (string, bool) {
	head, parts := p.judged()
	if parts == nil {
		return "", false
	}
	head = " " + head + "  "
	return l.Muted.Render(head) + chart.Stack(parts, max(w-look.Width(head), 0), l.Chart), true
}

// judged are the verdicts of the newest evaluation, and what they are; nil without one.
func (p *Page) judged() (title string, parts []chart.Part) {
	q := p.curves.shown
	if q == nil || q.names == [2]string{} {
		return "", nil
	}
	at, found := q.lastAt["eval/verdict/AC"]
	if !found {
		return "", nil
	}
	share := func(v string) float64 { return q.last["eval/verdict/"+v] }
	return fmt.Sprintf("verdicts at %.0f", at), shares(share, p.facts.record.Params.Int("eval_tasks"))
}

// rolloutLine is a bar of the verdicts of the newest rollouts, and their reward.
func (p *Page) rolloutLine(l look.Look, w int) (string, bool) {
	latest := p.facts.latest
	if _, found := latest["rl/verdict/AC"]; !found {
		return "", false
	}
	head := " rollouts  "
	if v, ok := latest["train/reward"]; ok {
		head = " rollouts  reward " + report.Decimals(v) + "  "
	}
	params := p.facts.record.Params
	share := func(v string) float64 { return latest["rl/verdict/"+v] }
	return l.Muted.Render(head) + chart.Stack(shares(share, params.Int("prompts")*params.Int("rollouts")), max(w-look.Width(head), 0), l.Chart), true
}

// shares are verdicts as counts of n, or of a hundred where n is not known.
func shares(share func(verdict string) float64, n int) []chart.Part {
	if n <= 0 {
		n = 100
	}
	var parts []chart.Part
	for _, v := range verdicts() {
		color := chart.Bad
		switch v {
		case "AC":
			color = chart.Good
		case "NC":
			color = chart.Muted
		case "TLE", "MLE":
			color = chart.Categorical(1)
		case "CE":
			color = chart.Categorical(3)
		case "RE":
			color = chart.Categorical(4)
		}
		parts = append(parts, chart.Part{Name: v, Count: int(math.Round(between(share(v), 0, 1) * float64(n))), Color: color})
	}
	return parts
}

// between keeps v in [lo, hi]; NaN becomes lo.
func between(v, lo, hi float64) float64 {
	if !(v >= lo) {
		return lo
	}
	return min(v, hi)
}
