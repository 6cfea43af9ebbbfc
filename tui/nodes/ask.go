package nodes

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/tui/page"
)

// seldom is how often, in seconds, a store without an engine is looked at, which
// has to be read for it, and any over a thin link.
const seldom = 10

// answer is what the engine told, and the store.
type answer struct {
	to     *asker
	status engine.Status
	err    error
	speeds map[string]speed // of runs, where they were asked for; nil: they were not
}

// asker asks the engine every so often, one question at a time.
type asker struct {
	site    *page.Site
	every   float64 // seconds
	pending bool
	again   bool    // something changed since the question
	next    float64 // the earliest time, in seconds since 1970
}

// due asks if it is time to. more finds out the rest of the answer, beside the page;
// it may be nil.
func (a *asker) due(now float64, more func(*answer)) tea.Cmd {
	if a.pending || a.site.Client == nil || now < a.next {
		return nil
	}
	a.pending, a.again, a.next = true, false, now+a.every
	if a.site.Slow {
		a.next = now + seldom
	}
	client := a.site.Client
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), seldom*time.Second)
		defer cancel()
		x := answer{to: a}
		x.status, x.err = client.Status(ctx)
		if more != nil {
			more(&x)
		}
		return x
	}
}

// answered takes in that an answer came.
func (a *asker) answered(x answer, now float64) {
	a.pending = false
	if x.err == nil && !x.status.Serving && !a.again {
		a.next = now + seldom
	}
}

// changed says that a verb was carried out: the next question is due now.
func (a *asker) changed() { a.again, a.next = true, 0 }
