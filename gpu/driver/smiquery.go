package driver

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"ablate/gpu"
)

// column is a value of nvidia-smi's query. Those names are tried in their order; an
// nvidia-smi that knows none has no such column.
type column struct {
	names []string
	what  string // in words, for an error
	take  func(d *gpu.Device, text string)
}

// columns is what is asked. The first two tell rounds apart.
func columns() []column {
	number := func(to func(*gpu.Device) **float64) func(*gpu.Device, string) {
		return func(d *gpu.Device, text string) {
			if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
				*to(d) = &v
			}
		}
	}
	count := func(to func(*gpu.Device) **uint64, scale uint64) func(*gpu.Device, string) {
		return func(d *gpu.Device, text string) {
			if v, err := strconv.ParseUint(text, 10, 64); err == nil {
				*to(d) = new(v * scale)
			}
		}
	}
	return []column{
		{[]string{"index"}, "index", func(*gpu.Device, string) {}},
		{[]string{"count"}, "count", func(*gpu.Device, string) {}},
		{[]string{"uuid", "gpu_uuid"}, "UUID", func(d *gpu.Device, text string) { d.UUID = gpu.Text(text) }},
		{[]string{"name", "gpu_name"}, "name", func(d *gpu.Device, text string) { d.Name = gpu.Text(text) }},
		{[]string{"utilization.gpu"}, "busy share", number(func(d *gpu.Device) **float64 { return &d.BusyPct })},
		{[]string{"utilization.memory"}, "memory's busy share", number(func(d *gpu.Device) **float64 { return &d.MemoryBusyPct })},
		{[]string{"memory.used"}, "memory", count(func(d *gpu.Device) **uint64 { return &d.MemoryUsedBytes }, mib)},
		{[]string{"memory.total"}, "memory", count(func(d *gpu.Device) **uint64 { return &d.MemoryTotalBytes }, mib)},
		{[]string{"power.draw.instant", "power.draw"}, "power", number(func(d *gpu.Device) **float64 { return &d.PowerW })},
		{[]string{"enforced.power.limit", "power.limit"}, "power limit", number(func(d *gpu.Device) **float64 { return &d.PowerLimitW })},
		{[]string{"temperature.gpu"}, "temperature", number(func(d *gpu.Device) **float64 { return &d.TemperatureC })},
		{[]string{"temperature.memory"}, "memory temperature", number(func(d *gpu.Device) **float64 { return &d.MemoryC })},
		{[]string{"clocks.sm"}, "clock", number(func(d *gpu.Device) **float64 { return &d.SMClockMHz })},
		{[]string{"clocks.max.sm"}, "clock", number(func(d *gpu.Device) **float64 { return &d.SMClockMaxMHz })},
		{[]string{"clocks.mem"}, "memory clock", number(func(d *gpu.Device) **float64 { return &d.MemoryClockMHz })},
		{[]string{"clocks.max.mem"}, "memory clock", number(func(d *gpu.Device) **float64 { return &d.MemoryClockMaxMHz })},
		{[]string{"clocks_event_reasons.active", "clocks_throttle_reasons.active"}, "throttle reasons", throttle},
		{[]string{"ecc.errors.corrected.volatile.total"}, "ECC errors", count(func(d *gpu.Device) **uint64 { return &d.ECCCorrected }, 1)},
		{[]string{"ecc.errors.uncorrected.volatile.total"}, "ECC errors", count(func(d *gpu.Device) **uint64 { return &d.ECCUncorrected }, 1)},
		{[]string{"persistence_mode"}, "persistence mode", persistence},
	}
}

// mib is the unit of memory in nvidia-smi's text.
const mib = 1 << 20

func throttle(d *gpu.Device, text string) {
	if bits, err := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 64); err == nil {
		d.Throttle = gpu.ThrottleWords(bits)
	}
}

func persistence(d *gpu.Device, text string) {
	switch text {
	case "Enabled":
		d.Persistence = new(true)
	case "Disabled":
		d.Persistence = new(false)
	}
}

func query(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.names[0]
	}
	return "--query-gpu=" + strings.Join(names, ",")
}

