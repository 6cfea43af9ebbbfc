//go:build !linux

package main

import "runtime"

// fileSystem names the file system that a folder is on.
func fileSystem(string) string { return "a disk of " + runtime.GOOS }
