package alert

import (
	"slices"
	"strings"

	"ablate/gpu"
)

// Shares of the memory in use. A trainer at 74 to 90 % is healthy, as is a server that
// takes 95 % of it at its start, so full is what leaves less than 2 %: 1.9 GB of an H20,
// too little for one more buffer of activations. It is so until fullStill.
const full, fullStill = 0.98, 0.97

// finding is one thing that is wrong by one reading.
type finding struct {
	kind  Kind
	cause string // tells two of one kind apart, in words for a column
	text  string // of the driver about it
	code  int    // of an XID
	grave bool
}

func (f finding) same(g finding) bool { return f.kind == g.kind && f.cause == g.cause }

// find appends what a reading tells by itself. fullBefore: the memory has been full.
func find(found []finding, d gpu.Device, held, fullBefore bool) []finding {
	k := fault(string(d.Error))
	if k != 0 {
		found = append(found, finding{kind: k, cause: shortOf[k], text: string(d.Error), grave: true})
	}
	if d.Repair != "" && k != ResetRequired { // which says as much
		found = append(found, finding{kind: Repair, cause: repairShort(string(d.Repair)), text: string(d.Repair), grave: true})
	}
	found = throttled(found, d.Throttle)
	if memoryFull(d, fullBefore) {
		found = append(found, finding{kind: MemoryFull, cause: "memory full"})
	}
	if idle, _ := d.Idle(); held && idle {
		found = append(found, finding{kind: Idle, cause: "idle, held"})
	}
	return found
}

// shortOf are the columns of what an error of the driver says.
var shortOf = map[Kind]string{
	Lost: "lost", ResetRequired: "needs a reset", DriverMismatch: "driver mismatch",
	DriverNotLoaded: "driver not loaded", NotAnswering: "not answering",
}

// faults are the numbers of NVML that an error ends with, and the words of nvidia-smi,
// in lower case.
var faults = []struct {
	kind Kind
	said []string
}{
	{NotAnswering, []string{"(nvml error 10)"}},
	{DriverMismatch, []string{"(nvml error 18)", "driver/library version mismatch"}},
	{DriverNotLoaded, []string{"(nvml error 9)", "couldn't communicate with the nvidia driver"}},
	{Lost, []string{"(nvml error 15)", "gpu is lost"}},
	{ResetRequired, []string{"(nvml error 16)", "gpu requires reset"}},
}

// fault tells what kind of thing an error says; 0 for one that is only about a reading.
func fault(text string) Kind {
	text = strings.ToLower(text)
	for _, f := range faults {
		if slices.ContainsFunc(f.said, func(words string) bool { return strings.Contains(text, words) }) {
			return f.kind
		}
	}
	return 0
}

func repairShort(text string) string {
	if strings.Contains(text, "reset") {
		return shortOf[ResetRequired]
	}
	return "needs repair"
}

// Words of gpu.Device.Throttle that are causes here.
const (
	tooHot     = "too hot"
	tooHotHard = "too hot (hardware)" // hotter than that
	powerBrake = "power brake"
	slowdown   = "hardware slowdown"
	powerCap   = "power cap"
)

// throttled tells why the clock is held down. "hardware slowdown" is the driver's sum
// of the others that hardware decides, so it is told only without them. Clocks that
// somebody set, and those of idle GPUs, are as they should be.
func throttled(found []finding, why []string) []finding {
	hard, brake := slices.Contains(why, tooHotHard), slices.Contains(why, powerBrake)
	switch {
	case hard:
		found = append(found, finding{kind: Throttled, cause: tooHotHard, grave: true})
	case slices.Contains(why, tooHot):
		found = append(found, finding{kind: Throttled, cause: tooHot})
	}
	if brake {
		found = append(found, finding{kind: Throttled, cause: powerBrake, grave: true})
	}
	if slices.Contains(why, slowdown) && !hard && !brake {
		found = append(found, finding{kind: Throttled, cause: slowdown, grave: true})
	}
	if slices.Contains(why, powerCap) {
		found = append(found, finding{kind: PowerCap, cause: powerCap})
	}
	return found
}

func memoryFull(d gpu.Device, before bool) bool {
	if d.MemoryUsedBytes == nil || d.MemoryTotalBytes == nil || *d.MemoryTotalBytes == 0 {
		return false
	}
	share := float64(*d.MemoryUsedBytes) / float64(*d.MemoryTotalBytes)
	return share >= full || before && share >= fullStill
}
