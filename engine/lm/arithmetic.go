package lm

// loops names the loops that the arithmetic runs in: plainLoops, or the vector
// instructions that the machine has for them.
const loops = plainLoops

// plainLoops is the name of those that need nothing of a machine.
const plainLoops = "plain"

// Arithmetic says what computes on this machine, in words for people who compare
// the bits of two.
func Arithmetic() string { return arithmetic(loops) }

func arithmetic(loops string) string {
	if loops == plainLoops {
		return "plain Go loops: bits differ from those of AVX2 machines"
	}
	return loops
}
