package lm

import "ablate/engine/lm/kernel"

// Speed is about what one core of this machine trains with, in FLOP/s, with the
// time for data and evaluations in it: a guess for estimates, until something is
// measured.
func Speed() float64 {
	if kernel.Name() == "plain" {
		return 2.5e9
	}
	return 50e9
}

// Arithmetic says what computes on this machine, in words for people who compare
// the bits of two.
func Arithmetic() string {
	if name := kernel.Name(); name != "plain" {
		return name
	}
	return "plain Go loops: bits differ from those of AVX2 machines"
}
