//go:build nonvml || !(linux || darwin)

// Package nvml reads GPUs through the driver's own library; this build leaves that out.
package nvml

import "ablate/gpu"

// errLeftOut stands for gpu.ErrNoDriver in a build without NVML, but does not say
// what it cannot know.
type errLeftOut struct{}

func (errLeftOut) Error() string        { return "this build leaves NVML out" }
func (errLeftOut) Is(target error) bool { return target == gpu.ErrNoDriver }

// Open returns an error that is gpu.ErrNoDriver: this build has no dlopen, in
// return for a binary that needs no C library.
func Open(string) (gpu.Sampler, error) { return nil, errLeftOut{} }
