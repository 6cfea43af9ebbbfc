package notify

import (
	"fmt"
	"os"
	"strings"

	"ablate/experiments/store"
)

// Notices that a program can hear of: see [experiments.Notify].
const (
	noticeDone    = "done"
	noticeFailed  = "failed"
	noticeVerdict = "verdict"
	noticeStalled = "stalled"
)

// Notice is what the program of a notification reads, one JSON object on its
// standard input.
type Notice struct {
	Event      string       `json:"event"` // done, failed, verdict, stalled
	Experiment string       `json:"experiment"`
	Run        string       `json:"run"` // id; "" if it is about the experiment
	Status     store.Status `json:"status"`
	Reason     string       `json:"reason"`
	Text       string       `json:"text"` // one line for people
	Time       float64      `json:"time"`
	Host       string       `json:"host"`
	Store      string       `json:"store"`
}

// ofRun is the notice of a run that failed, is lost or stalled.
func ofRun(r store.Record) outgoing {
	n := Notice{Event: noticeFailed, Experiment: r.Experiment, Run: r.ID, Status: r.Status, Reason: r.Reason, Time: max(r.Ended, r.Started)}
	var was string
	switch r.Status {
	default:
		was = "failed"
	case store.Lost:
		was = "is lost"
	case store.Stalled:
		n.Event, n.Time, was = noticeStalled, store.Now(), "is stalled"
	}
	n.Text = fmt.Sprintf("%s %s (attempt %d): %s", r.ID, was, r.Attempt, r.Reason)
	return outgoing{Notice: n, key: fmt.Sprintf("%s %s a%d", n.Event, r.ID, r.Attempt)}
}

// ofBudget is the notice of an experiment whose runs the engine stopped because a
// budget is used up.
func ofBudget(experiment string, stop store.Asked) outgoing {
	n := Notice{Event: noticeFailed, Experiment: experiment, Status: store.Stopped, Reason: stop.Text, Time: stop.Time}
	n.Text = experiment + ": " + stop.Text
	return outgoing{Notice: n, key: noticeFailed + " " + n.Text}
}

// ofEnd are the notices of an experiment of which every run is done; none while
// one is not. The keys count attempts, so that what was run again ends again.
func ofEnd(s *store.Store, experiment string, verdict func(string) string) ([]outgoing, error) {
	p, err := s.ReadPlan(experiment)
	if err != nil {
		return nil, err
	}
	records, err := s.Records(experiment)
	if err != nil {
		return nil, err
	}
	byID := map[string]store.Record{}
	for _, r := range records {
		byID[r.ID] = r
	}
	attempts, last := 0, 0.0
	for _, run := range p.Runs() {
		r, ok := byID[run.ID]
		if !ok || r.Status != store.Done {
			return nil, nil
		}
		attempts, last = attempts+r.Attempt, max(last, r.Ended)
	}
	runs := len(p.Cells) * len(p.Seeds)
	n := Notice{
		Event: noticeDone, Experiment: experiment, Status: store.Done, Time: last,
		Text: fmt.Sprintf("%s is done: %d of %d runs", experiment, runs, runs),
	}
	key := fmt.Sprintf(" %s %s %d", experiment, p.Hash, attempts)
	all := []outgoing{{Notice: n, key: noticeDone + key}}
	if verdict != nil {
		if words := verdict(experiment); words != "" {
			n.Event, n.Text = noticeVerdict, experiment+": "+words
			all = append(all, outgoing{Notice: n, key: noticeVerdict + key})
		}
	}
	return all, nil
}

// address fills in what every notice has, and keeps its text in one line.
func (n *Notice) address(s *store.Store) {
	n.Host, _ = os.Hostname() // without one it says nothing
	n.Store = s.Dir
	n.Text = strings.Join(strings.Fields(n.Text), " ")
}
