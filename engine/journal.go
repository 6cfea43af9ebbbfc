package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"ablate/experiments/store"
)

// entry is one line of journal.jsonl: a request, before it was carried out. The
// run folders are the truth for what was asked of a run; the journal tells the
// order of things and who did them.
type entry struct {
	Time  float64  `json:"time"`
	Verb  string   `json:"verb"`
	Key   string   `json:"key"`
	By    string   `json:"by"`
	Runs  []string `json:"runs,omitempty"`  // move: in their new order
	Place string   `json:"place,omitempty"` // move: where to
	Slots int      `json:"slots,omitempty"`
	Force bool     `json:"force,omitempty"`
	GPUs  string   `json:"gpus,omitempty"` // run, retry: the only ones for them
	Text  string   `json:"text,omitempty"` // why the engine did it by itself
}

// journal is what was asked of the engines of a store, in the order of asking.
type journal struct {
	lines *store.Lines
	keys  map[string]bool // of moves and changes of slots: what else a key did stands in the run folders
	rank  map[string]int  // of runs that were to be started, by place in the queue: also of those that were since
	next  int             // a rank behind all others
}

// openJournal reads what the engines before this one were asked.
func openJournal(dir string) (*journal, error) {
	path := filepath.Join(dir, "journal.jsonl")
	j := &journal{keys: map[string]bool{}, rank: map[string]int{}}
	past := store.Tail{Path: path}
	_, err := past.Next(0, func(line []byte) {
		var e entry
		if json.Unmarshal(line, &e) == nil { // a torn line was answered by nobody
			j.replay(e)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	j.lines, err = store.AppendTo(path)
	return j, err
}

// replay does to the ranks what a request did to the queue. Runs that were
// launched since keep their place: what was moved before them was so then.
func (j *journal) replay(e entry) {
	switch e.Verb {
	case "run", "retry", "resume":
		for _, id := range e.Runs {
			j.rank[id] = j.next
			j.next++
		}
	case "move":
		j.keys[e.Key] = true
		order := make([]string, 0, len(j.rank))
		for id := range j.rank {
			order = append(order, id)
		}
		slices.SortFunc(order, func(a, b string) int { return cmp.Compare(j.rank[a], j.rank[b]) })
		after, _, err := rearranged(order, e.Runs, e.Place)
		if err != nil {
			return // it was refused
		}
		for i, id := range after {
			j.rank[id] = i
		}
		j.next = len(after)
	case "slots":
		j.keys[e.Key] = true
	}
}

// sort brings what waits into the order in which it did when the last engine was
// there. What the journal does not know is older than it: the order is that of
// asking.
func (j *journal) sort(wishes []wish) {
	rank := func(w wish) int {
		if n, ok := j.rank[w.id]; ok {
			return n
		}
		return -1
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.asked.Time, b.asked.Time), cmp.Compare(a.asked.Order, b.asked.Order))
	})
}

// done reports whether an engine before this one carried out the request.
func (j *journal) done(r Request) bool { return r.Key != "" && j.keys[r.Key] }

// record writes a request down, synced, before it is carried out.
func (j *journal) record(r Request, runs []string) error {
	err := j.lines.Append(entry{
		Time: store.Now(), Verb: r.Verb, Key: r.Key, By: r.By, Runs: runs, Place: r.Place, Slots: r.Slots, Force: r.Force, GPUs: r.GPUs, Text: r.Text,
	})
	if err != nil {
		return err
	}
	return j.lines.Sync()
}
