package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"ablate/engine"
)

// readyFD is where whoever launched the runner hears that it lives.
const readyFD = 3

// Main is `ablate runner DIR`: r supervises the attempt whose folder is named and
// says "ok" on readyFD once the lock is held and the trainer lives, or what went
// wrong. What only the program itself knows is filled in.
func Main(args []string, r Runner) error {
	if len(args) != 1 || !filepath.IsAbs(args[0]) {
		return fmt.Errorf("run attempt: want one absolute folder, got %q", args)
	}
	ready := listener()
	program, err := engine.Installed(filepath.Join(filepath.Dir(args[0]), "bin"))
	if err != nil {
		ready(err)
		return err
	}
	r.Dir, r.Program, r.Build = args[0], program.Path, program.Build
	return r.Run(ready)
}

// listener returns how to tell whoever launched the runner. Started by hand, the
// runner has no pipe there, and what it opens later must not be taken for one.
func listener() func(error) {
	var there syscall.Stat_t
	if err := syscall.Fstat(readyFD, &there); err != nil || there.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return func(error) {}
	}
	syscall.CloseOnExec(readyFD)
	pipe := os.NewFile(readyFD, "ready")
	return func(err error) {
		said := "ok"
		if err != nil {
			said = err.Error()
		}
		_, _ = pipe.WriteString(said) // the engine may be gone: the run goes on without it
		_ = pipe.Close()
	}
}
