package engine

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// meter counts what the runs of one experiment used, of all its designs. It is
// made from the folders, so that it does not matter which engine they had.
type meter struct {
	runs     int             // attempts that began
	launched map[string]bool // runs of which one may be about to
	wall     spans           // in which any of them lived and was not halted
	gpu      float64         // GPU-seconds of attempts that have ended
	live     map[string]*lived
}

// lived is the attempt that lives of a run.
type lived struct {
	began float64
	going float64 // since when it is not halted; 0: it is
	held  int     // GPUs, also while it is halted
}

// held is what start.json says of the GPUs that were claimed for an attempt.
type held struct {
	Time float64  `json:"time"`
	Held []string `json:"held"`
}

// newMeter reads what the runs of an experiment used so far.
func newMeter(s *store.Store, experiment string) (*meter, error) {
	m := &meter{launched: map[string]bool{}, live: map[string]*lived{}}
	ids, err := s.RunIDs(experiment)
	if err != nil {
		return nil, fmt.Errorf("read what %s used: %w", experiment, err)
	}
	for _, id := range ids {
		if err := m.read(s.RunDir(id), id); err != nil {
			return nil, fmt.Errorf("read what %s used: %w", experiment, err)
		}
	}
	return m, nil
}

// read adds all attempts of a run.
func (m *meter) read(dir, id string) error {
	n, err := store.Attempts(dir)
	if err != nil || n == 0 {
		return err
	}
	asked, err := store.ReadAsked(dir)
	if err != nil {
		return err
	}
	for k := 1; k <= n; k++ {
		var start held
		if readRecord(dir, k, "start.json", &start) != nil {
			continue // it never began
		}
		m.runs++
		end, over := endOf(dir, k, start.Time)
		if !over && k == n && store.Locked(store.LockFile(dir)) {
			m.live[id] = &lived{began: start.Time, held: len(start.Held)}
			end = store.Now()
			if len(asked) == 0 || !asked[len(asked)-1].Halted {
				m.live[id].going = start.Time
			}
		} else {
			m.gpu += float64(len(start.Held)) * (end - start.Time)
		}
		for _, part := range goingIn(span{start.Time, end}, asked) {
			if l := m.live[id]; l != nil && l.going > 0 && part.to == end {
				l.going = part.from
				continue
			}
			m.wall = m.wall.with(part)
		}
	}
	return nil
}

// goingIn is the part of an attempt's life in which it was not halted.
func goingIn(life span, asked []store.Asked) spans {
	going := spans{life}
	for i, a := range asked {
		if !a.Halted {
			continue
		}
		until := math.Inf(1)
		if i+1 < len(asked) {
			until = asked[i+1].Time
		}
		going = going.without(span{a.Time, until})
	}
	return going
}

// endOf is when the k-th attempt of the run in dir ended, by the clock that its
// runner began with, and whether that is on record. Of one that left no record it
// is the last time that it wrote anything.
func endOf(dir string, k int, began float64) (end float64, over bool) {
	var exit store.Exit
	if readRecord(dir, k, "exit.json", &exit) == nil {
		if exit.Seconds > 0 {
			return began + exit.Seconds, true
		}
		return max(began, exit.Time), true
	}
	end = began
	for _, name := range []string{"events.jsonl", "metrics.jsonl", "out.log", "result.json"} {
		if info, err := os.Stat(filepath.Join(store.AttemptDir(dir, k), name)); err == nil {
			end = max(end, float64(info.ModTime().UnixNano())/1e9)
		}
	}
	return end, false
}

// readRecord reads a record of the k-th attempt of the run in dir.
func readRecord(dir string, k int, name string, v any) error {
	return store.ReadRunJSON(dir, k, name, v)
}

// launch counts a run that may be about to begin, until begin or drop.
func (m *meter) launch(id string) { m.launched[id] = true }

func (m *meter) drop(id string) { delete(m.launched, id) }

// begin counts the k-th attempt of the run in dir, which has begun.
func (m *meter) begin(id, dir string, k int) {
	delete(m.launched, id)
	start := held{Time: store.Now()}
	_ = readRecord(dir, k, "start.json", &start) // else it began about now
	m.live[id] = &lived{began: start.Time, going: start.Time, held: len(start.Held)}
	m.runs++
}

func (m *meter) halt(id string, now float64) {
	if l := m.live[id]; l != nil && l.going > 0 {
		m.wall = m.wall.with(span{l.going, now})
		l.going = 0
	}
}

func (m *meter) goOn(id string, now float64) {
	if l := m.live[id]; l != nil && l.going == 0 {
		l.going = now
	}
}

func (m *meter) end(id string, now float64) {
	if l := m.live[id]; l != nil {
		m.halt(id, now)
		m.gpu += float64(l.held) * (now - l.began)
		delete(m.live, id)
	}
	m.drop(id)
}

// used is what was used by now, and how fast that grows: seconds of wall time a
// second, GPUs.
func (m *meter) used(now float64) (u experiments.Limits, wallRate, gpuRate float64) {
	wall, gpu := m.wall, m.gpu
	for _, l := range m.live {
		gpu += float64(l.held) * (now - l.began)
		gpuRate += float64(l.held)
		if l.going > 0 {
			wall = wall.with(span{l.going, now})
			wallRate = 1
		}
	}
	return experiments.Limits{Wall: wall.total(), Runs: m.runs + len(m.launched), GPUHours: gpu / 3600}, wallRate, gpuRate
}

// slack is how near to a budget of time its end is: clocks are read one after
// another.
const slack = 1e-3

// spent says which budget of time is used up, in words; "" if none is.
func (m *meter) spent(l experiments.Limits, now float64) string {
	u, _, _ := m.used(now)
	switch {
	case l.Wall > 0 && u.Wall >= l.Wall-slack:
		return fmt.Sprintf("budget wall %v is used up", time.Duration(l.Wall*float64(time.Second)))
	case l.GPUHours > 0 && u.GPUHours >= l.GPUHours-slack/3600:
		return fmt.Sprintf("budget gpu_hours %g is used up", l.GPUHours)
	default:
		return ""
	}
}

// full says in words that no attempt may begin any more; "" if one may.
func (m *meter) full(l experiments.Limits, now float64) string {
	if u, _, _ := m.used(now); l.Runs > 0 && u.Runs >= l.Runs {
		return fmt.Sprintf("budget runs %d is used up", l.Runs)
	}
	return m.spent(l, now)
}

// lasts is how many seconds it takes until a budget of time is used up, if
// nothing changes; infinite if that is never.
func (m *meter) lasts(l experiments.Limits, now float64) float64 {
	u, wallRate, gpuRate := m.used(now)
	left := math.Inf(1)
	if l.Wall > 0 && wallRate > 0 {
		left = l.Wall - u.Wall
	}
	if l.GPUHours > 0 && gpuRate > 0 {
		left = min(left, (l.GPUHours-u.GPUHours)*3600/gpuRate)
	}
	return max(left, 0)
}
