//go:build !linux

package driver

import "syscall"

// apart is a session of its own: ctrl-c is for whoever is in front.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// inherited is how a child starts nvidia-smi, in its group.
func inherited() *syscall.SysProcAttr { return nil }

// empty says that nobody lives in a process group.
func empty(group int) bool { return syscall.Kill(-group, 0) != nil }
