package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ablate/experiments/store"
)

// outgoing is a notice on its way.
type outgoing struct {
	Notice
	key   string
	tries int
	due   time.Time
}

// toldNotice is a line of notified.jsonl.
type toldNotice struct {
	Time  float64 `json:"time"`
	Key   string  `json:"key"`
	Error string  `json:"error,omitempty"` // it was given up
}

// tellPatience is how long the program of a notification may take.
const tellPatience = 30 * time.Second

// pauses are those before another try.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute}

func (n *Notifier) serve(ctx context.Context) {
	if err := n.open(); err != nil {
		n.Log.Error("notifications", "err", err)
		n.fail(err.Error())
	}
	defer func() {
		if n.ledger != nil {
			n.ledger.Close()
		}
	}()
	stalls := time.NewTicker(stallsEvery)
	defer stalls.Stop()
	for ctx.Err() == nil { // a notice that is due must not come before the end
		next, due := -1, (<-chan time.Time)(nil)
		for i, o := range n.waiting {
			if next < 0 || o.due.Before(n.waiting[next].due) {
				next = i
			}
		}
		if next >= 0 {
			due = time.After(time.Until(n.waiting[next].due))
		}
		select {
		case <-ctx.Done():
		case x := <-n.news:
			n.look(x)
			n.busy.Add(-1)
		case <-stalls.C:
			n.lookForStalls()
		case <-due:
			n.send(ctx, next)
		}
	}
}

// open reads what was told before.
func (n *Notifier) open() error {
	path := filepath.Join(n.Store.EngineDir(), "notified.jsonl")
	tail := store.Tail{Path: path}
	_, err := tail.Next(0, func(line []byte) {
		var t toldNotice
		if json.Unmarshal(line, &t) == nil {
			n.told[t.Key] = true
		}
	})
	return err
}

// send tries one notice. One that failed too often is given up, and stands in the
// engine's status until another goes out.
func (n *Notifier) send(ctx context.Context, i int) {
	o := &n.waiting[i]
	all, err := readHearers(n.Store)
	h, ok := all[o.Experiment]
	var said string
	switch {
	case err == nil && !ok: // nobody wants to hear of it any more
		n.drop(i)
		return
	case err == nil:
		said, err = tell(ctx, h, o.Notice, tellPatience)
		n.Log.Info("notification", "key", o.key, "try", o.tries+1, "output", said, "err", err)
	}
	if ctx.Err() != nil && err != nil {
		return // the next engine tries again
	}
	if err != nil {
		n.fail(why(o.Notice, said, err))
		if o.tries < len(pauses) {
			o.due = time.Now().Add(pauses[o.tries])
			o.tries++
			return
		}
	} else {
		n.fail("")
	}
	n.writeDown(o.key, err)
	n.drop(i)
}

// why are the words for a notice that did not go out: what it was, and the last
// line that the program said.
func why(x Notice, said string, err error) string {
	text := fmt.Sprintf("%s %s: %v", cmp.Or(x.Run, x.Experiment), x.Event, err)
	if last := said[strings.LastIndexByte(said, '\n')+1:]; last != "" {
		text += ": " + last
	}
	return text
}

func (n *Notifier) drop(i int) {
	n.waiting = slices.Delete(n.waiting, i, i+1)
	n.busy.Add(-1)
}

func (n *Notifier) writeDown(key string, failed error) {
	t := toldNotice{Time: store.Now(), Key: key}
	if failed != nil {
		t.Error = failed.Error()
	}
	err := error(nil)
	if n.ledger == nil {
		n.ledger, err = store.AppendTo(filepath.Join(n.Store.EngineDir(), "notified.jsonl"))
	}
	if err == nil {
		err = errors.Join(n.ledger.Append(t), n.ledger.Sync())
	}
	if err != nil {
		n.Log.Error("write down what was told", "key", key, "err", err)
	}
}

func (n *Notifier) fail(why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unsent = why
}
