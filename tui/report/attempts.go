package report

import (
	"fmt"
	"io"
	"slices"

	"ablate/experiments/store"
)

// AttemptRow is one attempt of `show RUN --json`; null is what nobody knows.
type AttemptRow struct {
	Attempt int          `json:"attempt"`
	Asked   string       `json:"asked"` // run, retry or resume
	By      string       `json:"by"`    // user@host, or engine
	Host    string       `json:"host"`
	Started *float64     `json:"started"`
	Ended   *float64     `json:"ended"`
	Seconds float64      `json:"seconds"`
	Status  store.Status `json:"status"`
	Reason  string       `json:"reason"`
	Points  int          `json:"points"`
	First   *int64       `json:"first_step"`
	Last    *int64       `json:"last_step"`
}

func attemptRows(all []store.Tried) []AttemptRow {
	rows := []AttemptRow{}
	for _, t := range all {
		row := AttemptRow{
			Attempt: t.Attempt, Asked: t.Asked.Verb, By: t.Asked.By, Host: t.Host, Started: nullIfZero(t.Started), Ended: nullIfZero(t.Ended),
			Seconds: t.Seconds, Status: t.Status, Reason: t.Reason, Points: t.Points,
		}
		if t.Points > 0 {
			row.First, row.Last = &t.First, &t.Last
		}
		rows = append(rows, row)
	}
	return rows
}

// attemptsTable shows the attempts of a run.
func attemptsTable(w io.Writer, all []store.Tried) error {
	if len(all) == 0 {
		return nil
	}
	var rows [][]string
	for _, t := range all {
		steps, asked := "", t.Asked.Verb
		if t.Points > 0 {
			steps = fmt.Sprintf("%d-%d", t.First, t.Last)
		}
		if t.Asked.By != "" {
			asked += " by " + t.Asked.By
		}
		rows = append(rows, []string{
			fmt.Sprintf("  a%d", t.Attempt), Moment(t.Started), Duration(nanIfZero(t.Seconds)), steps, asked,
			Glyph(t.Status) + " " + string(t.Status), t.Reason,
		})
	}
	if _, err := fmt.Fprintln(w, "\nattempts"); err != nil {
		return err
	}
	return table(w, []string{"  attempt", "started", ">took", ">steps", "asked", "ended", "reason"}, rows)
}

// ofAttempt is the record of a run as if one of its attempts were the newest.
func ofAttempt(r store.Record, all []store.Tried, attempt int) (store.Record, error) {
	i := slices.IndexFunc(all, func(t store.Tried) bool { return t.Attempt == attempt })
	if i < 0 {
		return r, noAttempt(r, attempt)
	}
	t := all[i]
	r.Attempt, r.Status, r.Reason, r.Metrics, r.SHA256 = attempt, t.Status, t.Reason, t.Metrics, t.SHA256
	r.Started, r.Ended, r.Seconds, r.Before = t.Started, t.Ended, t.Seconds, 0
	return r, nil
}

func noAttempt(r store.Record, attempt int) error {
	if r.Attempt == 0 {
		return fmt.Errorf("find attempt %d of %s: it is %s and has none yet", attempt, r.ID, r.Status)
	}
	return fmt.Errorf("find attempt %d of %s: its newest is %d; `ablate show` lists them", attempt, r.ID, r.Attempt)
}
