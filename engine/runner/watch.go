package runner

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"ablate/experiments/store"
	"ablate/gpu"
)

// watch writes down, while the trainer lives, what its output tells of phases,
// whether it is halted, a beat every so often, and the GPUs of this machine, and
// looks whether its points break a stop rule.
func (r *Runner) watch(ctx context.Context, trainer int) {
	out := store.Tail{Path: filepath.Join(r.Dir, "out.log")}
	gpus := gpuLog{watch: r.gpus}
	defer gpus.close()
	points := r.rules()
	process, _ := store.ProcessOf(trainer)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, warned, halted := time.Now(), false, false
	for {
		select {
		case <-ctx.Done():
			r.readPhases(&out)
			points()
			return
		case <-tick.C:
		}
		r.readPhases(&out)
		points()
		if now := process.Halted(); now != halted {
			halted = now
			r.event(map[bool]string{true: "halted", false: "continued"}[now], "")
		}
		if err := gpus.sample(r.Dir); err != nil && !warned {
			r.event("alert", err.Error())
			warned = true
		}
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

// gpuLog appends the readings of this machine's GPUs to gpu.jsonl, which is not
// made on a machine that has none.
type gpuLog struct {
	watch *gpu.Watch
	lines *store.Lines
	at    time.Time // of the last sample that was written
}

func (g *gpuLog) sample(dir string) error {
	devices, age, err := g.watch.Latest()
	at := time.Now().Add(-age).Truncate(10 * time.Millisecond)
	if err != nil || len(devices) == 0 || at.Sub(g.at) < 500*time.Millisecond {
		return nil // nothing new: what is wrong with a GPU stands in its sample
	}
	if g.lines == nil {
		if g.lines, err = store.AppendTo(filepath.Join(dir, "gpu.jsonl")); err != nil {
			return err
		}
	}
	g.at = at
	return g.lines.Append(struct {
		Time    float64      `json:"time"`
		Devices []gpu.Device `json:"devices"`
	}{float64(at.UnixNano()) / 1e9, devices})
}

func (g *gpuLog) close() {
	if g.lines != nil {
		_ = g.lines.Close() // every line was one write already
	}
}
