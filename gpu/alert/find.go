package alert

import (
	"regexp"
	"slices"
	"strings"

	"ablate/gpu"
)

// Levels at which a reading counts. A trainer at 74 to 90 % of the memory is healthy,
// as is a server that takes 95 % of it at its start, so full is what leaves less than
// 2 %: 1.9 GB of an H20, too little for one more buffer of activations.
const (
	full, fullStill = 0.98, 0.97 // share of the memory; what is full stays so above the second
	asleep          = 1.0        // percent: below it nothing runs
)

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
	if k := fault(string(d.Error)); k != "" {
		found = append(found, finding{kind: k, cause: shortOf[k], text: string(d.Error), grave: true})
	}
	if d.Repair != "" {
		found = append(found, finding{kind: Repair, cause: repairShort(string(d.Repair)), text: string(d.Repair), grave: true})
	}
	found = throttled(found, d.Throttle)
	if memoryFull(d, fullBefore) {
		found = append(found, finding{kind: MemoryFull, cause: "memory full"})
	}
	if held && idle(d) {
		found = append(found, finding{kind: Idle, cause: "idle, held"})
	}
	return found
}

// shortOf are the columns of what an error of the driver says.
var shortOf = map[Kind]string{
	Lost: "lost", ResetRequired: "needs a reset", DriverMismatch: "driver mismatch",
	DriverNotLoaded: "driver not loaded", NotAnswering: "not answering",
}

// faults are the numbers of NVML that an error ends with, and the words of nvidia-smi.
var faults = []struct {
	kind Kind
	said *regexp.Regexp
}{
	{NotAnswering, regexp.MustCompile(`\(NVML error 10\)`)},
	{DriverMismatch, regexp.MustCompile(`\(NVML error 18\)|(?i:driver/library version mismatch)`)},
	{DriverNotLoaded, regexp.MustCompile(`\(NVML error 9\)|(?i:couldn't communicate with the nvidia driver)`)},
	{Lost, regexp.MustCompile(`\(NVML error 15\)|(?i:gpu is lost)`)},
	{ResetRequired, regexp.MustCompile(`\(NVML error 16\)|(?i:gpu requires reset)`)},
}

// fault tells what kind of thing an error says; "" for one that is only about a reading.
func fault(text string) Kind {
	if text == "" {
		return ""
	}
	for _, f := range faults {
		if f.said.MatchString(text) {
			return f.kind
		}
	}
	return ""
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
	powerBrake = "power brake"
	slowdown   = "hardware slowdown"
	powerCap   = "power cap"
)

// throttled tells why the clock is held down. "hardware slowdown" is the driver's sum
// of the others that hardware decides, so it is told only without them. Clocks that
// somebody set, and those of idle GPUs, are as they should be.
func throttled(found []finding, why []string) []finding {
	hot, hard := slices.Contains(why, tooHot), slices.Contains(why, "too hot (hardware)")
	brake := slices.Contains(why, powerBrake)
	if hot || hard {
		found = append(found, finding{kind: Throttled, cause: tooHot, grave: hard})
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

// idle says that nothing runs by every reading that there is. Without one of whether
// kernels run nothing is known.
func idle(d gpu.Device) bool {
	if d.BusyPct == nil && d.SMActivePct == nil || d.Error != "" {
		return false
	}
	for _, pct := range []*float64{d.BusyPct, d.SMActivePct, d.DRAMActivePct, d.MemoryBusyPct} {
		if pct != nil && !(*pct < asleep) {
			return false
		}
	}
	return true
}
