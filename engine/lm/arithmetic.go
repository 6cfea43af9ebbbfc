package lm

import "ablate/engine/lm/kernel"

// Arithmetic says what computes on this machine, in words for people who compare
// the bits of two.
func Arithmetic() string {
	if name := kernel.Name(); name != "plain" {
		return name
	}
	return "plain Go loops: bits differ from those of AVX2 machines"
}
