//go:build (linux || darwin) && !nonvml

package nvml

import "fmt"

// result is what every NVML call returns; all but ok are errors.
type result int32

// The results that this package acts on.
const (
	ok               result = 0
	invalidArgument  result = 2
	notSupported     result = 3
	noPermission     result = 4
	insufficientSize result = 7
	functionNotFound result = 13
	gpuLost          result = 15
	resetRequired    result = 16
)

// gone tells that the GPU answers nothing until it is reset or back on its bus.
func (r result) gone() bool { return r == gpuLost || r == resetRequired }

// Error says what happened in words that tell a person what to do, and ends
// with NVML's number, by which the driver's documentation knows it.
func (r result) Error() string {
	var words string
	switch r {
	case 1:
		words = "NVML is not started"
	case invalidArgument:
		words = "the driver refused an argument"
	case notSupported:
		words = "not offered by this GPU"
	case noPermission:
		words = "no permission"
	case 6:
		words = "not found"
	case insufficientSize:
		words = "more than could be counted"
	case 8:
		words = "the GPU's power cables are not connected"
	case 9:
		words = "the NVIDIA driver is not loaded"
	case 10:
		words = "the driver timed out"
	case functionNotFound:
		words = "not offered by this driver"
	case gpuLost:
		words = "the GPU is lost (it fell off the bus)"
	case resetRequired:
		words = "the GPU needs a reset"
	case 17:
		words = "the operating system refused the GPU"
	case 18:
		words = "the NVIDIA driver and its library differ in version (reload the driver or restart the machine)"
	default:
		words = "NVML failed"
	}
	return fmt.Sprintf("%s (NVML error %d)", words, int32(r))
}
