package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/report"
)

// patience is how long the engine has to answer.
const patience = 2 * time.Second

// queuedMsg brings what the engine says of a run that waits.
type queuedMsg struct {
	gen    int
	status engine.Status
	err    error
}

// askQueue asks the engine why the run waits, one question at a time.
func (p *Page) askQueue() tea.Cmd {
	client, gen := p.site.Client, p.gen
	if p.facts.record.Status != store.Queued {
		p.queued = ""
		return nil
	}
	if client == nil || p.asking {
		return nil
	}
	p.asking = true
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		status, err := client.Status(ctx)
		return queuedMsg{gen, status, err}
	}
}

// takeQueue takes in the engine's answer.
func (p *Page) takeQueue(msg queuedMsg) {
	p.asking = false
	if msg.gen != p.gen {
		return
	}
	p.queued = ""
	if msg.err == nil {
		p.queued = placeIn(msg.status, p.id, p.now)
	}
}

// placeIn says where a run is in the queue and what it waits for; "" where the
// engine does not say it.
func placeIn(s engine.Status, id string, now float64) string {
	i := slices.IndexFunc(s.State.Queue, func(w engine.Waiting) bool { return w.ID == id })
	if i < 0 {
		if s.Trouble != "" {
			return look.Harmless(s.Trouble)
		}
		return ""
	}
	w := s.State.Queue[i]
	text := fmt.Sprintf("%d before it in the queue", i)
	if i == 0 {
		text = "it is the next one"
	}
	if len(s.State.Runs) >= s.Slots && s.Slots > 0 {
		text += fmt.Sprintf(", all %d slots are taken", s.Slots)
	}
	if w.Lacks != "" {
		text += "; " + look.Harmless(w.Lacks)
	}
	if w.Starts != nil {
		if in := *w.Starts - now; in > 0 {
			text += "; it starts in about " + report.Duration(in)
		}
	}
	if s.Trouble != "" && (w.Lacks == "" || !engine.Busy(s.Trouble)) {
		text += "; " + look.Harmless(s.Trouble)
	}
	return text
}
