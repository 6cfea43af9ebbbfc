//go:build (linux || darwin) && !nonvml

package nvml

import "ablate/gpu"

// processCalls list the processes that have a context on a GPU. A caller gives room
// for *n of them; too little of it is insufficientSize, and *n the number there is.
type processCalls struct {
	processes   func(h handle, n *uint32, to *process) result
	processesV1 func(h handle, n *uint32, to *processV1) result
}

type (
	processV1 struct {
		pid    uint32
		memory uint64
	}
	process struct {
		processV1
		_, _ uint32 // of MIG
	}
)

func (c *processCalls) bind(lib symbols) {
	if !lib.bind(&c.processes, "nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2") {
		lib.bind(&c.processesV1, "nvmlDeviceGetComputeRunningProcesses")
	}
}

var users = []step{{"processes", (*library).users}}

// users reads the processes. Who may not see those of others is told none, which is no
// fault of the GPU.
func (l *library) users(h handle, d *gpu.Device) (r result) {
	if l.processes != nil {
		d.Processes, r = listed(l.processes, h)
	} else {
		d.Processes, r = listed(l.processesV1, h)
	}
	if r == noPermission {
		return notSupported
	}
	return r
}

// process has no memory where the driver does not know it, as in a container.
func (p processV1) process() gpu.Process {
	memory, _ := count(p.memory, ok)
	return gpu.Process{PID: int(p.pid), MemoryUsedBytes: memory}
}

// listed asks until there is room for all, since processes come and go meanwhile.
func listed[P interface{ process() gpu.Process }](f func(handle, *uint32, *P) result, h handle) ([]gpu.Process, result) {
	if f == nil {
		return nil, functionNotFound
	}
	r := insufficientSize
	for room := uint32(16); r == insufficientSize && room < 1<<16; {
		list := make([]P, room)
		n := room
		if r = f(h, &n, &list[0]); r == ok {
			found := make([]gpu.Process, 0, n)
			for _, p := range list[:min(n, room)] {
				found = append(found, p.process())
			}
			return found, ok
		}
		room = max(n, room) + 16
	}
	return nil, r
}
