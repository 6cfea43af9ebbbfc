package report

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ablate/experiments/store"
)

// GCOptions say how `gc [--plan] [EXP|RUN]...` does it.
type GCOptions struct {
	Names []string // what to look at, empty for all of the store
	Plan  bool     // only tell
	JSON  bool
	Stage store.StageOf
}

// room is one line of `gc --json`.
type room struct {
	Run   string `json:"run"`
	Rule  string `json:"rule"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
	Frees int64  `json:"frees"`
	Freed *int64 `json:"freed"` // null if it was not tried
	Why   string `json:"why"`   // nothing goes, or not all did
}

// GC tells what takes the disk and what of it may go, and lets it go unless it is
// asked for the plan only.
func GC(ctx context.Context, w io.Writer, s *store.Store, o GCOptions) error {
	if !o.Plan {
		if err := s.Writable(); err != nil {
			return fmt.Errorf("%w; `ablate gc --plan` only looks", err)
		}
	}
	found, unread := s.Rooms(o.Names, o.Stage)
	rooms, errs := make([]room, len(found)), []error{unread}
	for i, r := range found {
		rooms[i] = room{Run: r.Run, Rule: r.Rule, Files: r.Files, Bytes: r.Bytes, Frees: r.Frees, Why: r.Why}
		if o.Plan || !r.Goes() || ctx.Err() != nil {
			continue
		}
		freed, err := s.Clear(r)
		if err != nil {
			rooms[i].Why = err.Error()
		}
		if !errors.Is(err, store.ErrLive) && !errors.Is(err, store.ErrLocked) { // else it came to life meanwhile
			errs = append(errs, err)
		}
		rooms[i].Freed = &freed
	}
	if o.JSON {
		return errors.Join(append(errs, writeJSON(w, rooms), ctx.Err())...)
	}
	if err := errors.Join(errs...); err != nil && len(rooms) == 0 {
		return err // a name that means nothing, or runs that nobody may read
	}
	return errors.Join(append(errs, tellRooms(w, rooms, o.Plan), ctx.Err())...)
}

func tellRooms(w io.Writer, rooms []room, plan bool) error {
	if len(rooms) == 0 {
		_, err := fmt.Fprintln(w, "nothing here takes room that could be told of or freed")
		return err
	}
	rows := make([][]string, len(rooms))
	var frees, freed int64
	for i, r := range rooms {
		frees += r.Frees
		goes := byteText(r.Frees)
		if r.Freed != nil {
			freed += *r.Freed
			goes = byteText(*r.Freed)
		}
		if plan && r.Rule == store.RoomPack && r.Frees > 0 {
			goes = "about " + goes
		}
		rows[i] = []string{r.Run, r.Rule, fmt.Sprint(r.Files), byteText(r.Bytes), goes, r.Why}
	}
	last, words := "freed", fmt.Sprintf("\nfreed %s\n", byteText(freed))
	switch {
	case plan && frees == 0:
		last, words = "may go", "\nnothing of this may go\n"
	case plan:
		last, words = "may go", fmt.Sprintf("\nabout %s may go: `ablate gc` removes and packs it; `kept` is never removed\n", byteText(frees))
	}
	err := table(w, []string{"run", "rule", ">files", ">bytes", ">" + last, ""}, rows)
	if err == nil {
		_, err = io.WriteString(w, words)
	}
	return err
}

// byteText is a number of bytes in three digits or so.
func byteText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	x, unit := float64(n)/1000, 0
	for ; x >= 999.5 && unit < len("kMGTP")-1; unit++ {
		x /= 1000
	}
	digits := 0
	if x < 9.95 {
		digits = 1
	}
	return fmt.Sprintf("%.*f %cB", digits, x, "kMGTP"[unit])
}
