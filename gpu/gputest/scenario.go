package gputest

import (
	"fmt"
	"strings"
)

// TwoH20s is the scenario of one that works and one that does not, and of little more.
const TwoH20s = `gpu
name NVIDIA H20
uuid GPU-0
busy 92
total 97871
used 60000
power 355250
gpu
name NVIDIA H20
uuid GPU-1
busy 0
total 97871
used 0
power 71400
`

// H20 is the scenario of n H20s in the middle of a healthy training: busy, warm, well
// below their limit. What a test adds below `gpu N` is of that GPU, and counts over
// what stands here.
func H20(n int) string {
	return node("H20", "NVIDIA H20", n, `total 97871
used 88204
reserved 620
limit 500000
power sin 355000 25000 7
sm sin 88 6 7
occupancy sin 41 4 7
tensor sin 62 5 7
dram sin 47 5 7
`)
}

// H200 is the same of n H200s.
func H200(n int) string {
	return node("H200", "NVIDIA H200", n, `total 143771
used 121350
reserved 742
limit 700000
power sin 560000 40000 7
sm sin 91 5 7
occupancy sin 47 4 7
tensor sin 55 5 7
dram sin 38 5 7
`)
}

func node(model, name string, n int, own string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "gpu\nname %s\nuuid GPU-%s-%02d\n%s%s", name, model, i, own, healthy)
		fmt.Fprintf(&text, "process %d 87000\n", 4200+i)
	}
	return text.String()
}

const healthy = `busy sin 97 2 7
memory_busy sin 52 6 7
temperature sin 61 2 11
memory_temperature sin 74 2 11
sm_clock 1830
sm_clock_max 1980
memory_clock 2619
memory_clock_max 2619
throttle 0
ecc_corrected 0
ecc_uncorrected 0
remapped 0
retired_pending 0
recovery 0
persistence 1
mig 0
`
