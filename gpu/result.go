package gpu

import "fmt"

// results are what NVML's calls return, in words that tell a person what to do. Those
// of nvidia-smi are turned into the same.
var results = map[int]string{
	1:  "NVML is not started",
	2:  "the driver refused an argument",
	3:  "not offered by this GPU",
	4:  "no permission",
	6:  "not found",
	7:  "more than could be counted",
	8:  "the GPU's power cables are not connected",
	9:  "the NVIDIA driver is not loaded",
	10: "the driver timed out",
	13: "not offered by this driver",
	15: "the GPU is lost (it fell off the bus)",
	16: "the GPU needs a reset",
	17: "the operating system refused the GPU",
	18: "the NVIDIA driver and its library differ in version (reload the driver or restart the machine)",
}

// ResultWords says what a result of NVML means, and ends with its number, by which the
// driver's documentation knows it.
func ResultWords(result int) string {
	words, ok := results[result]
	if !ok {
		words = "NVML failed"
	}
	return words + resultNumber(result)
}

func resultNumber(result int) string { return fmt.Sprintf(" (NVML error %d)", result) }
