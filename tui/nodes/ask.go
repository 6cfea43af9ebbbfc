package nodes

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/gpu"
	"ablate/tui/page"
)

// seldom is how often, in seconds, a store without an engine is looked at, which
// has to be read for it, and any over a thin link.
const seldom = 10

// answer is what the engine, and this machine, told.
type answer struct {
	to      *asker
	status  engine.Status
	err     error
	holders map[string]gpu.Holder // who has claimed GPUs, by UUID
	owners  map[int]gpu.Owner     // of processes that use them
}

// asker asks the engine every so often, one question at a time.
type asker struct {
	site    *page.Site
	every   float64 // seconds
	pending bool
	again   bool    // something changed since the question
	next    float64 // the earliest time, in seconds since 1970
}

// due asks if it is time to. devices are those whose holders are wanted.
func (a *asker) due(now float64, devices []gpu.Device) tea.Cmd {
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
		if len(devices) > 0 {
			uuids, pids := inUse(devices)
			x.holders, x.owners = gpu.Holders(gpu.ClaimsDir, uuids), gpu.Owners(pids)
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

// inUse are the devices by UUID and the processes on them.
func inUse(devices []gpu.Device) (uuids []string, pids []int) {
	for _, d := range devices {
		uuids = append(uuids, string(d.UUID))
		for _, p := range d.Processes {
			pids = append(pids, p.PID)
		}
	}
	return uuids, pids
}
