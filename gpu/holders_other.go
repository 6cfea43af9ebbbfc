//go:build !linux

package gpu

// flocked asks the kernel, which does not tell.
func flocked() (inodes map[uint64]bool, told bool) { return nil, false }
