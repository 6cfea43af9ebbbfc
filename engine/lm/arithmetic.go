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

// Exp is e to the x with the bits of the model's own arithmetic, which those of
// package math are not on every machine: exactly 1 for 0.
func Exp(x float32) float32 { return kernel.Exp(x) }

// Arithmetic says what computes on this machine, in words for people who compare
// the bits of two.
func Arithmetic() string {
	if name := kernel.Name(); name != "plain" {
		return name
	}
	return "plain Go loops: bits differ from those of AVX2 machines"
}
