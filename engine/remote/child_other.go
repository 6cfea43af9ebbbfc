//go:build !linux

package remote

import "syscall"

// alone is a process group of its own.
func alone() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// beside is a process of the group of this one.
func beside() *syscall.SysProcAttr { return nil }

// guarded is the command line that does not outlive this process: where the kernel
// does not see to it, a shell does, whose input ends with this process.
func guarded(argv []string) []string {
	const guard = `exec 3<&0; "$@" 3<&- </dev/null & p=$!; exec 2>/dev/null; { read x <&3; kill -9 $p; } & q=$!; wait $p; s=$?; kill -9 $q; exit $s`
	return append([]string{"/bin/sh", "-c", guard, "ssh"}, argv...)
}
