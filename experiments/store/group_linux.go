package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// groupLives reports whether a process of the group is there. Those that are dead
// and that nobody has reaped are not: to a signal they would seem so.
func groupLives(group int) bool {
	want := strconv.Itoa(group)
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // only a bad pattern is an error
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // state, parent, group
		if len(fields) > 2 && fields[2] == want && fields[0] != "Z" && fields[0] != "X" {
			return true
		}
	}
	return false
}
