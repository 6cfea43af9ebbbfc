package engine

import (
	"fmt"
	"math"

	"ablate/experiments"
	"ablate/experiments/store"
)

// meter counts what the runs of one experiment used, of all its designs. It is
// made from the folders, so that it does not matter which engine they had.
type meter struct {
	runs     int             // attempts that began
	launched map[string]bool // runs of which one may be about to
	wall     store.Spans     // in which any of them lived and was not halted
	gpu      float64         // GPU-seconds of attempts that have ended
	live     map[string]*lived
}

// lived is the attempt that lives of a run.
type lived struct {
	began float64
	going float64 // since when it is not halted; 0: it is
	held  int     // GPUs, also while it is halted
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
	lives, err := store.Lives(dir, store.Now())
	for _, l := range lives {
		m.runs++
		goes := l.Alive && !l.Halted
		since := l.Began // that it goes: its Going is empty in the instant in which it begins
		for _, part := range l.Going {
			if goes && part.To == l.Ended {
				since = part.From
				continue
			}
			m.wall = m.wall.With(part)
		}
		switch {
		case goes:
			m.live[id] = &lived{began: l.Began, going: since, held: l.GPUs}
		case l.Alive:
			m.live[id] = &lived{began: l.Began, held: l.GPUs}
		default:
			m.gpu += float64(l.GPUs) * (l.Ended - l.Began)
		}
	}
	return err
}

// launch counts a run that may be about to begin, until begin or drop.
func (m *meter) launch(id string) { m.launched[id] = true }

func (m *meter) drop(id string) { delete(m.launched, id) }

// begin counts the k-th attempt of the run in dir, which has begun.
func (m *meter) begin(id, dir string, k int) {
	delete(m.launched, id)
	start := store.Start{Time: store.Now()}
	_ = store.ReadRunJSON(dir, k, "start.json", &start) // else it began about now
	m.live[id] = &lived{began: start.Time, going: start.Time, held: len(start.Held)}
	m.runs++
}

func (m *meter) halt(id string, now float64) {
	if l := m.live[id]; l != nil && l.going > 0 {
		m.wall = m.wall.With(store.Span{From: l.going, To: now})
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
			wall = wall.With(store.Span{From: l.going, To: now})
			wallRate = 1
		}
	}
	return experiments.Limits{Wall: wall.Total(), Runs: m.runs + len(m.launched), GPUHours: gpu / 3600}, wallRate, gpuRate
}

// slack is how near to a budget of time its end is: clocks are read one after
// another.
const slack = 1e-3

// spent says which budget of time is used up, in words; "" if none is.
func (m *meter) spent(l experiments.Limits, now float64) string {
	u, _, _ := m.used(now)
	switch {
	case l.Wall > 0 && u.Wall >= l.Wall-slack:
		return fmt.Sprintf("budget wall %s is used up", experiments.DurationText(l.Wall))
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
