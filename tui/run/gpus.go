package run

import (
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/report"
)

// gpus is what is known of the run's GPUs.
type gpus struct {
	reader *gpuReader
	busy   bool // the reader is in a Cmd
	read   gpuState
	whole  bool // all was read once
	all    []reading
	made   int // counts what was added
	latest store.Values
	count  int            // of GPUs in the newest reading with some
	index  map[string]int // the driver's numbers, by UUID, as they were last
	use    report.Use     // without the MFU
	curves [2]gpuCurve
}

// gpuState is how far a run is that was read: nothing is added behind its end.
type gpuState struct {
	attempt int
	status  store.Status
}

// gpusMsg brings some of the readings, and behind the last of them what all come to.
type gpusMsg struct {
	reader *gpuReader
	added  []reading
	last   []gpu.Device // of the newest one; nil: as before
	more   bool
	use    *report.Use // nil: as before
}

// readOn reads on in the readings of the GPUs, if there may be more.
func (g *gpus) readOn(f *facts) tea.Cmd {
	now := gpuState{f.record.Attempt, f.record.Status}
	alive := slices.ContainsFunc(f.lives, func(l store.Life) bool { return l.Alive })
	if f.record.Attempt == 0 || g.busy || g.whole && g.read == now && !alive {
		return nil
	}
	if g.reader == nil {
		g.reader = &gpuReader{dir: f.record.Dir}
	}
	g.busy, g.read = true, now
	return g.reader.look(f.record, f.lives)
}

// mostReadings bounds what is kept: a day at one in 5 s is 17,280, and of a longer run
// two become one.
const mostReadings = 1 << 16

// take takes in a part of the readings, and reads on.
func (g *gpus) take(msg gpusMsg, f *facts) tea.Cmd {
	if msg.reader != g.reader {
		return nil
	}
	if len(msg.added) > 0 {
		g.add(msg.added, msg.last)
	}
	if msg.more {
		return g.reader.look(f.record, f.lives)
	}
	g.busy, g.whole = false, true
	if msg.use != nil {
		g.use = *msg.use
	}
	return nil
}

// add takes readings in.
func (g *gpus) add(added []reading, last []gpu.Device) {
	g.all = append(g.all, added...)
	for len(g.all) > mostReadings {
		g.all = halved(g.all)
	}
	g.made++
	g.latest = maps.Clone(g.latest)
	if g.latest == nil {
		g.latest, g.index = store.Values{}, map[string]int{}
	}
	for i, m := range gpuMetrics {
		if v := added[len(added)-1].values[i]; v == v {
			g.latest[m.name] = v
		}
	}
	if len(last) > 0 {
		g.count = len(last)
	}
	for _, d := range last {
		g.index[string(d.UUID)] = d.Index
	}
}

// halved has the mean of every two readings of an attempt, with the energy of the
// second, at its time.
func halved(all []reading) []reading {
	to := 0
	for i := 0; i < len(all); i++ {
		x := all[i]
		if i+1 < len(all) && all[i+1].attempt == x.attempt {
			i++
			next := all[i]
			for k := range next.values {
				if gpuMetrics[k].name != gpuEnergy {
					next.values[k] = meanOf(x.values[k], next.values[k])
				}
			}
			x = next
		}
		all[to] = x
		to++
	}
	return all[:to]
}

// meanOf is the mean of two values, of one where the other is not known.
func meanOf(a, b float64) float64 {
	switch {
	case a != a:
		return b
	case b != b:
		return a
	default:
		return (a + b) / 2
	}
}
