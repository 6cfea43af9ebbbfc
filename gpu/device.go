// Package gpu reads the devices that runs are trained on, and claims them.
//
// A Sampler takes one reading of every GPU of this machine. A Watch polls one from a
// goroutine of its own, so that whoever draws the numbers never waits for a driver: a
// sick GPU can hold a call for minutes in a state that no signal ends. A reader of a
// Watch then sees the last reading, its age, and that the driver does not answer. This
// is how a reading goes through the rooms:
//
//	nvml, nvidia-smi or a recording
//	  -> driver: `ablate sample`, a child, since what reads may hang
//	  -> Watch: the newest sample
//	       -> engine/runner: claims, Meter, alert -> exit.json, events.jsonl, gpu.jsonl (record)
//	            -> tui/report, tui/lab, tui/run
//	       -> engine/remote: a Fleet of this Watch and, through ssh, of those of engine/agents
//	            -> tui/report (`ablate gpu`), tui/nodes (alert)
//
// A Claim keeps GPUs for one run, whatever store or user asks: one locked file a
// GPU, in one folder for the whole machine, which the trainer inherits. They are
// free once the last process that has them has ended, without anybody tidying up.
//
// Two rules hold everywhere. What cannot be read is null, never 0: an idle
// GPU and one whose counter is missing are different facts. And no driver, an
// old driver or a broken one is an error value, never the end of the process:
// NVML is opened at run time and every call in it is looked up by name, since
// a call that an old driver lacks would otherwise stop the program.
package gpu

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Device is one reading of one GPU, or of one MIG slice of a GPU. Its JSON is what
// `ablate gpu --json` prints: every key is always there. A nil pointer or slice, and
// an empty Text, say that the value could not be read. What the pointers point at is
// never written again, so copies of a Device may share it.
type Device struct {
	Host              Text      `json:"host"`
	Index             int       `json:"index"` // the driver's number, from 0; it may change when the machine starts anew, UUID does not
	UUID              Text      `json:"uuid"`
	Name              Text      `json:"name"`
	BusyPct           *float64  `json:"busy_pct"`          // share of the last second in which any kernel ran, 0 to 100
	SMActivePct       *float64  `json:"sm_active_pct"`     // share of multiprocessors at work, 0 to 100
	TensorActivePct   *float64  `json:"tensor_active_pct"` // share of the tensor cores' time, 0 to 100
	DRAMActivePct     *float64  `json:"dram_active_pct"`   // share of the memory bandwidth, 0 to 100
	MemoryUsedBytes   *uint64   `json:"memory_used_bytes"`
	MemoryTotalBytes  *uint64   `json:"memory_total_bytes"`
	PowerW            *float64  `json:"power_w"`
	PowerLimitW       *float64  `json:"power_limit_w"` // the limit in force
	TemperatureC      *float64  `json:"temperature_c"`
	Throttle          []string  `json:"throttle"` // why the clock is held down, in words; empty = it is not
	EnergyJ           *float64  `json:"energy_j"` // since the driver was loaded
	Processes         []Process `json:"processes"`
	AgeS              float64   `json:"age_s"`            // seconds since the reading was taken
	Error             Text      `json:"error"`            // the first thing that went wrong while reading this GPU
	Slice             *int      `json:"mig_slice"`        // of the GPU with this index; null: a whole GPU
	SMOccupancyPct    *float64  `json:"sm_occupancy_pct"` // warps at work of those that multiprocessors can hold, 0 to 100
	MemoryBusyPct     *float64  `json:"memory_busy_pct"`  // share of the last second in which memory was read or written, 0 to 100
	MemoryC           *float64  `json:"memory_temperature_c"`
	SMClockMHz        *float64  `json:"sm_clock_mhz"`
	SMClockMaxMHz     *float64  `json:"sm_clock_max_mhz"`
	MemoryClockMHz    *float64  `json:"memory_clock_mhz"`
	MemoryClockMaxMHz *float64  `json:"memory_clock_max_mhz"`
	ECCCorrected      *uint64   `json:"ecc_corrected"`   // errors since the driver was loaded
	ECCUncorrected    *uint64   `json:"ecc_uncorrected"` // likewise
	RemappedRows      *uint64   `json:"remapped_rows"`   // of the memory, for errors, ever
	Repair            Text      `json:"repair"`          // what the driver says it needs ("a reset: rows wait to be remapped"); null: nothing
	Persistence       *bool     `json:"persistence"`     // the driver stays loaded without users
	XIDs              []XID     `json:"xids"`            // errors that the driver reported since it is watched, oldest first; null: it is not
	ClaimedBy         *Holder   `json:"claimed_by"`      // whose run has it, of any store of this machine; null: nobody's
}

// XID is an error that the driver reported of a GPU, under the number that NVIDIA's
// documentation has it by.
type XID struct {
	Time float64 `json:"time"` // seconds since 1970
	Code int     `json:"code"`
	Text string  `json:"text"` // what the number means; "" for one that is not known here
}

// String is "XID 79 at 14:03:22: fallen off the bus".
func (x XID) String() string {
	text := fmt.Sprintf("XID %d at %s", x.Code, time.UnixMilli(int64(x.Time*1000)).Format(time.TimeOnly))
	if x.Text != "" {
		text += ": " + x.Text
	}
	return text
}

// Process is one process that holds memory of a GPU.
type Process struct {
	PID             int     `json:"pid"`
	MemoryUsedBytes *uint64 `json:"memory_used_bytes"`
	User            Text    `json:"user"`    // its name, or its number where it has none
	Command         Text    `json:"command"` // short
	Parents         []int   `json:"parents"` // the processes above it, the nearest first; null: not known
}

// ByMemory are processes with the one in front that has the most.
func ByMemory(list []Process) []Process {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Process) int { return cmp.Compare(bytesOf(b), bytesOf(a)) })
	return list
}

// Text is a string that is null in JSON when it is empty.
type Text string

// MarshalJSON writes the string, or null when there is none.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}
