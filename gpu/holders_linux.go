package gpu

import (
	"os"
	"strconv"
	"strings"
)

// flocked are the inodes of the files that somebody has locked whole, as the
// kernel tells, and whether it does.
func flocked() (inodes map[uint64]bool, told bool) {
	text, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nil, false
	}
	inodes = map[uint64]bool{}
	for line := range strings.Lines(string(text)) {
		// 1: FLOCK  ADVISORY  WRITE 708 00:30:1234 0 EOF
		words := strings.Fields(line)
		if len(words) < 6 || words[1] != "FLOCK" {
			continue
		}
		if inode, err := strconv.ParseUint(words[5][strings.LastIndexByte(words[5], ':')+1:], 10, 64); err == nil {
			inodes[inode] = true
		}
	}
	return inodes, true
}
