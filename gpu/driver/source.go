package driver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ablate/gpu"
	"ablate/gpu/nvml"
	"ablate/gpu/record"
)

// Variables of the environment that say what is read instead of the system's driver.
const (
	libraryPath = "ABLATE_NVML"       // a driver's library
	replayPath  = "ABLATE_GPU_REPLAY" // a recording
)

// present says whether it is worth a process to look for a driver. It looks at files
// alone: to load a driver's library here would be to trust it here.
func present() bool {
	switch {
	case os.Getenv(replayPath) != "" || os.Getenv(libraryPath) != "":
		return true
	case strings.HasSuffix(os.Args[0], ".test"):
		return false // tests read what they name, not the machine that they run on
	}
	if _, err := exec.LookPath(smiProgram); err == nil {
		return true
	}
	const library = "libnvidia-ml.so.1"
	places := append(filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")), "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib", "/run/opengl-driver/lib", "/usr/lib64", "/usr/lib")
	for _, dir := range places {
		if _, err := os.Stat(filepath.Join(dir, library)); err == nil {
			return true
		}
	}
	known, err := os.ReadFile("/etc/ld.so.cache") // the paths of all that the loader finds
	return err == nil && bytes.Contains(known, []byte("/"+library))
}

// source is a sampler that a child has opened.
type source struct {
	gpu.Sampler
	here bool // it reads this machine, whose processes can be looked up
}

// open opens what the environment names, else the driver's library, else nvidia-smi.
// Where neither works the library's error is told, which knows more, unless there is
// no library.
func open(ctx context.Context, m *mark) (source, error) {
	if path := os.Getenv(replayPath); path != "" {
		s, err := openReplay(path)
		return source{Sampler: s}, err
	}
	path := os.Getenv(libraryPath)
	s, err := nvml.Open(path)
	if err == nil || path != "" {
		return source{Sampler: s, here: true}, err
	}
	smi, failed := openSMI(ctx, smiProgram, m)
	if failed == nil {
		return source{Sampler: smi, here: true}, nil
	}
	if errors.Is(err, gpu.ErrNoDriver) && !errors.Is(failed, gpu.ErrNoDriver) {
		err = failed
	}
	return source{}, err
}

func openReplay(path string) (gpu.Sampler, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the recording that %s names: %w", replayPath, err)
	}
	defer f.Close()
	s, err := record.OpenReplay(f)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}
