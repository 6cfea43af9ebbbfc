package lab

import (
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// reading is how the list learns what the runs of every experiment say: one
// experiment at a time, again when more of its runs have ended.
type reading struct {
	known  map[string]known
	asking bool
	due    float64
}

// known is what was read of an experiment.
type known struct {
	said   []report.Standing
	hidden int // runs
	of     map[store.Status]int
	read   bool
}

// listMsg brings what was read of one experiment.
type listMsg struct {
	name  string
	known known
	took  float64
}

// read reads the next experiment of which there is more to know; the one under the
// cursor comes first, then the one that was touched last.
func (p *List) read() tea.Cmd {
	if p.site.Store == nil || p.reading.asking || p.now < p.reading.due {
		return nil
	}
	next, newest := "", 0.0
	for _, s := range p.site.Summaries {
		k := p.reading.known[s.Name]
		if k.read && maps.Equal(k.of, s.Runs) {
			continue
		}
		if s.Name == p.table.Cursor() {
			next = s.Name
			break
		}
		if next == "" || s.Active > newest {
			next, newest = s.Name, s.Active
		}
	}
	if next == "" {
		return nil
	}
	p.reading.asking = true
	in, of := p.site.Store, p.rows[next].runs
	return func() tea.Msg {
		began := time.Now()
		k := known{of: of, read: true}
		plan, err := in.ReadPlan(next)
		if err != nil {
			return listMsg{next, k, time.Since(began).Seconds()}
		}
		records, _ := in.Records(next) // those that can be read; the page of the experiment says what cannot
		k.said, _ = report.Standings(in, plan, records)
		if marks, err := store.ReadMarks(in); err == nil {
			for _, r := range records {
				if marks.Of(r.ID).Hidden {
					k.hidden++
				}
			}
		}
		return listMsg{next, k, time.Since(began).Seconds()}
	}
}

// hear takes in what was read.
func (p *List) hear(msg listMsg) {
	p.reading.asking = false
	p.reading.due = p.now + restful*msg.took
	p.reading.known[msg.name] = msg.known
	p.set()
}
