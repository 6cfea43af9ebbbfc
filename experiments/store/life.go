package store

import (
	"math"
	"os"
	"path/filepath"
)

// Life is the time of one attempt that began, in seconds since 1970 by the clock
// that its runner began with.
type Life struct {
	Began, Ended float64 // a live one ends now
	Live         bool
	Halted       bool  // it lives and stands still
	GPUs         int   // that were claimed for it, also while it was halted
	Going        Spans // in which it was not halted
}

// ReadLives reads how long the attempts of the run in dir lived, those that began.
// Budgets are counted from this, whichever engine the attempts had.
func ReadLives(dir string) ([]Life, error) {
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return nil, err
	}
	asked, err := ReadAsked(dir)
	if err != nil {
		return nil, err
	}
	var lives []Life
	for k := 1; k <= n; k++ {
		var start Start
		if ReadRunJSON(dir, k, "start.json", &start) != nil {
			continue // it never began
		}
		l := Life{Began: start.Time, GPUs: len(start.Held)}
		over := false
		if l.Ended, over = endOf(dir, k, start.Time); !over && k == n && Locked(LockFile(dir)) {
			l.Ended, l.Live = max(l.Began, Now()), true // the clock may have been set back
			l.Halted = len(asked) > 0 && asked[len(asked)-1].Halted
		}
		l.Going = goingIn(Span{l.Began, l.Ended}, asked)
		lives = append(lives, l)
	}
	return lives, nil
}

// goingIn is the part of an attempt's life in which it was not halted.
func goingIn(life Span, asked []Asked) Spans {
	going := Spans{life}
	for i, a := range asked {
		if !a.Halted {
			continue
		}
		until := math.Inf(1)
		if i+1 < len(asked) {
			until = asked[i+1].Time
		}
		going = going.Without(Span{a.Time, until})
	}
	return going
}

// endOf is when the k-th attempt of the run in dir ended, by the clock that its
// runner began with, and whether that is on record. Of one that left no record it
// is the last time that it wrote anything.
func endOf(dir string, k int, began float64) (end float64, over bool) {
	var exit Exit
	if ReadRunJSON(dir, k, "exit.json", &exit) == nil {
		if exit.Seconds > 0 {
			return began + exit.Seconds, true
		}
		return max(began, exit.Time), true
	}
	end = began
	for _, name := range []string{"events.jsonl", "metrics.jsonl", "out.log", "result.json"} {
		if info, err := os.Stat(filepath.Join(AttemptDir(dir, k), name)); err == nil {
			end = max(end, float64(info.ModTime().UnixNano())/1e9)
		}
	}
	return end, false
}
