package remote

import "syscall"

// alone is a process group of its own, which the kernel ends should this process be
// killed: a master would hold its connection for ever.
func alone() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// beside is a process of the group of this one, which ends with it.
func beside() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

// guarded is the command line that does not outlive this process.
func guarded(argv []string) []string { return argv }
