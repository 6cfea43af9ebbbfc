package lab

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// What a page reads from the folders of runs, beside what the feed brings.

// billMsg brings what the runs have taken.
type billMsg struct {
	experiment string
	version    int
	cost       report.Cost
	err        error
	took       float64 // seconds
}

// A page waits this many seconds before it reads costs again, and with whatever it
// reads so many times as long as the last reading took: that is a hundredth of a
// core at most.
const patience, restful = 3, 100

// ask reads the costs if anything changed, and the last time is long enough ago.
func (f *forecast) ask(now float64) tea.Cmd {
	s := f.study
	if s.plan == nil || s.site.Store == nil || f.asking || f.asked == s.version || now < f.due {
		return nil
	}
	f.asking, f.now = true, now
	version, plan, slots, records, uses := s.version, s.plan, s.site.Slots, slices.Collect(maps.Values(s.records)), &f.uses
	return func() tea.Msg {
		began := time.Now()
		cost, err := report.ReadCost(plan, records, slots, uses)
		return billMsg{plan.Experiment, version, cost, err, time.Since(began).Seconds()}
	}
}

// hear takes in what was read.
func (f *forecast) hear(msg billMsg) {
	if msg.experiment != f.study.name {
		return
	}
	f.asking, f.asked, f.due = false, msg.version, f.now+max(patience, restful*msg.took)
	f.known, f.spent = msg.err == nil, msg.cost
}

// hostsMsg brings the machines that runs are on.
type hostsMsg struct {
	experiment string
	hosts      map[string]string // by run
}

// askHosts reads where the runs are, if the table shows that.
func (t *runTable) askHosts() tea.Cmd {
	if t.study.site.Store == nil || !slices.Contains(t.say.extra, "host") {
		return nil
	}
	var records []store.Record
	for id, r := range t.study.records {
		if _, known := t.say.hosts[id]; !known && r.Attempt > 0 {
			records = append(records, r)
		}
	}
	if len(records) == 0 {
		return nil
	}
	name := t.study.name
	return func() tea.Msg {
		hosts := map[string]string{}
		for _, r := range records {
			var s store.Start
			_ = store.ReadRunJSON(r.Dir, r.Attempt, "start.json", &s) // one that has not begun is on none
			hosts[r.ID] = s.Host
		}
		return hostsMsg{name, hosts}
	}
}

func (t *runTable) hearHosts(msg hostsMsg) {
	if msg.experiment == t.study.name {
		maps.Copy(t.say.hosts, msg.hosts)
		t.take()
	}
}
