package experiments

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Source is an experiment file as it was read, to be changed and written back.
type Source struct {
	Path string
	Text []byte // nil: there is no file
}

// ReadSource reads the file at path, if there is one.
func ReadSource(path string) (*Source, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("read experiments: %s points to a file that is not there", path)
		}
		return &Source{Path: path}, nil
	case err != nil:
		return nil, fmt.Errorf("read experiments: %w", err)
	case len(text) > maxFile:
		return nil, fmt.Errorf("read experiments: %s has %d bytes, more than %d", path, len(text), maxFile)
	}
	return &Source{Path: path, Text: append([]byte{}, text...)}, nil
}

// Fresh is what an experiment file begins with where there is none.
func (s *Source) Fresh() []byte {
	name := "experiments"
	if dir, err := filepath.Abs(filepath.Dir(s.Path)); err == nil {
		name = filepath.Base(dir)
	}
	return []byte("schema  = 1\nproject = " + quoteText(name) + "\n")
}

// Base is the text that is changed: the file's, or what a new one begins with.
func (s *Source) Base() []byte {
	if s.Text == nil {
		return s.Fresh()
	}
	return s.Text
}

// Write puts text in the place of the file in one step: whoever reads it sees the
// old text or the new one, also after a power cut. A link stays a link, the mode
// stays, and if the file is no longer what was read nothing is written. After it
// the source is what was written.
func (s *Source) Write(text []byte) error {
	path, mode := s.Path, fs.FileMode(0) // as the umask has it
	if s.Text != nil {
		target, err := filepath.EvalSymlinks(s.Path)
		if err != nil {
			return fmt.Errorf("write experiments: %w", err)
		}
		info, err := os.Stat(target)
		if err != nil {
			return fmt.Errorf("write experiments: %w", err)
		}
		path, mode = target, info.Mode().Perm()
		if err := writable(target); err != nil {
			return fmt.Errorf("write experiments: %w", err)
		}
	}
	unlock := lockFolder(filepath.Dir(path))
	defer unlock()
	temporary, err := writeBeside(path, text, mode)
	if err != nil {
		return fmt.Errorf("write experiments: %w", err)
	}
	if err = s.unchanged(); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	s.Text = append([]byte{}, text...)
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync() // not every disk can; the new text is there all the same
		_ = folder.Close()
	}
	return nil
}

// unchanged says so if the file is no longer what was read.
func (s *Source) unchanged() error {
	now, err := os.ReadFile(s.Path)
	switch {
	case s.Text == nil && errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write experiments: %w", err)
	case err == nil && s.Text != nil && bytes.Equal(now, s.Text):
		return nil
	}
	return fmt.Errorf("%s changed on disk: nothing was written; read it again and make the change once more", filepath.Base(s.Path))
}

// writable opens a file for writing, since a rename would replace one that is
// read-only for a reason.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// writeBeside writes and syncs a file in the folder of path and gives its name. Its
// mode is that of any new file if mode is 0.
func writeBeside(path string, text []byte, mode fs.FileMode) (name string, err error) {
	name = filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), rand.Uint64()))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if why := (*fs.PathError)(nil); errors.As(err, &why) {
		return "", fmt.Errorf("folder %s takes no new file: %w", filepath.Dir(name), why.Err)
	}
	if err != nil {
		return "", err
	}
	if mode != 0 {
		err = f.Chmod(mode)
	}
	_, failed := f.Write(text)
	err = errors.Join(err, failed, f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	if info, statErr := os.Stat(path); statErr == nil {
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = os.Chown(f.Name(), -1, int(s.Gid)) // the group of a shared file, where one may
		}
	}
	return f.Name(), nil
}

// lockFolder keeps other writers of this program out of a folder between their
// look at the file and their rename. Where the disk cannot lock, or somebody holds
// it for a second, the look alone has to do.
func lockFolder(path string) (unlock func()) {
	f, err := os.Open(path)
	if err != nil {
		return func() {}
	}
	for range 200 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	return func() { _ = f.Close() }
}
