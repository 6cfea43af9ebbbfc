package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteJSON replaces the file at path by v: written beside, synced, renamed,
// and the folder synced, so that a reader sees the old or the new and a power
// cut leaves one of them.
func WriteJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return replace(path, append(b, '\n'), 0o644)
}

// WriteSecret is WriteJSON for what nobody but its owner, and who shares the
// folder, may read.
func WriteSecret(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return replace(path, append(b, '\n'), 0o600)
}

// writeLines replaces the file at path by one JSON line for each value, in the
// manner of WriteJSON.
func writeLines[T any](path string, values []T) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}
	return replace(path, text.Bytes(), 0o644)
}

func replace(path string, text []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(fileMode(filepath.Dir(path), mode)), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a folder survive a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// syncTree makes everything in a folder survive a power cut, files and names.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err
		}
		return SyncDir(path) // fsync is the same for a file
	})
}

// Lines appends JSON lines to a file that has no other writer. Each line is one
// write with its newline last, so a reader can tell a whole line from a torn one.
type Lines struct {
	f    *os.File
	torn bool // the last write failed in the middle of its line
}

// AppendTo opens the file of lines at path, making it if it is not there. A torn
// last line that a crash left is ended first, so that the next one stands alone.
func AppendTo(path string) (*Lines, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	Share(f)
	if err := endTornLine(f); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return &Lines{f: f}, nil
}

func endTornLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.Write([]byte{'\n'})
	}
	return err
}

// Append writes one line, or nothing of it: what a full disk cut short is taken
// back, or if that fails too ended before the next line.
func (l *Lines) Append(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("append to %s: %w", filepath.Base(l.f.Name()), err)
	}
	b = append(b, '\n')
	if l.torn {
		b = append([]byte{'\n'}, b...)
	}
	n, err := l.f.Write(b)
	if err != nil {
		if n > 0 && l.cut(n) != nil {
			l.torn = true
		}
		return fmt.Errorf("append line: %w", err)
	}
	l.torn = false
	return nil
}

// cut takes the last n bytes away. No reader has taken them in: a line without
// its end is left for later.
func (l *Lines) cut(n int) error {
	info, err := l.f.Stat()
	if err != nil {
		return err
	}
	return l.f.Truncate(info.Size() - int64(n))
}

// TakeBack removes v from the end of a file of JSON lines, if it is the last line
// there.
func TakeBack(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("take back line of %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("take back line: %w", err)
	}
	defer f.Close()
	want := append(b, '\n')
	info, err := f.Stat()
	if err != nil || info.Size() < int64(len(want)) {
		return err
	}
	from := info.Size() - int64(len(want))
	last := make([]byte, len(want))
	if _, err = f.ReadAt(last, from); err == nil && bytes.Equal(last, want) {
		err = errors.Join(f.Truncate(from), f.Sync())
	}
	if err != nil {
		return fmt.Errorf("take back line of %s: %w", path, err)
	}
	return nil
}

// Sync makes all lines so far survive a power cut.
func (l *Lines) Sync() error {
	if err := l.f.Sync(); err != nil {
		return fmt.Errorf("sync lines: %w", err)
	}
	return nil
}

// Close closes the file.
func (l *Lines) Close() error { return l.f.Close() }
