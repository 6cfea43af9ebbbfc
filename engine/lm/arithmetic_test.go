package lm

import "testing"

func TestArithmetic(t *testing.T) {
	t.Parallel()
	for loops, want := range map[string]string{
		"plain":    "plain Go loops: bits differ from those of AVX2 machines",
		"avx2+fma": "avx2+fma",
	} {
		if got := arithmetic(loops); got != want {
			t.Errorf("arithmetic of %s is %q, want %q", loops, got, want)
		}
	}
}
