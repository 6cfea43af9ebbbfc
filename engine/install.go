package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// Program is this program as something that stays: `go run` deletes its binary
// when it ends, a rebuild replaces it in place, and what was started from it
// must go on all the same.
type Program struct {
	Path  string // the copy
	Build string // 12 hex digits of the SHA-256 of its bytes
}

// buildBytes is how much of the SHA-256 is enough to tell builds apart.
const buildBytes = 6

// Install copies the running program to the user's cache folder under its build
// id, or under fallback where that cannot be written, and returns the copy. A
// program that is such a copy stays where it is.
func Install(fallback string) (Program, error) {
	src, err := openSelf()
	if err != nil {
		return Program{}, err
	}
	defer src.Close()
	build, err := buildOf(src)
	if err != nil {
		return Program{}, err
	}
	if path, err := os.Executable(); err == nil && touchCopy(path, build, src) {
		return Program{Path: path, Build: build}, nil
	}
	var failed error
	for _, dir := range []func() (string, error){cacheDir, func() (string, error) { return fallback, nil }} {
		path, err := installIn(dir, build, src)
		if err == nil {
			return Program{Path: path, Build: build}, nil
		}
		failed = errors.Join(failed, err)
	}
	return Program{}, fmt.Errorf("install program: %w", failed)
}

// buildOf is the build id of a program.
func buildOf(program io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, program); err != nil {
		return "", fmt.Errorf("read program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:buildBytes]), nil
}

func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "ablate"), err
}

// openSelf opens the running program: on Linux also when its file has been
// deleted or replaced.
func openSelf() (*os.File, error) {
	if f, err := os.Open("/proc/self/exe"); err == nil {
		return f, nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find program: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open program: %w", err)
	}
	return f, nil
}

// touchCopy reports whether path is a whole copy of this build, and marks it as
// used.
func touchCopy(path, build string, src *os.File) bool {
	if filepath.Base(path) != "ablate" || filepath.Base(filepath.Dir(path)) != build {
		return false
	}
	copied, err := os.Stat(path)
	if err != nil {
		return false
	}
	original, err := src.Stat()
	if err != nil || copied.Size() != original.Size() {
		return false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // somebody else's cannot be marked, and need not
	return true
}

func installIn(dir func() (string, error), build string, src *os.File) (string, error) {
	base, err := dir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(base, build, "ablate")
	if touchCopy(path, build, src) {
		return path, nil
	}
	if err := store.MkdirAll(filepath.Dir(path)); err != nil {
		return "", err
	}
	pruneBuilds(base, time.Now().AddDate(0, 0, -30))
	name, err := copyProgram(filepath.Dir(path), src)
	if err != nil {
		return "", err
	}
	if err := os.Rename(name, path); err != nil {
		return "", errors.Join(err, os.Remove(name))
	}
	return path, nil
}

// copyProgram writes a program under a temporary name. Nothing is started
// meanwhile: a child that had the file open for writing for a moment would keep
// everybody from executing it ("text file busy").
func copyProgram(dir string, src *os.File) (name string, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.CreateTemp(dir, ".ablate-*")
	if err != nil {
		return "", err
	}
	_, err = src.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(f, src)
	}
	err = errors.Join(err, f.Chmod(0o755), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// pruneBuilds removes the copies of builds that nobody used since.
func pruneBuilds(base string, since time.Time) {
	builds, _ := filepath.Glob(filepath.Join(base, "*", "ablate"))
	for _, path := range builds {
		if info, err := os.Stat(path); err == nil && info.ModTime().Before(since) {
			_ = os.RemoveAll(filepath.Dir(path)) // a cache: another try comes with the next build
		}
	}
}

// Installed is Install for a process that was started from a copy, as runners are:
// a copy has its build id for a folder and is never written again, so its bytes
// need not be read to tell it. To read them takes longer than the rest of a
// runner's start. Any other program is installed first.
func Installed(fallback string) (Program, error) {
	path, err := os.Executable()
	if err != nil || !isCopy(path) {
		return Install(fallback)
	}
	return Program{Path: path, Build: filepath.Base(filepath.Dir(path))}, nil
}

// isCopy reports whether path is where Install puts a copy, and is still there.
func isCopy(path string) bool {
	id, err := hex.DecodeString(filepath.Base(filepath.Dir(path)))
	if err != nil || len(id) != buildBytes || filepath.Base(path) != "ablate" {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}
