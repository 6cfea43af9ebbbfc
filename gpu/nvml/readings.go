//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// readingCalls read what changes from second to second.
type readingCalls struct {
	utilization func(handle, *utilization) result
	memoryInfo  func(handle, *memoryV1) result
	memoryInfo2 func(handle, *memoryV2) result
	powerUsage  func(handle, *uint32) result // milliwatts
	powerLimit  func(handle, *uint32) result // milliwatts
	temperature func(handle, int32, *uint32) result
	clock       func(handle, int32, *uint32) result
	clockEvents func(handle, *uint64) result
	totalEnergy func(handle, *uint64) result // millijoules
	fieldValues func(handle, int32, *field) result
}

// The structs of nvml.h, for 64-bit machines.
type (
	utilization struct{ gpu, memory uint32 }    // percent
	memoryV1    struct{ total, _, used uint64 } // total, free, used
	memoryV2    struct {
		version           uint32
		total, _, _, used uint64 // total, reserved, free, used
	}
	field struct {
		id, _  uint32
		_, _   int64 // when, and how long it took
		kind   uint32
		result result
		value  uint64 // a union
	}
)

const (
	memoryV2Version = 40 | 2<<24 // its size, with the version in the top byte

	sensorGPU   = 0 // the only temperature sensor that has a number
	clockSM     = 1
	clockMemory = 2

	fieldMemoryTemperature = 82
	fieldRecovery          = 230

	kindUint, kindInt, kindUint16 = 1, 5, 6 // of a field's value
)

func (c *readingCalls) bind(lib symbols) {
	lib.bind(&c.utilization, "nvmlDeviceGetUtilizationRates")
	lib.bind(&c.memoryInfo, "nvmlDeviceGetMemoryInfo")
	lib.bind(&c.memoryInfo2, "nvmlDeviceGetMemoryInfo_v2")
	lib.bind(&c.powerUsage, "nvmlDeviceGetPowerUsage")
	lib.bind(&c.powerLimit, "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit")
	lib.bind(&c.temperature, "nvmlDeviceGetTemperature")
	lib.bind(&c.clock, "nvmlDeviceGetClockInfo")
	lib.bind(&c.clockEvents, "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")
	lib.bind(&c.totalEnergy, "nvmlDeviceGetTotalEnergyConsumption")
	lib.bind(&c.fieldValues, "nvmlDeviceGetFieldValues")
}

var readings = []step{
	{"busy share", (*library).busy},
	{"memory", (*library).memory},
	{"power", (*library).watts},
	{"power limit", (*library).limit},
	{"temperature", (*library).celsius},
	{"memory temperature", (*library).memoryCelsius},
	{"SM clock", (*library).smClock},
	{"memory clock", (*library).memoryClock},
	{"throttle reasons", (*library).throttle},
	{"energy", (*library).energy},
}

func (l *library) busy(h handle, d *gpu.Device) result {
	u, r := get(l.utilization, h)
	d.BusyPct = percent(u.gpu, r)
	d.MemoryBusyPct = percent(u.memory, r)
	return r
}

// percent is a share; more than all is none.
func percent(v uint32, r result) *float64 {
	if v > 100 {
		return nil
	}
	share, _ := number(v, r)
	return share
}

// memory prefers the second version of the call: since it came, the first one
// counts what the driver keeps for itself as used.
func (l *library) memory(h handle, d *gpu.Device) result {
	if l.memoryInfo2 != nil {
		m := memoryV2{version: memoryV2Version}
		r := l.memoryInfo2(h, &m)
		if r == ok || r.gone() {
			d.MemoryUsedBytes, _ = count(m.used, r)
			d.MemoryTotalBytes, _ = count(m.total, r)
			return r
		}
	}
	m, r := get(l.memoryInfo, h)
	d.MemoryUsedBytes, _ = count(m.used, r)
	d.MemoryTotalBytes, _ = count(m.total, r)
	return r
}

func (l *library) watts(h handle, d *gpu.Device) (r result) {
	d.PowerW, r = thousandths(number(get(l.powerUsage, h)))
	return r
}

func (l *library) limit(h handle, d *gpu.Device) (r result) {
	d.PowerLimitW, r = thousandths(number(get(l.powerLimit, h)))
	return r
}

func (l *library) celsius(h handle, d *gpu.Device) (r result) {
	d.TemperatureC, r = number(getOf(l.temperature, h, sensorGPU))
	return r
}

func (l *library) memoryCelsius(h handle, d *gpu.Device) (r result) {
	d.MemoryC, r = number(l.field(h, fieldMemoryTemperature))
	return r
}

func (l *library) smClock(h handle, d *gpu.Device) (r result) {
	d.SMClockMHz, r = number(getOf(l.clock, h, clockSM))
	return r
}

func (l *library) memoryClock(h handle, d *gpu.Device) (r result) {
	d.MemoryClockMHz, r = number(getOf(l.clock, h, clockMemory))
	return r
}

func (l *library) energy(h handle, d *gpu.Device) result {
	mj, r := count(get(l.totalEnergy, h))
	d.EnergyJ = nil
	if mj != nil {
		d.EnergyJ = new(float64(*mj) / 1000)
	}
	return r
}

// field reads one of the values that have a number instead of a function. One that
// a driver does not know is a function that it lacks.
func (l *library) field(h handle, id uint32) (uint32, result) {
	if l.fieldValues == nil {
		return 0, functionNotFound
	}
	f := field{id: id}
	r := l.fieldValues(h, 1, &f)
	if r == ok {
		r = f.result
	}
	if r == invalidArgument {
		r = functionNotFound
	}
	switch f.kind {
	case kindUint, kindInt:
		return uint32(f.value), r
	case kindUint16:
		return uint32(uint16(f.value)), r
	}
	return uint32(min(f.value, blank32)), r
}

// Numbers from here on stand for "no value": NVML has all bits set for that, and DCGM,
// whose values some drivers hand through, the last numbers below the sign bit.
const (
	blank32 = 0x7ffffff0
	blank64 = 0x7ffffffffffffff0
)

// number is a value that is null where it could not be read or is blank.
func number(v uint32, r result) (*float64, result) {
	if r != ok || v >= blank32 {
		return nil, r
	}
	return new(float64(v)), r
}

// thousandths is a number that the driver gives in a smaller unit.
func thousandths(v *float64, r result) (*float64, result) {
	if v == nil {
		return nil, r
	}
	return new(*v / 1000), r
}

func count(v uint64, r result) (*uint64, result) {
	if r != ok || v >= blank64 {
		return nil, r
	}
	return &v, r
}
