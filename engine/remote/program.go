package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"ablate/engine"
)

// program is a build of this program for some system.
type program struct {
	path  string
	build string // the first hex digits of the SHA-256 of its bytes
	size  int64
}

// programs finds builds of this program and remembers them.
type programs struct {
	dir string // of builds for other systems; "": where this program is

	mu    sync.Mutex
	known map[string]program // by system
}

// system is what uname says of the kinds of machines that this program is built for.
func system(goos, goarch string) string {
	os := map[string]string{"linux": "Linux", "darwin": "Darwin"}[goos]
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[goarch]
	if goos == "darwin" && goarch == "arm64" {
		arch = "arm64"
	}
	return os + " " + arch
}

// target is what Go calls a system; "" for one that this program is not built for.
func target(system string) (goos, goarch string) {
	name, machine, _ := strings.Cut(system, " ")
	goos = map[string]string{"Linux": "linux", "Darwin": "darwin"}[name]
	goarch = map[string]string{"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[machine]
	return goos, goarch
}

// of is the build for a system: this program itself, or one beside it. The first of
// each system reads the file.
func (p *programs) of(system string) (program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.known[system]; ok {
		return found, nil
	}
	found, err := p.find(system)
	if err != nil {
		return program{}, err
	}
	if p.known == nil {
		p.known = map[string]program{}
	}
	p.known[system] = found
	return found, nil
}

func (p *programs) find(system string) (program, error) {
	goos, goarch := target(system)
	if goos == "" || goarch == "" {
		return program{}, &trouble{slow: true, text: fmt.Sprintf("this program is not built for %s, only for Linux and macOS on x86_64 and arm64", system)}
	}
	if goos == runtime.GOOS && goarch == runtime.GOARCH {
		return own()
	}
	dir := p.dir
	if dir == "" {
		path, err := os.Executable()
		if err != nil {
			return program{}, fmt.Errorf("find program: %w", err)
		}
		dir = filepath.Dir(path)
	}
	name := "ablate-" + goos + "-" + goarch
	found, err := measure(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return program{}, &trouble{slow: true, text: fmt.Sprintf("it is %s, and this program is for %s/%s: build one for it "+
			"(GOOS=%s GOARCH=%s CGO_ENABLED=0 go build -o %s .) and put it into %s", system, runtime.GOOS, runtime.GOARCH, goos, goarch, name, dir)}
	}
	return found, err
}

// own is this program, as a copy that stays while it is rebuilt.
func own() (program, error) {
	dir, err := socketFolder()
	if err != nil {
		return program{}, err
	}
	copied, err := engine.Install(filepath.Join(dir, "bin"))
	if err != nil {
		return program{}, err
	}
	info, err := os.Stat(copied.Path)
	if err != nil {
		return program{}, fmt.Errorf("find program: %w", err)
	}
	return program{copied.Path, copied.Build, info.Size()}, nil
}

// measure is the program in a file.
func measure(path string) (program, error) {
	f, err := os.Open(path)
	if err != nil {
		return program{}, err
	}
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return program{}, fmt.Errorf("read program: %w", err)
	}
	return program{path, hex.EncodeToString(h.Sum(nil)[:6]), size}, nil
}
