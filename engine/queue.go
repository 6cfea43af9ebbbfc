package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"ablate/experiments/store"
)

// wish is a run that is to be started, and what was asked of it.
type wish struct {
	id    string
	asked store.Asked
	turn  int // in which it was launched before it was put back; 0: it was not
}

// queue holds the runs that wait for a slot, the next one first, each once, and
// those that come into it at a time.
type queue struct {
	wishes []wish
	ids    map[string]bool
	turns  int                // launches so far
	later  map[string]delayed // by id
	looks  map[string]bool    // ids of runs that do not wait and are to be looked at at a time
	due    chan string        // ids whose time has come
	gone   <-chan struct{}    // closed when nobody hears of that any more
}

// delayed is a run that comes into the queue at a time.
type delayed struct {
	wish
	at time.Time
}

func newQueue(gone <-chan struct{}) queue {
	return queue{ids: map[string]bool{}, later: map[string]delayed{}, looks: map[string]bool{}, due: make(chan string), gone: gone}
}

// len counts those too that are not due.
func (q *queue) len() int { return len(q.wishes) + len(q.later) }

// idle reports whether nothing waits, not even for another look.
func (q *queue) idle() bool { return q.len()+len(q.looks) == 0 }

func (q *queue) has(id string) bool {
	_, later := q.later[id]
	return later || q.ids[id]
}

// add puts runs at the end, or if they are not due they come there later. What is
// there already stays where it is.
func (q *queue) add(wishes ...wish) {
	for _, w := range wishes {
		due := time.UnixMicro(int64(w.asked.Due * 1e6))
		switch {
		case q.ids[w.id]:
		case due.After(time.Now()):
			q.wait(w, due)
		default:
			delete(q.later, w.id)
			q.append(w)
		}
	}
}

func (q *queue) append(w wish) {
	q.ids[w.id] = true
	q.wishes = append(q.wishes, w)
}

// turnOf is the turn of a run that is launched: the first one that it had counts.
func (q *queue) turnOf(w wish) int {
	if w.turn == 0 {
		q.turns++
		return q.turns
	}
	return w.turn
}

// putBack returns a run that could not be launched to where it was: before those
// whose turn has not come yet.
func (q *queue) putBack(w wish) {
	if q.has(w.id) {
		return
	}
	at := slices.IndexFunc(q.wishes, func(x wish) bool { return x.turn == 0 || x.turn > w.turn })
	if at < 0 {
		at = len(q.wishes)
	}
	q.ids[w.id] = true
	q.wishes = slices.Insert(q.wishes, at, w)
}

// wait puts a run at the end when its time has come.
func (q *queue) wait(w wish, at time.Time) {
	q.later[w.id] = delayed{w, at}
	q.remind(w.id, at)
}

// lookAt tells of a run that does not wait at a time.
func (q *queue) lookAt(id string, at time.Time) {
	q.looks[id] = true
	q.remind(id, at)
}

// remind tells of a run at a time.
func (q *queue) remind(id string, at time.Time) {
	go func() {
		select {
		case <-time.After(time.Until(at)):
			select {
			case q.due <- id:
			case <-q.gone:
			}
		case <-q.gone:
		}
	}()
}

// ripen puts a run that waits for its time at the end of the queue if that has
// come.
func (q *queue) ripen(id string) {
	if d, ok := q.later[id]; ok && !d.at.After(time.Now()) {
		delete(q.later, id)
		q.append(d.wish)
	}
}

func (q *queue) remove(id string) {
	delete(q.later, id)
	switch {
	case !q.ids[id]:
		return
	case q.wishes[0].id == id:
		q.wishes = q.wishes[1:]
	default:
		q.wishes = slices.DeleteFunc(q.wishes, func(w wish) bool { return w.id == id })
	}
	delete(q.ids, id)
}

// all are the runs that wait, in their order; then those that are not due, the
// soonest first.
func (q *queue) all() []wish {
	all := slices.Clone(q.wishes)
	for _, d := range slices.SortedFunc(maps.Values(q.later), func(a, b delayed) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	}) {
		all = append(all, d.wish)
	}
	return all
}

func (q *queue) order() []string {
	ids := make([]string, len(q.wishes))
	for i, w := range q.wishes {
		ids[i] = w.id
	}
	return ids
}

// move brings those of the ids that wait to a place, in the order in which they
// are named, and says how many they are.
func (q *queue) move(ids []string, place string) (int, error) {
	order, moved, err := rearranged(q.order(), ids, place)
	if err != nil {
		return 0, err
	}
	at := make(map[string]int, len(order))
	for i, id := range order {
		at[id] = i
	}
	slices.SortFunc(q.wishes, func(a, b wish) int { return cmp.Compare(at[a.id], at[b.id]) })
	return moved, nil
}

// Places in the queue; any other is the id of the run that comes next after what
// is moved.
const (
	First = "first"
	Last  = "last"
)

// rearranged is the order after those of the ids that are in it were moved to a
// place.
func rearranged(order, ids []string, place string) (after []string, moved int, err error) {
	in := make(map[string]bool, len(order))
	for _, id := range order {
		in[id] = true
	}
	var those []string
	named := map[string]bool{}
	for _, id := range ids {
		if in[id] && !named[id] {
			named[id] = true
			those = append(those, id)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(order), func(id string) bool { return named[id] })
	at := slices.Index(rest, place)
	switch {
	case place == First:
		at = 0
	case place == Last:
		at = len(rest)
	case named[place]:
		return nil, 0, fmt.Errorf("move runs: %s cannot come before itself", place)
	case at < 0:
		return nil, 0, fmt.Errorf("move runs: %q does not wait in the queue; want first, last or a run that does", place)
	}
	return slices.Insert(rest, at, those...), len(those), nil
}
