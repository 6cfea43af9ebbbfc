package run

import (
	"fmt"
	"math"
	"strings"
	"time"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// mark is something that happened to the run, on the x axis of its charts.
type mark struct {
	x    float64
	text string
}

// happenings are what was wrong with the GPUs of the newest attempt, and where later
// attempts began.
func (p *Page) happenings() (list []mark) {
	q := p.curves.shown
	if q == nil {
		return nil
	}
	add := func(attempt int, at float64, text string) {
		first := at
		if len(p.gpus.all) > 0 {
			first = p.gpus.all[0].time
		}
		if x, _ := q.when(reading{attempt: attempt, time: at}, first, 0); x == x {
			list = append(list, mark{x, clockTime(at) + " " + text})
		}
	}
	for i, c := range q.clocks {
		if i > 0 && len(c.times) > 0 {
			add(c.attempt, c.times[0], fmt.Sprintf("attempt %d", c.attempt))
		}
	}
	newest := p.facts.record.Attempt
	for _, e := range p.facts.events {
		if e.Kind != "gpu" {
			continue
		}
		at := e.Time
		if n := len(q.clocks); n > 0 && q.clocks[n-1].attempt == newest && !q.timed() {
			ticks := q.clocks[n-1].times // what was before the first step or behind the last stands there
			at = min(max(at, ticks[0]), ticks[len(ticks)-1])
		}
		add(newest, at, look.Harmless(strings.TrimSpace(e.Text)))
	}
	return list
}

func clockTime(at float64) string { return time.UnixMilli(int64(at * 1000)).Format("15:04") }

// marked puts the marks on a chart of w cells; the one at the crosshair is named.
func (p *Page) marked(i, w int, line chart.Line) chart.Line {
	marks := p.happenings()
	if len(marks) == 0 || len(line.Series) == 0 {
		return line
	}
	at, crossed := p.plots[i].Cursor()
	x0, x1 := p.plots[i].Visible()
	named, near := "", (x1-x0)/math.Max(float64(w-10), 1)
	for _, m := range marks {
		line.Marks = append(line.Marks, m.x)
		if far := math.Abs(m.x - at); crossed && far <= near {
			named, near = m.text, far
		}
	}
	if room := w - look.Width(line.Title) - 4; named != "" && room > 8 {
		line.Note = strings.TrimRight(look.Fit(named, min(room, look.Width(named))), " ")
	}
	return line
}
