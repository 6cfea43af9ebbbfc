//go:build (linux || darwin) && !nonvml

package nvml

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"

	"ablate/gpu"
)

// libraryName is the driver's library, found by the system's loader.
const libraryName = "libnvidia-ml.so.1"

// handle is NVML's opaque pointer to a GPU or a slice of one.
type handle uintptr

// library is the part of NVML that is used here, as functions of the C side. One
// that this driver lacks is nil. Every function returns a result; what the structs
// and numbers mean stands in nvml.h.
type library struct {
	initialise, shutdown func() result
	deviceCount          func(*uint32) result
	handleByIndex        func(uint32, *handle) result
	identityCalls
	readingCalls
	healthCalls
	processCalls
	sliceCalls
	eventCalls
	gpmCalls
}

// load opens the library at path ("" = the system's) and binds what it has.
// It is never unloaded: the driver keeps threads and handlers of its own in
// it, and a later load finds it mapped.
func load(path string) (*library, error) {
	name := path
	if name == "" {
		name = libraryName
	}
	// The loader keeps the text of an error per thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	lib, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	switch {
	case err == nil:
		return bind(symbols(lib), name)
	case !absent(err, name):
		return nil, fmt.Errorf("load NVML: %w", err)
	case there(path):
		return nil, fmt.Errorf("load NVML: %s is no library for this machine", path)
	case path == "":
		return nil, gpu.ErrNoDriver
	}
	return nil, fmt.Errorf("load %s: %w", path, gpu.ErrNoDriver)
}

// there tells that a file is there, which the loader denies of one for other machines.
func there(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// absent tells a library that is not there from one that does not load, as
// one of a wrong architecture or with a missing part. No driver for macOS
// exists, so there a failure has only one meaning.
func absent(err error, name string) bool {
	text := err.Error()
	return runtime.GOOS == "darwin" ||
		strings.HasPrefix(text, name+":") && strings.Contains(text, "No such file or directory")
}

// bind looks every function up. A library without the first four is not NVML.
func bind(lib symbols, path string) (*library, error) {
	l := &library{}
	for _, f := range []struct {
		to    any
		names []string
	}{
		{&l.initialise, []string{"nvmlInit_v2", "nvmlInit"}},
		{&l.shutdown, []string{"nvmlShutdown"}},
		{&l.deviceCount, []string{"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"}},
		{&l.handleByIndex, []string{"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"}},
	} {
		if !lib.bind(f.to, f.names...) {
			return nil, fmt.Errorf("bind NVML: %s has no %s", path, f.names[len(f.names)-1])
		}
	}
	l.identityCalls.bind(lib)
	l.readingCalls.bind(lib)
	l.healthCalls.bind(lib)
	l.processCalls.bind(lib)
	l.sliceCalls.bind(lib)
	l.eventCalls.bind(lib)
	l.gpmCalls.bind(lib)
	return l, nil
}

// symbols is a loaded library, as a place to look functions up.
type symbols uintptr

// bind sets the function that to points at to the first of names that the library
// has; the newest version comes first.
func (s symbols) bind(to any, names ...string) bool {
	for _, name := range names {
		if address, err := purego.Dlsym(uintptr(s), name); err == nil {
			purego.RegisterFunc(to, address)
			return true
		}
	}
	return false
}

// get calls a function with one result beside its own.
func get[T any](f func(handle, *T) result, h handle) (T, result) {
	var v T
	if f == nil {
		return v, functionNotFound
	}
	r := f(h, &v)
	return v, r
}

// getOf calls one that has to be told which of several things to get.
func getOf[T any](f func(handle, int32, *T) result, h handle, which int32) (T, result) {
	var v T
	if f == nil {
		return v, functionNotFound
	}
	r := f(h, which, &v)
	return v, r
}

func (l *library) count() (int, result) {
	var n uint32
	r := l.deviceCount(&n)
	return int(n), r
}

func (l *library) handle(index int) (handle, result) {
	var h handle
	r := l.handleByIndex(uint32(index), &h)
	return h, r
}
