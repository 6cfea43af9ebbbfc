package driver

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// shrink lets go of the program's code that was needed to start, most of which a child
// never needs: the kernel maps it in large pieces, and maps again what is used. Nothing
// is lost, as no code is ever written.
func shrink() {
	own, err := os.Executable()
	if err != nil {
		return
	}
	maps, _ := os.ReadFile("/proc/self/maps") // without it, it stays as large as it is
	for line := range strings.Lines(string(maps)) {
		words := strings.Fields(line)
		if len(words) < 6 || words[1] != "r-xp" || words[5] != own {
			continue
		}
		first, last, _ := strings.Cut(words[0], "-")
		from, err := strconv.ParseUint(first, 16, 64)
		to, failed := strconv.ParseUint(last, 16, 64)
		if err == nil && failed == nil {
			_, _, _ = syscall.RawSyscall(syscall.SYS_MADVISE, uintptr(from), uintptr(to-from), unix.MADV_DONTNEED)
		}
	}
}
