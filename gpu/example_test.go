package gpu_test

import (
	"fmt"

	"ablate/gpu"
)

// A model of 7.6e9 parameters trains 10000 tokens/s on eight H20s. By the 6N
// convention, which leaves attention out, a token takes 6 * 7.6e9 = 4.56e10 FLOP, so
// the run does 4.56e14 of the 8 * 148e12 = 1.184e15 FLOP/s that there are: 38.5 %.
func ExampleMFU() {
	eight := []string{
		"NVIDIA H20", "NVIDIA H20", "NVIDIA H20", "NVIDIA H20",
		"NVIDIA H20", "NVIDIA H20", "NVIDIA H20", "NVIDIA H20",
	}
	mfu, known := gpu.MFU(10_000, 6*7.6e9, eight)
	fmt.Printf("%.1f %% %v\n", 100*mfu, known)

	_, known = gpu.MFU(10_000, 6*7.6e9, append(eight, "NVIDIA H21"))
	fmt.Println(known)
	// Output:
	// 38.5 % true
	// false
}
