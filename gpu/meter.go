package gpu

import (
	"math"
	"slices"
)

const (
	// bridged is the longest time in seconds for which one reading speaks: of a longer gap
	// this much counts.
	bridged = 5
	// again is the difference in seconds between the times of two readings below which
	// they are one, told twice: a Watch takes one a second.
	again = 0.05
	// mostPower in W bounds what a driver's energy counter is believed: some jump.
	mostPower = 10e3
	// standing is after how many seconds a counter is said to stand still that does not
	// move while the GPU draws over drawsW: some drivers have such a one.
	standing = 3
	drawsW   = 10
	// idleBelow is the share in percent, of any reading, of a GPU that does nothing.
	idleBelow = 1
)

// Use is what was made of some GPUs over a time, as exit.json has it of an attempt.
// Null: it could not be read.
type Use struct {
	UUIDs           []string `json:"uuids"`             // in the order in which they were first seen
	Names           []string `json:"names"`             // of each of them, as the driver gives it
	Seconds         float64  `json:"gpu_seconds"`       // the time of each added up
	IdleSeconds     *float64 `json:"idle_gpu_seconds"`  // of them, those without any work
	EnergyJ         *float64 `json:"energy_j"`          // null, too, if one of the GPUs does not tell
	BusyPct         *float64 `json:"busy_pct"`          // means over time and GPUs
	SMActivePct     *float64 `json:"sm_active_pct"`     //
	TensorActivePct *float64 `json:"tensor_active_pct"` //
	DRAMActivePct   *float64 `json:"dram_active_pct"`   //
	PeakMemoryBytes *uint64  `json:"peak_memory_bytes"` // the most that one of them held
}

// Meter adds up the use of GPUs over their readings. The zero value is ready.
//
// A reading speaks for the time since the one before of the same GPU, since busy shares
// are those of the last second: a mean is the sum of share times time over that time.
// Energy is the difference of the driver's counter, however long that took, or power
// over time (the trapezoid of two readings) where there is no counter, it began anew, or
// it stands still for 3 s while the power is over 10 W.
// What is not known is not invented: of a gap 5 s count, and a clock that was set back
// adds no time. A GPU that was not among the readings for longer was not in use, and
// begins anew when it comes back.
type Meter struct {
	gpus    []metered
	adds    int // calls of Add
	seconds float64
	idle    sum
	shares  [len(shares)]sum
	peak    *uint64
}

// shares are the readings whose means are wanted.
var shares = [...]func(Device) *float64{
	func(d Device) *float64 { return d.BusyPct },
	func(d Device) *float64 { return d.SMActivePct },
	func(d Device) *float64 { return d.TensorActivePct },
	func(d Device) *float64 { return d.DRAMActivePct },
}

// metered is what is known of one GPU.
type metered struct {
	uuid, name string
	at         float64 // of the last reading
	add        int     // which of the calls brought it; 0: none yet
	power      *float64
	counter    *float64 // the last that it told
	energy     float64
	guess      float64 // energy by power since the counter moved last
	still      float64 // seconds for which it stood still since
	missing    bool    // it was not told lately
	told       bool    // some of the energy
}

// sum is of values times seconds.
type sum struct{ total, seconds float64 }

func (s *sum) add(v, seconds float64) {
	s.total += v * seconds
	s.seconds += seconds
}

// mean is null if there was nothing to add.
func (s sum) mean() *float64 {
	if s.seconds <= 0 {
		return nil
	}
	return new(s.total / s.seconds)
}

// Add takes the readings of the GPUs that are in use at time at, in seconds since
// 1970. A reading that was added before, now with a greater age, adds nothing.
func (m *Meter) Add(at float64, devices []Device) {
	m.adds++
	for _, d := range devices {
		if d.UUID == "" {
			continue
		}
		if used := d.MemoryUsedBytes; used != nil && (m.peak == nil || *used > *m.peak) {
			m.peak = used
		}
		g := m.gpu(d)
		elapsed := at - d.AgeS - g.at
		away := g.add+1 < m.adds && elapsed > bridged
		switch {
		case away:
			g.settle()
		case g.add > 0 && math.Abs(elapsed) >= again:
			m.step(g, elapsed, d)
		}
		if g.add == 0 || math.Abs(elapsed) >= again {
			g.at, g.power = at-d.AgeS, d.PowerW
		}
		if d.EnergyJ != nil || away {
			g.counter = d.EnergyJ
		}
		g.add = m.adds
	}
}

