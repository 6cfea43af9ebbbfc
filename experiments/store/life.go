package store

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"ablate/gpu"
)

// Life is when an attempt lived, in seconds since 1970: what budgets count.
type Life struct {
	Attempt int
	Began   float64
	// Ended is by the clock that its runner began with. Of an attempt that left no
	// record of its end it is the last time that anything of it was written, and of
	// one that lives it is now.
	Ended  float64
	Alive  bool
	Halted bool     // it lives and stands still
	Going  Spans    // in which it was not halted
	GPUs   int      // that nobody else had from Began to Ended, also while it was halted
	Use    *gpu.Use // what it made of GPUs, from the record of its end; nil: that says nothing
}

// Lives are the attempts that began of the run in dir, packed or not, oldest first.
func Lives(dir string, now float64) ([]Life, error) {
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return nil, err
	}
	asked, err := ReadAsked(dir)
	if err != nil {
		return nil, fmt.Errorf("read when attempts lived: %w", err)
	}
	var lives []Life
	for k := 1; k <= n; k++ {
		var start Start
		if ReadRunJSON(dir, k, "start.json", &start) != nil {
			continue // it never began
		}
		l := Life{Attempt: k, Began: start.Time, GPUs: len(start.Held)}
		var exit Exit
		failed := ReadRunJSON(dir, k, "exit.json", &exit)
		l.Use = exit.GPU
		switch {
		case failed == nil && exit.Seconds > 0:
			l.Ended = l.Began + exit.Seconds
		case exit.Time > 0:
			l.Ended = max(l.Began, exit.Time)
		case k == n && Locked(LockFile(dir)):
			l.Alive, l.Ended = true, max(l.Began, now) // the clock may have been set back
			l.Halted = len(asked) > 0 && asked[len(asked)-1].Halted
		default:
			l.Ended = lastWrite(dir, k, l.Began)
		}
		l.Going = going(Span{l.Began, l.Ended}, asked)
		lives = append(lives, l)
	}
	return lives, nil
}

// going is the part of an attempt's life in which it was not halted.
func going(life Span, asked []Asked) Spans {
	parts := Spans{}.With(life)
	for i, a := range asked {
		if !a.Halted {
			continue
		}
		until := math.Inf(1)
		if i+1 < len(asked) {
			until = asked[i+1].Time
		}
		parts = parts.Without(Span{a.Time, until})
	}
	return parts
}

// lastWrite is when anything of the n-th attempt of the run in dir was written last,
// not before it began.
func lastWrite(dir string, n int, began float64) float64 {
	return slices.Max(append(writes(dir, n, "events.jsonl", metricsName, "out.log", "result.json"), began))
}

// writes are when some files of the n-th attempt of the run in dir were written
// last, those that are there or else those that are packed.
func writes(dir string, n int, names ...string) (at []float64) {
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(AttemptDir(dir, n), name)); err == nil {
			at = append(at, float64(info.ModTime().UnixNano())/1e9)
		}
	}
	if len(at) > 0 {
		return at
	}
	if points, err := openPoints(dir); err == nil {
		if points.foot.points == n { // of an earlier attempt the other files tell
			at = append(at, points.foot.time)
		}
		_ = points.Close()
	}
	pack, err := openFiles(filepath.Join(dir, filesName))
	if err != nil {
		return at
	}
	defer pack.Close()
	for _, name := range names {
		if f := pack.find(inAttempt(n, name)); f != nil {
			at = append(at, float64(f.modified))
		}
	}
	return at
}
