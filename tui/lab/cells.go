package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// What the columns of the table say of a run, and of the runs of a cell together.

func (t *columns) status(id string) string {
	s := t.study.records[id].Status
	if s == "" {
		return "· not run"
	}
	return report.Glyph(s) + " " + string(s)
}

// paintStatus colours a status as everywhere.
func (t *columns) paintStatus(l look.Look, id, text string) string {
	return l.StatusStyle(t.study.records[id].Status).Render(text)
}

// statuses in the order in which they are counted.
var statuses = []store.Status{store.Running, store.Stalled, store.Queued, store.Failed, store.Lost, store.Paused, store.Stopped, store.Done}

func (t *columns) foldStatus(ids []string) string {
	tally := map[store.Status]int{}
	for _, id := range ids {
		tally[t.study.records[id].Status]++
	}
	var parts []string
	for _, s := range statuses {
		if n := tally[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s%d", report.Glyph(s), n))
		}
	}
	if n := tally[""]; n > 0 {
		parts = append(parts, fmt.Sprintf("·%d", n))
	}
	return strings.Join(parts, " ")
}

func (t *columns) foldDone(ids []string) string {
	n := 0
	for _, id := range ids {
		if t.study.records[id].Status == store.Done && t.study.trusted(id) {
			n++
		}
	}
	return fmt.Sprintf("%d/%d", n, len(ids))
}

func (t *columns) progress(id string) string {
	if share := t.study.share(id); share > 0 && t.study.records[id].Status != store.Queued {
		return chart.Bar(share, 8, t.glyphs)
	}
	return ""
}

func (t *columns) foldProgress(ids []string) string {
	sum := 0.0
	for _, id := range ids {
		if t.study.records[id].Status == store.Done {
			sum++
		} else if t.study.records[id].Status != store.Queued {
			sum += t.study.share(id)
		}
	}
	if sum == 0 {
		return ""
	}
	return chart.Bar(sum/float64(len(ids)), 8, t.glyphs)
}

// reached is how far a run is; nothing while it waits, whatever an earlier attempt
// did.
func (t *columns) reached(id string) string {
	h := t.study.histories[id]
	if h == nil || t.study.records[id].Status == store.Queued {
		return ""
	}
	total, ok := h.Series["train/total_steps"].Last()
	if steps := report.Steps(h); !ok || len(steps) <= 11 {
		return steps
	}
	return strings.TrimSpace(chart.Format(float64(h.Last), 5)) + "/" + strings.TrimSpace(chart.Format(total, 5))
}

// speed is in tokens a second, of what goes.
func (t *columns) speed(id string) (float64, bool) {
	if t.study.records[id].Status != store.Running {
		return 0, false
	}
	return t.study.history(id).Series["perf/tokens_per_s"].Last()
}

// time is how long a run has to go, or how long it took.
func (t *columns) time(id string) string {
	r := t.study.records[id]
	switch e := t.study.etaOf(id); {
	case e > 0:
		return "eta " + report.Duration(e)
	case r.Seconds > 0 && r.Status != store.Queued:
		return report.Duration(r.Seconds)
	}
	return ""
}

func (t *columns) foldTime(ids []string) string {
	sum := 0.0
	for _, id := range ids {
		if t.study.records[id].Status != store.Queued {
			sum += t.study.records[id].Seconds
		}
	}
	return durationOrNothing(sum)
}

func (t *columns) seconds(id string) (float64, bool) {
	r := t.study.records[id]
	return r.Seconds, r.Seconds > 0
}

func (t *columns) tags(id string) string {
	var words []string
	for _, tag := range t.study.states[id].Tags {
		words = append(words, "#"+tag)
	}
	return strings.Join(words, " ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
