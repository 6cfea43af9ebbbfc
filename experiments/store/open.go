package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// errIrregular refuses what is in the place of a file and would hold its reader
// for ever.
var errIrregular = errors.New("not a regular file")

// OpenFile opens a file of a run's folder for reading. A trainer writes what it likes into its
// folder, and a pipe there must not hang whoever looks.
func OpenFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: %w", path, errIrregular)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ReadJSON reads one JSON file.
func ReadJSON(path string, v any) error {
	f, err := OpenFile(path)
	if err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	return decodeJSON(f, path, v)
}

// decodeJSON reads and closes a JSON file.
func decodeJSON(f io.ReadCloser, path string, v any) error {
	b, err := io.ReadAll(f)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read record %s: %w", path, err)
	}
	return nil
}

// readOptional reads a JSON file that need not be there.
func readOptional[T any](path string) (*T, error) {
	var v T
	return optional(&v, ReadJSON(path, &v))
}

// optional is v, or nil if it could not be read because it is not there.
func optional[T any](v *T, err error) (*T, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}