// known asks once with all columns and again without each that nvidia-smi refuses,
// until it answers.
func known(ctx context.Context, path string, m *mark) ([]column, error) {
	all := columns()
	for {
		var said, out head
		cmd := exec.CommandContext(ctx, path, query(all), "--format=csv,noheader,nounits")
		cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &said, time.Second
		cmd.ExtraFiles, cmd.SysProcAttr = m.kept(), inherited()
		err := cmd.Run()
		if err == nil {
			return all, nil
		}
		text := strings.TrimSpace(out.String())
		refused := refusedColumn(text + "\n" + said.line())
		if refused == "" {
			return nil, ended(firstLine(text), said.line(), err)
		}
		if all = without(all, refused); all == nil {
			return nil, fmt.Errorf("read nvidia-smi: it does not know %q", refused)
		}
	}
}

// refusedColumn is the one that nvidia-smi says it does not know.
func refusedColumn(text string) string {
	before, _, found := strings.Cut(text, `" is not a valid field to query`)
	if !found {
		return ""
	}
	return before[strings.LastIndexByte(before, '"')+1:]
}

// without drops a name: the column takes its next one, or is left out. Without the
// first three, or a name that nobody asked, it is nil.
func without(all []column, name string) []column {
	for i, c := range all {
		if c.names[0] != name {
			continue
		}
		if len(c.names) > 1 {
			all[i].names = c.names[1:]
			return all
		}
		if i < 3 {
			return nil
		}
		return append(all[:i], all[i+1:]...)
	}
	return nil
}

// parse reads a line of values: of which GPU, and of how many. A value that is blank
// stays null, one that could not be read is the device's error.
func parse(columns []column, line string) (d gpu.Device, of int, ok bool) {
	values := strings.Split(line, ", ")
	if len(values) != len(columns) {
		return d, 0, false
	}
	var err error
	if d.Index, err = strconv.Atoi(strings.TrimSpace(values[0])); err != nil {
		return d, 0, false
	}
	if of, err = strconv.Atoi(strings.TrimSpace(values[1])); err != nil {
		return d, 0, false
	}
	for i, c := range columns {
		value := strings.TrimSpace(values[i])
		result, blank := blanks[strings.Trim(value, "[]")]
		switch {
		case !blank:
			c.take(&d, value)
		case result != 0 && d.Error == "":
			d.Error = gpu.Text(fmt.Sprintf("read %s: %s", c.what, gpu.ResultWords(result)))
		}
	}
	return d, of, true
}

// blanks are what nvidia-smi prints for a value that it has not, with the result of the
// driver's library where that is an error.
var blanks = map[string]int{
	"N/A":           0,
	"Not Supported": 0,
	"Requested functionality has been deprecated": 0,
	"Unknown Error":            unknown,
	"GPU requires reset":       resetRequired,
	"GPU is lost":              gpuLost,
	"Insufficient Permissions": noPermission,
}

// The results of the driver's library in the same cases.
const (
	noPermission    = 4
	driverNotLoaded = 9
	gpuLost         = 15
	resetRequired   = 16
	systemRefused   = 17
	versionsDiffer  = 18
	unknown         = 999
)

// failure is what the driver's library would say of a line with which nvidia-smi gives
// up; "" if it is none of the known.
func failure(line string) string {
	for _, f := range []struct {
		in, doing string
		result    int
	}{
		{"Failed to initialize NVML: Driver/library version mismatch", "start NVML", versionsDiffer},
		{"Failed to initialize NVML: Insufficient Permissions", "start NVML", noPermission},
		{"Failed to initialize NVML: GPU access blocked by the operating system", "start NVML", systemRefused},
		{"Failed to initialize NVML: Driver Not Loaded", "start NVML", driverNotLoaded},
		{"couldn't communicate with the NVIDIA driver", "start NVML", driverNotLoaded},
		{"Failed to initialize NVML", "start NVML", unknown},
		{"GPU is lost", "open GPU", gpuLost},
		{"GPU requires reset", "open GPU", resetRequired},
		{"Unable to determine the device handle", "open GPU", unknown},
	} {
		if strings.Contains(line, f.in) {
			return f.doing + ": " + gpu.ResultWords(f.result)
		}
	}
	return ""
}
