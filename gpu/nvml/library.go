//go:build (linux || darwin) && !nonvml

package nvml

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"

	"ablate/gpu"
)

// libraryName is the driver's library, found by the system's loader.
const libraryName = "libnvidia-ml.so.1"

// handle is NVML's opaque pointer to a GPU.
type handle uintptr

// The structs of nvml.h that cross the border, for 64-bit machines.
type (
	utilization struct{ gpu, _ uint32 }         // percent; the second is the memory's
	memoryV1    struct{ total, _, used uint64 } // total, free, used
	memoryV2    struct {
		version           uint32
		total, _, _, used uint64 // total, reserved, free, used
	}
)

// memoryV2Version is the struct's size with its version in the top byte, as
// NVML wants it in the first field.
const memoryV2Version = 40 | 2<<24

// sensorGPU is the only temperature sensor that NVML has by number.
const sensorGPU = 0

// library is the part of NVML that is used here, as functions of the C side.
// One that this driver lacks is nil. (The C signatures: every function returns
// a result; text goes into a buffer whose size is given.)
type library struct {
	initialise  func() result
	shutdown    func() result
	devices     func(*uint32) result
	byIndex     func(uint32, *handle) result
	uuid, name  func(handle, *byte, uint32) result
	utilization func(handle, *utilization) result
	memory1     func(handle, *memoryV1) result
	memory2     func(handle, *memoryV2) result
	power       func(handle, *uint32) result // milliwatts
	limit       func(handle, *uint32) result // milliwatts
	temperature func(handle, int32, *uint32) result
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
		return bind(lib, name)
	case !absent(err, name):
		return nil, fmt.Errorf("load NVML: %w", err)
	case path == "":
		return nil, gpu.ErrNoDriver
	}
	return nil, fmt.Errorf("load %s: %w", path, gpu.ErrNoDriver)
}

// absent tells a library that is not there from one that does not load, as
// one of a wrong architecture or with a missing part. No driver for macOS
// exists, so there a failure has only one meaning.
func absent(err error, name string) bool {
	text := err.Error()
	return runtime.GOOS == "darwin" ||
		strings.HasPrefix(text, name+":") && strings.Contains(text, "No such file or directory")
}

// bind looks every function up, the newest version of it first. A library
// without the first four is not NVML.
func bind(lib uintptr, path string) (*library, error) {
	l := &library{}
	for _, f := range []struct {
		to       any
		required bool
		names    []string
	}{
		{&l.initialise, true, []string{"nvmlInit_v2", "nvmlInit"}},
		{&l.shutdown, true, []string{"nvmlShutdown"}},
		{&l.devices, true, []string{"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"}},
		{&l.byIndex, true, []string{"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"}},
		{&l.uuid, false, []string{"nvmlDeviceGetUUID"}},
		{&l.name, false, []string{"nvmlDeviceGetName"}},
		{&l.utilization, false, []string{"nvmlDeviceGetUtilizationRates"}},
		{&l.memory1, false, []string{"nvmlDeviceGetMemoryInfo"}},
		{&l.memory2, false, []string{"nvmlDeviceGetMemoryInfo_v2"}},
		{&l.power, false, []string{"nvmlDeviceGetPowerUsage"}},
		{&l.limit, false, []string{"nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit"}},
		{&l.temperature, false, []string{"nvmlDeviceGetTemperature"}},
	} {
		if !register(lib, f.to, f.names) && f.required {
			return nil, fmt.Errorf("bind NVML: %s has no %s", path, f.names[len(f.names)-1])
		}
	}
	return l, nil
}

// register sets *to to the first of names that the library has.
func register(lib uintptr, to any, names []string) bool {
	for _, name := range names {
		if address, err := purego.Dlsym(lib, name); err == nil {
			purego.RegisterFunc(to, address)
			return true
		}
	}
	return false
}

func (l *library) start() result { return l.initialise() }

func (l *library) count() (int, result) {
	var n uint32
	r := l.devices(&n)
	return int(n), r
}

func (l *library) handle(index int) (handle, result) {
	var h handle
	r := l.byIndex(uint32(index), &h)
	return h, r
}

// text reads a name or UUID; NVML's longest is 96 bytes.
func (l *library) text(f func(handle, *byte, uint32) result, h handle, to *gpu.Text) result {
	if f == nil {
		return functionNotFound
	}
	b := make([]byte, 96)
	r := f(h, &b[0], uint32(len(b)))
	if r == ok {
		s, _, _ := bytes.Cut(b, []byte{0})
		*to = gpu.Text(s)
	}
	return r
}

func (l *library) busy(h handle, to **float64) result {
	if l.utilization == nil {
		return functionNotFound
	}
	var u utilization
	r := l.utilization(h, &u)
	if r == ok {
		*to = new(float64(u.gpu))
	}
	return r
}

// memory prefers the second version of the call: since it came, the first one
// counts what the driver keeps for itself as used.
func (l *library) memory(h handle, used, total **uint64) result {
	if l.memory2 != nil {
		m := memoryV2{version: memoryV2Version}
		r := l.memory2(h, &m)
		if r == ok {
			*used, *total = new(m.used), new(m.total)
			return r
		}
		if r == gpuLost || r == resetRequired {
			return r
		}
	}
	if l.memory1 == nil {
		return functionNotFound
	}
	var m memoryV1
	r := l.memory1(h, &m)
	if r == ok {
		*used, *total = new(m.used), new(m.total)
	}
	return r
}

func (l *library) watts(f func(handle, *uint32) result, h handle, to **float64) result {
	if f == nil {
		return functionNotFound
	}
	var milliwatts uint32
	r := f(h, &milliwatts)
	if r == ok {
		*to = new(float64(milliwatts) / 1000)
	}
	return r
}

func (l *library) celsius(h handle, to **float64) result {
	if l.temperature == nil {
		return functionNotFound
	}
	var c uint32
	r := l.temperature(h, sensorGPU, &c)
	if r == ok {
		*to = new(float64(c))
	}
	return r
}
