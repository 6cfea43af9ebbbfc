package gpu

// throttles are the driver's bits of why clocks are held down, with their words. Bit 0
// is none: a GPU without work lowers its clocks, which slows nobody.
var throttles = []struct {
	bits  uint64
	words string
}{
	{0x4, "power cap"},
	{0x20, "too hot"},
	{0x40, "too hot (hardware)"},
	{hardwareSlowdown, "hardware slowdown"},
	{0x80, "power brake"},
	{0x2, "clocks set by hand"},
	{0x100, "display clock"},
	{0x10, "sync boost"},
}

const (
	hardwareSlowdown = 0x8
	hardwareReasons  = 0x40 | 0x80 // they come with the one above, which then adds nothing
)

// ThrottleWords says why clocks are held down, always in the same order, of the bits
// that NVML and nvidia-smi give as throttle or event reasons. It is empty, not nil,
// where they are not; bits that are not known here are left out.
func ThrottleWords(bits uint64) []string {
	if bits&hardwareReasons != 0 {
		bits &^= hardwareSlowdown
	}
	words := []string{}
	for _, t := range throttles {
		if bits&t.bits != 0 {
			words = append(words, t.words)
		}
	}
	return words
}
