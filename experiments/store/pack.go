package store

import (
	"errors"
	"io"
	"path/filepath"
)

const maxFrame = 1 << 20

// Pack makes a run that has ended a few small files.
func Pack(string) error { return errors.ErrUnsupported }

// OpenRunFile opens a file of the attempts of the run in runDir for reading, by a
// name such as "a1/out.log": the plain one, else the packed one.
func OpenRunFile(runDir, name string) (io.ReadCloser, error) {
	return OpenFile(filepath.Join(runDir, filepath.FromSlash(name)))
}