// gpu is what is known of a GPU, which may be a new one.
func (m *Meter) gpu(d Device) *metered {
	i := slices.IndexFunc(m.gpus, func(g metered) bool { return g.uuid == string(d.UUID) })
	if i < 0 {
		i = len(m.gpus)
		m.gpus = append(m.gpus, metered{uuid: string(d.UUID), name: string(d.Name)})
	}
	return &m.gpus[i]
}

// step adds what a GPU did until its newest reading.
func (m *Meter) step(g *metered, elapsed float64, d Device) {
	seconds := min(max(elapsed, 0), bridged)
	m.seconds += seconds
	switch idle, known := d.Idle(); {
	case idle:
		m.idle.add(1, seconds)
	case known:
		m.idle.add(0, seconds)
	}
	for i, share := range shares {
		if v := share(d); v != nil {
			m.shares[i].add(*v, seconds)
		}
	}
	g.use(seconds, elapsed, d)
}

// Idle says that nothing runs on a GPU, by every reading that there is. It is known by
// one of whether kernels run.
func (d Device) Idle() (idle, known bool) {
	known = d.BusyPct != nil || d.SMActivePct != nil
	for _, v := range []*float64{d.BusyPct, d.SMActivePct, d.DRAMActivePct, d.MemoryBusyPct} {
		if v != nil && !(*v < idleBelow) {
			return false, known
		}
	}
	return known, known
}

// use adds the energy since the reading before.
func (g *metered) use(seconds, elapsed float64, d Device) {
	power := 0.0
	if d.PowerW != nil && g.power != nil {
		power = (*g.power + *d.PowerW) / 2
		g.told = true
	}
	g.missing = d.EnergyJ == nil
	if g.missing {
		g.guess += power * seconds
		return
	}
	joules := -1.0
	if g.counter != nil {
		joules = *d.EnergyJ - *g.counter
	}
	switch {
	case joules < 0 || joules > mostPower*max(elapsed, bridged): // it begins, or begins anew
		g.settle()
		g.energy += power * seconds
		return
	case joules > 0:
		if g.still >= standing {
			joules = max(joules, g.guess+power*seconds)
		}
		g.energy += joules
		g.guess, g.still = 0, 0
	case power > drawsW:
		g.guess += power * seconds
		g.still += seconds
	}
	g.told = true
}

// guessed is the energy since the counter moved last, as far as power has to tell it.
func (g *metered) guessed() float64 {
	if g.missing || g.still >= standing {
		return g.guess
	}
	return 0
}

// settle counts what was guessed: no counter will tell it.
func (g *metered) settle() {
	g.energy += g.guessed()
	g.guess, g.still, g.missing = 0, 0, false
}

// Use is what was added up so far.
func (m *Meter) Use() Use {
	u := Use{UUIDs: []string{}, Names: []string{}, Seconds: m.seconds, PeakMemoryBytes: m.peak}
	if m.idle.seconds > 0 {
		u.IdleSeconds = new(m.idle.total)
	}
	energy, told := 0.0, len(m.gpus) > 0
	for _, g := range m.gpus {
		u.UUIDs, u.Names = append(u.UUIDs, g.uuid), append(u.Names, g.name)
		energy += g.energy + g.guessed()
		told = told && g.told
	}
	if told {
		u.EnergyJ = &energy
	}
	for i, to := range []**float64{&u.BusyPct, &u.SMActivePct, &u.TensorActivePct, &u.DRAMActivePct} {
		*to = m.shares[i].mean()
	}
	return u
}
