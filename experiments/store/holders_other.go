//go:build !linux

package store

// Holders finds nobody: only Linux tells who has a file open.
func Holders(string) []int { return nil }
