//go:build !linux

package judge

import "syscall"

// hopeless times a program's memory is where the heap is no longer collected first
// to see what of it is garbage. Here that is at once: a collection waits until
// the built-in in hand comes to an end, and nothing else would stop that one.
const hopeless = 1

// limitGrowth does nothing: no limit of this system holds the runtime's mappings,
// so the watch alone bounds memory.
func limitGrowth(int64) {}

// childAttributes are none: a child ends when its input closes.
func childAttributes() *syscall.SysProcAttr { return nil }
