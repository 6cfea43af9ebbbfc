package engine

import (
	"path/filepath"

	"ablate/experiments/store"
)

// entry is one line of journal.jsonl: a request, before it was carried out. The
// run folders are the truth for what was asked of a run; the journal tells the
// order of things and who did them.
type entry struct {
	Time float64  `json:"time"`
	Verb string   `json:"verb"`
	Key  string   `json:"key"`
	By   string   `json:"by"`
	Runs []string `json:"runs"`
}

func (e *Engine) openJournal() (err error) {
	e.journal, err = store.AppendTo(filepath.Join(e.Store.EngineDir(), "journal.jsonl"))
	return err
}

// record writes a request down, synced, before it is carried out.
func (e *Engine) record(r Request, runs []string) error {
	err := e.journal.Append(entry{Time: store.Now(), Verb: r.Verb, Key: r.Key, By: r.By, Runs: runs})
	if err != nil {
		return err
	}
	return e.journal.Sync()
}
