package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/reference"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/report"
)

// verdict is what the runs say so far, as the statistics have it, and what was
// published on the same question. Reading single tasks takes a while, so that is
// done beside, and again when more runs are done.
type verdict struct {
	study  *study
	grid   *grid
	said   []report.Standing
	err    error
	read   bool
	of     evidence // what was read
	asking bool
	now    float64 // as of the last tick
	due    float64 // when it may be read again
}

// evidence is what a verdict depends on.
type evidence struct {
	plan        string
	done, marks int
}

// verdictMsg brings the standings that were read, and which places of the matrix may
// be the best.
type verdictMsg struct {
	experiment string
	of         evidence
	said       []report.Standing
	near       *nearBest // nil: the matrix has none
	err        error
	took       float64 // seconds
}

// ask reads the standings if there is more to them than was read.
func (v *verdict) ask() tea.Cmd {
	s := v.study
	if s.plan == nil || s.site.Store == nil || v.asking || v.now < v.due {
		return nil
	}
	now := evidence{plan: s.plan.Hash, marks: s.marks.Len()}
	for id, r := range s.records {
		if r.Status == store.Done && s.planned(id) {
			now.done++
		}
	}
	near := v.grid.unread(now)
	if v.read && now == v.of && near == nil || now.done == 0 {
		v.read = v.read && now.done > 0
		return nil
	}
	v.asking = true
	in, plan, records := s.site.Store, s.plan, slices.Collect(maps.Values(s.records))
	said, fresh := v.said, v.read && now == v.of
	return func() tea.Msg {
		began := time.Now()
		var errs [2]error
		if !fresh {
			said, errs[0] = report.Standings(in, plan, records)
		}
		if near != nil {
			near.Contenders, errs[1] = report.BestSet(in, plan, records, near.metric, near.places)
		}
		return verdictMsg{plan.Experiment, now, said, near, errors.Join(errs[:]...), time.Since(began).Seconds()}
	}
}

// hear takes in what was read.
func (v *verdict) hear(msg verdictMsg) {
	if msg.experiment == v.study.name {
		v.asking, v.read, v.of, v.said, v.err = false, true, msg.of, msg.said, msg.err
		v.due = v.now + restful*msg.took
		v.grid.near.hear(msg.near)
	}
}

// verdictHead is the width of what stands before the lines of a verdict.
const verdictHead = 8

// verdictLine is a line of it, not painted yet.
type verdictLine struct {
	head, text string
	style      func(look.Look) look.Style
}

// view are the lines in at most h of w cells; where there is no room for all, the last
// one says so.
func (v *verdict) view(l look.Look, w, h int) []string {
	lines := v.lines(w)
	cut := len(lines) > h
	lines = lines[:min(len(lines), h)]
	out := make([]string, len(lines))
	for i, line := range lines {
		if cut && i == len(lines)-1 {
			line.text = look.Fit(line.text+" ", w-verdictHead-1)
			line.text = strings.TrimRight(line.text, " …") + " …"
		}
		out[i] = l.Bold.Render(look.Fit(line.head, verdictHead)) + line.style(l).Render(look.Fit(line.text, w-verdictHead))
	}
	return out
}

// lines are the verdict and what was published, wrapped to w cells.
func (v *verdict) lines(w int) (lines []verdictLine) {
	if w < 20 {
		return nil
	}
	add := func(head, text string, style func(look.Look) look.Style) {
		for i, t := range look.Wrap(look.Harmless(text), w-verdictHead) {
			if i > 0 {
				head = ""
			}
			lines = append(lines, verdictLine{head, t, style})
		}
	}
	muted := func(l look.Look) look.Style { return l.Muted }
	head := "so far"
	said := v.saidOrWhy()
	for i, s := range said {
		add(head, s.Line(), func(l look.Look) look.Style {
			switch {
			case s.Tone > 0:
				return l.Good
			case s.Tone < 0:
				return l.Bad
			}
			return look.Style{}
		})
		if s.Basis != "" && (i+1 == len(said) || said[i+1].Basis != s.Basis) { // one line for all of the same
			add("", s.Basis, muted)
		}
		head = ""
	}
	head = "paper"
	for _, text := range v.published() {
		add(head, text, muted)
		head = ""
	}
	return lines
}

// saidOrWhy are the standings, or why there are none yet.
func (v *verdict) saidOrWhy() []report.Standing {
	p := v.study.plan
	switch {
	case v.err != nil:
		return []report.Standing{{Claim: "the outcomes cannot be read", Words: v.err.Error(), Tone: -1}}
	case len(v.said) > 0 && v.read:
		return v.said
	case p == nil:
		return nil
	case len(p.Findings) > 0:
		out := make([]report.Standing, 0, len(p.Findings))
		words := "not run yet"
		if v.asking {
			words = "reading the outcomes"
		}
		for _, f := range p.Findings {
			out = append(out, report.Standing{Claim: report.Question(f), Words: words})
		}
		return out
	}
	return nil
}

// published are the numbers of the literature that the plan names, each with
// what its ± or its number of problems implies, its source and the number of problems behind it.
func (v *verdict) published() (lines []string) {
	if v.study.plan == nil {
		return nil
	}
	for _, name := range v.study.plan.References {
		s, ok := reference.Lookup(name)
		if !ok {
			continue
		}
		values := make([]string, len(s.Points))
		n := s.Points[0].N
		for i, p := range s.Points {
			values[i] = report.PublishedValue(p)
			if p.N != n {
				n = 0
			}
		}
		text := strings.Join(values, " · ") + " % (" + s.Cite()
		if n > 0 {
			text += fmt.Sprintf(", n = %d", n)
		}
		if _, _, _, implied := report.PublishedInterval(s.Points[0]); implied {
			text += ", 95 % from n alone"
		}
		if k := s.Samples(); n > 0 && k > 0 {
			text += fmt.Sprintf(": resolves %.1f points or more at %d samples", 100*resolved(n, k), k)
		}
		lines = append(lines, text+") "+s.Name)
	}
	return lines
}

// resolved is the least difference of two models that so many problems find in 80 of
// 100 cases, each answered so often, by the variances of problems and answers that
// benchmarks have (Miller 2024, arXiv 2411.00640).
func resolved(problems, samples int) float64 {
	const between, within = 1.0 / 9, 1.0 / 6
	k := float64(samples)
	return stats.PairedMDE(between, within, k, within, k, problems, 0.8)
}
