//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

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

// Error says what happened in words, and NVML's number.
func (r result) Error() string { return gpu.ResultWords(int(r)) }
