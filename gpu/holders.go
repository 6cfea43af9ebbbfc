package gpu

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Holders tells who has claimed which of these GPUs, by the files in dir; who
// cannot be read has a zero Holder. It locks nothing, so that to look disturbs
// nobody who is about to claim: where the kernel tells of no locks (another system
// than Linux, a container without /proc) a claim counts while the process lives
// that its file names.
func Holders(dir string, uuids []string) map[string]Holder {
	if _, err := os.Stat(dir); err != nil {
		return nil // the locks of a busy machine are many
	}
	locked, told := flocked()
	holders := map[string]Holder{}
	for _, uuid := range uuids {
		if uuid == "" || strings.Contains(uuid, "/") {
			continue
		}
		h, inode, ok := lookAt(filepath.Join(dir, uuid))
		if ok && (told && locked[inode] || !told && alive(h.PID)) {
			holders[uuid] = h
		}
	}
	return holders
}

// lookAt reads the file of a claim, which is a plain file or none.
func lookAt(path string) (h Holder, inode uint64, ok bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return h, 0, false
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return h, 0, false
	}
	return readHolder(f), stat.Ino, true
}

func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return pid > 0 && (err == nil || errors.Is(err, unix.EPERM))
}
