package runner

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"ablate/experiments/store"
)

// watch writes down, while the trainer lives, what its output tells of phases,
// whether it is halted, a beat every so often, and what its GPUs do, and looks whether
// its points break a stop rule.
func (r *Runner) watch(ctx context.Context, trainer int) {
	out := store.Tail{Path: filepath.Join(r.Dir, "out.log")}
	g := &r.used
	g.watch, g.dir, g.claimed, g.ours, g.event = r.gpus, r.Dir, r.claimed.UUIDs, ours(trainer), r.event
	defer g.close()
	g.look()
	points := r.rules()
	process, _ := store.ProcessOf(trainer)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, halted := time.Now(), false
	for {
		select {
		case <-ctx.Done():
			r.readPhases(&out)
			points()
			g.look()
			return
		case <-tick.C:
		}
		r.readPhases(&out)
		points()
		if now := process.Halted(); now != halted {
			halted = now
			r.event(map[bool]string{true: "halted", false: "continued"}[now], "")
		}
		g.look()
		g.tell()
		if time.Since(last) >= beat {
			last = time.Now()
			r.event("beat", "")
			reapOrphans(trainer)
			r.claimed.Renew()
		}
	}
}

// readPhases takes the lines "phase NAME" from the trainer's output. They are
// text in a log, as other trainers have it too, so the trainer needs no other
// way to speak to its runner.
func (r *Runner) readPhases(out *store.Tail) {
	_, err := out.Next(0, func(line []byte) {
		if name, ok := strings.CutPrefix(string(line), "phase "); ok {
			r.event("phase", printable(name, longestPhase))
		}
	})
	if err != nil {
		r.event("alert", "read out.log: "+err.Error())
	}
}

// longestPhase bounds the name of a phase.
const longestPhase = 60
