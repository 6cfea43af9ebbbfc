package alert

import (
	"math"

	"ablate/gpu"
)

// Corrected errors of the memory come a few a day. When this many come within about a
// minute the memory is failing.
const (
	manyCorrected = 20.0
	correctedLeak = manyCorrected / 60 // a second
)

// unreadable is above any count of errors; drivers give blanks near 2^63.
const unreadable = 1 << 62

// events finds what happened between two readings of one GPU, where the driver only
// adds up.
type events struct {
	begun       bool
	newestXID   float64 // time of the newest XID that was seen, on the clock of its machine
	uncorrected *uint64
	corrected   *uint64
	level       float64 // corrected errors, less those that leaked
}

// find appends the XIDs and the errors of the memory that are new in a reading. At the
// first one there is nothing to compare with: what is older than an event stays in
// force is left out.
func (e *events) find(found []finding, now, dt float64, d gpu.Device) []finding {
	found = e.xids(found, now, d.XIDs)
	if more := rise(&e.uncorrected, d.ECCUncorrected); more > 0 {
		found = append(found, finding{kind: ECC, cause: "ECC", grave: true})
	}
	e.level = max(e.level-correctedLeak*dt, 0) + rise(&e.corrected, d.ECCCorrected)
	if e.level >= manyCorrected {
		e.level = manyCorrected // so that it is over a while after the last
		found = append(found, finding{kind: ECC, cause: "ECC, corrected"})
	}
	e.begun = true
	return found
}

// xids compares times of the same clock: those of another machine may be hours off.
func (e *events) xids(found []finding, now float64, all []gpu.XID) []finding {
	newest := e.newestXID
	for _, x := range all {
		f := ofXID(x.Code, x.Text)
		isNew := x.Time > e.newestXID
		if !e.begun {
			isNew = math.Abs(now-x.Time) < stays(f.grave)
		}
		if isNew {
			found = append(found, f)
		}
		newest = max(newest, x.Time)
	}
	if !math.IsNaN(newest) {
		e.newestXID = newest
	}
	return found
}

// rise is by how much a counter is above what it was, and takes it over. One that fell
// began anew with its driver.
func rise(was **uint64, is *uint64) float64 {
	if is == nil || *is >= unreadable {
		return 0
	}
	before := *was
	*was = is
	if before == nil || *is <= *before {
		return 0
	}
	return float64(*is - *before)
}
