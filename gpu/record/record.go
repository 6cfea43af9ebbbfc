// Package record keeps readings of GPUs in files, and gives them back.
//
// A recording is JSON lines of three kinds, cut short here:
//
//	{"time":1763790000.5,"serial":1,"columns":["throttle","memory_used_bytes","busy_pct","power_w","energy_j"],
//	 "scale":{"memory_used_bytes":1048576},"throttle":[[],["power cap"]],
//	 "devices":[{"index":0,"uuid":"GPU-5ab1","name":"NVIDIA H20","power_limit_w":500,"processes":[],"energy_j":881204}]}
//	[0,1,[0,59392,98,431.7,0]]
//	[1.002,1,[0,59392,97,428.9,430]]
//	{"serial":2,"device":0,"set":{"processes":[{"pid":4242,"memory_used_bytes":62276999999}]}}
//	[2.001,2,[1,59404,100,499.8,901]]
//
// The first is a header: the names of the columns, and of each device what seldom
// changes. The keys are those of `ablate gpu --json`; one that is in neither place is
// null. A row is one sample: its seconds since the time of the header, a serial number,
// and for each device of the header the numbers of its columns, or null. A number is
// multiplied by its scale. "throttle" is a place in the header's list of that name, and
// "energy_j" is added to the device's in the header. What changes between headers stands
// in a line of its own, by its device's place in the header: processes that came or
// went, an XID, a claim, an error.
//
// Headers and changes are numbered, and a row names the one that it follows. So who
// has lost a line knows which rows depend on it, and goes on at the next header,
// which comes after 10 minutes, or once the devices are other ones. A line that was cut
// off by the end of the file was still being written.
//
// Shares, power and temperatures are kept to 0.1, memory in use to 1 MiB (1 MHz and 1 J
// likewise), ages and times to 1 ms. A file whose name ends in ".zst" is one zstd stream of
// such lines, in which every 5 s of them can be read as soon as they are there.
//
// Older recordings, {"time":T,"devices":[...]} a line, are read too.
package record

import "ablate/gpu"

// Sample is one reading of the GPUs of a machine.
type Sample struct {
	Time    float64 // seconds since 1970
	Devices []gpu.Device
}

const (
	// headerEvery bounds, in seconds, how much depends on one header.
	headerEvery = 600
	// maxLine bounds one line: hundreds of processes on each of 16 GPUs fit.
	maxLine = 4 << 20
	mib     = 1 << 20
)
