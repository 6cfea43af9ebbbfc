package run

import (
	"fmt"
	"math"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// chart draws one of the two charts.
func (p *Page) chart(l look.Look, i, w, h int) []string {
	return p.plots[i].View(l, w, h, p.marked(i, w, p.line(i, p.focused(i))))
}

// focused reports whether the keys steer chart i.
func (p *Page) focused(i int) bool { return p.focus == paneLeft+pane(i) }

// line is what chart i shows.
func (p *Page) line(i int, focused bool) chart.Line {
	name := p.curves.names[i]
	title := look.Harmless(name)
	if name == "" {
		title = [...]string{"loss", "objective"}[i]
	}
	if focused {
		title = "▸ " + title
	}
	if p.places.other {
		title += fmt.Sprintf("  %d of 2", i+1)
	}
	line := chart.Line{
		Title: title, Empty: p.noPoints(name), X: p.axis(), Y: chart.Axis{Rate: rate(name), Zero: rate(name), Width: 5},
	}
	if metric := p.ofGPUs(name); metric >= 0 {
		return p.gpus.line(&p.curves, i, metric, line)
	}
	q := p.curves.shown
	if q == nil || q.names[i] != name {
		if q != nil && p.curves.busy {
			line.Empty = "reading the points"
		}
		return line
	}
	c := &q.curves[i]
	if c.data.Len() == 0 {
		return line
	}
	const few = 20
	line.Series = []chart.Series{{
		Data: &c.data, Ghosts: c.ghosts, Color: chart.Categorical(i), Goal: p.goal(name), Points: c.data.Len() < few,
	}}
	if !p.curves.whole {
		line.Note = "reading"
	}
	return line
}

// axis is what both charts count along x, from and to the same.
func (p *Page) axis() chart.Axis {
	q := p.curves.shown
	switch {
	case q == nil:
		return chart.Axis{Label: byStep}
	case q.x == byTime, p.curves.whole && q.timed() && (p.ofGPUs(q.names[0]) >= 0 || p.ofGPUs(q.names[1]) >= 0):
		return chart.Axis{Label: "time", Unit: chart.Seconds}
	case q.x != byStep:
		return chart.Axis{Label: q.x}
	}
	if end := p.end(q.step); end > 0 {
		return chart.Axis{Label: byStep, Min: 0, Max: end}
	}
	return chart.Axis{Label: byStep, Hint: q.step}
}

// end is where the axis of steps ends for a run that has come to one; 0: there. It
// jumps rather than slides, since everything is drawn anew where it moves.
func (p *Page) end(step float64) float64 {
	const early = 8 // until this share of the steps a curve would be a sliver at the edge
	total := p.total()
	live := p.facts.record.Status.Live()
	switch {
	case total > 0 && total >= step && step*early >= total:
		return total
	case !live || step <= 0:
		return 0
	case total >= step:
		return min(round(step), total/early)
	default:
		return round(step)
	}
}

// round is the next of 1, 2 or 5 times a power of ten.
func round(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, n := range []float64{1, 2, 5} {
		if x <= n*power {
			return n * power
		}
	}
	return 10 * power
}

// noPoints says why there is no curve and what would make one.
func (p *Page) noPoints(name string) string {
	f := &p.facts
	switch _, written := f.latest[name]; {
	case f.record.ID == "" && f.err == nil:
		return "reading"
	case p.curves.err != nil:
		return look.Harmless(p.curves.err.Error())
	case f.record.Attempt == 0:
		return "it has not begun: its points come here"
	case p.curves.busy || !p.curves.whole:
		return "reading the points"
	case written:
		return "no number at any step"
	case !f.record.Status.Live() && len(f.latest) == 0:
		return "the run wrote no numbers"
	case !f.record.Status.Live():
		return "not written by this run: m chooses another"
	case strings.HasPrefix(name, "eval/"):
		if every := f.record.Params.Int("eval_every"); every > 0 {
			return fmt.Sprintf("no evaluation yet: one comes every %d steps", every)
		}
		return "no evaluation yet"
	default:
		return "no step yet"
	}
}

// goal is which values of a metric are the good ones.
func (p *Page) goal(name string) chart.Goal {
	if name == p.aim.Metric && p.aim.Goal == "min" {
		return chart.Lowest
	}
	switch base := name[strings.LastIndexByte(name, '/')+1:]; {
	case strings.Contains(base, "loss"), strings.Contains(base, "error"), strings.Contains(base, "perplexity"):
		return chart.Lowest
	case name == p.aim.Metric, strings.Contains(base, "@"), strings.Contains(base, "reward"), strings.Contains(base, "acc"), strings.Contains(base, "score"), base == "AC",
		base == "tokens_per_s":
		return chart.Highest
	default:
		return 0
	}
}

func rate(name string) bool {
	return strings.Contains(name, "pass@") || strings.Contains(name, "avg@") || strings.Contains(name, "/verdict/")
}

// short is a metric in a word: "loss".
func short(name string) string { return look.Harmless(report.ShortName(name)) }
