//go:build nonvml || !(linux || darwin)

package gpu

// errLeftOut stands for ErrNoDriver in a build without NVML, but does not say
// what it cannot know.
type errLeftOut struct{}

func (errLeftOut) Error() string        { return "this build leaves NVML out" }
func (errLeftOut) Is(target error) bool { return target == ErrNoDriver }

// OpenNVML returns an error that is ErrNoDriver: this build has no dlopen, in
// return for a binary that needs no C library.
func OpenNVML(string) (Sampler, error) { return nil, errLeftOut{} }
