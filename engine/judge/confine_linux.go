package judge

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// hopeless times a program's memory is where the heap is no longer collected first
// to see what of it is garbage: a collection waits until the built-in in hand
// comes to an end, and by then that may have taken all it can.
const hopeless = 3

// addressSlack is room for the heap to grow in arenas of 64 MB and for the stacks
// of threads that the runtime starts later, in bytes.
const addressSlack = 128 << 20

// limitGrowth lets the address space of this process grow by hopeless times the
// memory of a program, and no further: an allocation beyond it ends the process at once,
// before a page of it is touched. The watch counts live objects;
// this counts mappings, garbage and holes included.
//
// The limit counts from what is mapped now, since the runtime and the interpreter
// have reserved gigabytes that they will never use. RLIMIT_DATA, which does not
// count reservations, does not hold the heap: the runtime makes reserved pages
// writable by mapping over them, and the kernel takes that for no growth.
//
// Systems that do not keep such a limit (some sandboxes) have the watch alone.
func limitGrowth(memory int64) {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	mapped, err := addressSpace()
	if err != nil {
		return
	}
	most := uint64(mapped + hopeless*memory + addressSlack)
	var now unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &now) == nil && now.Cur > most {
		_ = unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: min(now.Max, most)})
	}
}

// addressSpace returns the bytes that this process has mapped.
func addressSpace() (int64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	first, _, _ := bytes.Cut(b, []byte{' '})
	pages, err := strconv.ParseInt(string(first), 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// childAttributes make the kernel end a child whose parent died, should it not
// notice by itself that its input closed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
