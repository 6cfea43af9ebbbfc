//go:build !linux

package runner

import "golang.org/x/sys/unix"

// machineAt asks the kernel: there is no /proc.
func machineAt(string) Machine {
	var m Machine
	m.CPU, _ = unix.Sysctl("machdep.cpu.brand_string") // "" where it does not say
	m.Memory, _ = unix.SysctlUint64("hw.memsize")
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	return m
}
