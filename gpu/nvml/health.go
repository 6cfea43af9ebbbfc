//go:build (linux || darwin) && !nonvml

package nvml

import (
	"fmt"

	"ablate/gpu"
)

// healthCalls read what changes a few times in a GPU's life.
type healthCalls struct {
	eccErrors    func(h handle, kind, since int32, n *uint64) result
	remappedRows func(h handle, corrected, uncorrected, pending, failed *uint32) result
	retiredPages func(handle, *uint32) result // 1: some wait
	persistent   func(handle, *uint32) result
}

const (
	eccCorrected   = 0
	eccUncorrected = 1
	eccVolatile    = 0 // since the driver was loaded
)

func (c *healthCalls) bind(lib symbols) {
	lib.bind(&c.eccErrors, "nvmlDeviceGetTotalEccErrors")
	lib.bind(&c.remappedRows, "nvmlDeviceGetRemappedRows")
	lib.bind(&c.retiredPages, "nvmlDeviceGetRetiredPagesPendingStatus")
	lib.bind(&c.persistent, "nvmlDeviceGetPersistenceMode")
}

// counters of ECC errors are read every few seconds: after one that could not be
// corrected a run computes nonsense.
var counters = []step{
	{"corrected ECC errors", (*library).corrected},
	{"uncorrected ECC errors", (*library).uncorrected},
}

// health is in this order because the first three add to what needs repair.
var health = []step{
	{"remapped rows", (*library).remapped},
	{"retired pages", (*library).retired},
	{"recovery action", (*library).recovery},
	{"persistence mode", (*library).persistence},
}

func (l *library) corrected(h handle, d *gpu.Device) (r result) {
	d.ECCCorrected, r = l.ecc(h, eccCorrected)
	return r
}

func (l *library) uncorrected(h handle, d *gpu.Device) (r result) {
	d.ECCUncorrected, r = l.ecc(h, eccUncorrected)
	return r
}

func (l *library) ecc(h handle, kind int32) (*uint64, result) {
	if l.eccErrors == nil {
		return nil, functionNotFound
	}
	var n uint64
	r := l.eccErrors(h, kind, eccVolatile, &n)
	return count(n, r)
}

// What a GPU can need, beside what recovery says.
const (
	replacement   = "a replacement: rows could not be remapped"
	resetForRows  = "a reset: rows wait to be remapped"
	resetForPages = "a reset: pages wait to be retired"
	reset         = "a reset"
)

// remapped reads how many rows of the memory are replaced by spare ones, which a GPU
// does for errors, at its next reset.
func (l *library) remapped(h handle, d *gpu.Device) result {
	d.RemappedRows, d.Repair = nil, ""
	if l.remappedRows == nil {
		return functionNotFound
	}
	var corrected, uncorrected, pending, failed uint32
	r := l.remappedRows(h, &corrected, &uncorrected, &pending, &failed)
	if r != ok || corrected >= blank32 || uncorrected >= blank32 {
		return r
	}
	d.RemappedRows = new(uint64(corrected) + uint64(uncorrected))
	switch {
	case failed == 1:
		d.Repair = replacement
	case pending == 1:
		d.Repair = resetForRows
	}
	return r
}

// retired is the same of GPUs that give up whole pages instead.
func (l *library) retired(h handle, d *gpu.Device) result {
	waiting, r := get(l.retiredPages, h)
	if r == ok && waiting == 1 && d.Repair == "" {
		d.Repair = resetForPages
	}
	return r
}

// recovery reads what the driver asks for. A reset that is known with its reason, and
// a replacement, say more than that.
func (l *library) recovery(h handle, d *gpu.Device) result {
	action, r := l.field(h, fieldRecovery)
	if r != ok || action == 0 || action >= blank32 || d.Repair == replacement {
		return r
	}
	switch {
	case action == 2:
		d.Repair = "a reboot"
	case action == 3:
		d.Repair = "to be drained"
	case action == 4:
		d.Repair = "to be drained, then a reset"
	case d.Repair != "":
	case action == 1:
		d.Repair = reset
	default:
		d.Repair = gpu.Text(fmt.Sprintf("a repair (recovery action %d)", action))
	}
	return r
}

func (l *library) persistence(h handle, d *gpu.Device) result {
	on, r := get(l.persistent, h)
	d.Persistence = nil
	if r == ok && on <= 1 {
		d.Persistence = new(on == 1)
	}
	return r
}
