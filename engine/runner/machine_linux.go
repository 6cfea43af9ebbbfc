package runner

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machineAt reads what stands below root of the machine, and asks the kernel for
// its own version.
func machineAt(root string) Machine {
	m := Machine{
		CPU:    afterColon(head(filepath.Join(root, "proc/cpuinfo")), "model name"),
		Driver: driverVersion(head(filepath.Join(root, "proc/driver/nvidia/version"))),
	}
	if kib, _, ok := strings.Cut(afterColon(head(filepath.Join(root, "proc/meminfo")), "MemTotal"), " "); ok {
		n, _ := strconv.ParseUint(kib, 10, 64) // 0 where it is no number
		m.Memory = n << 10
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	m.CgroupCPUs, m.CgroupMemory = cgroupLimits(root)
	return m
}

// head is the beginning of a file: the kernel writes /proc/cpuinfo core by core,
// and only as far as it is read.
func head(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, 4<<10)) // what was read until then will do
	return string(b)
}

// afterColon is the value of the first line "key : value".
func afterColon(text, key string) string {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// driverVersion finds "535.104.05" in the driver's own line about itself.
func driverVersion(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	for word := range strings.FieldsSeq(line) {
		if major, _, ok := strings.Cut(word, "."); ok {
			if _, err := strconv.Atoi(major); err == nil {
				return word
			}
		}
	}
	return ""
}

// cgroupLimits are the narrowest limits on cores and memory from this process's
// cgroup up; 0 where there is none. Of v1 it is those of the two hierarchies.
func cgroupLimits(root string) (cpus float64, memory uint64) {
	b, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) // without one there is no limit
	for line := range strings.Lines(string(b)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for dir := filepath.Join("/", fields[2]); ; dir = filepath.Dir(dir) {
			at := filepath.Join(root, "sys/fs/cgroup", fields[1], dir)
			cpus, memory = narrower(cpus, cpuLimit(at)), narrower(memory, memoryLimit(at))
			if dir == "/" {
				break
			}
		}
	}
	return cpus, memory
}

func narrower[T float64 | uint64](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func cpuLimit(dir string) float64 {
	quota, period, ok := strings.Cut(word(dir, "cpu.max"), " ")
	if !ok {
		quota, period = word(dir, "cpu.cfs_quota_us"), word(dir, "cpu.cfs_period_us")
	}
	q, _ := strconv.ParseFloat(quota, 64) // "max" is no number, and no limit
	p, _ := strconv.ParseFloat(period, 64)
	if q <= 0 || p <= 0 {
		return 0
	}
	return q / p
}

func memoryLimit(dir string) uint64 {
	for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
		if n, err := strconv.ParseUint(word(dir, name), 10, 64); err == nil && n < math.MaxInt64/2 { // v1 writes a huge one for none
			return n
		}
	}
	return 0
}

func word(dir, name string) string {
	return strings.TrimSpace(head(filepath.Join(dir, name)))
}
