package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// copyOf is the one of some files that another is, or is a copy of, "" for none: the same
// results twice are one seed, and no two that agree. Files that cannot be read are
// nobody's copy.
func copyOf(files []string, file string) string {
	info, err := os.Stat(file)
	for _, other := range files {
		if other == file {
			return other
		}
		its, e := os.Stat(other)
		if err == nil && e == nil && (os.SameFile(info, its) || info.Size() == its.Size() && sameBytes(other, file)) {
			return other
		}
	}
	return ""
}

// sameBytes reads two files until they differ.
func sameBytes(a, b string) bool {
	fa, err := os.Open(a)
	if err != nil {
		return false
	}
	defer fa.Close()
	fb, err := os.Open(b)
	if err != nil {
		return false
	}
	defer fb.Close()
	const block = 1 << 16
	x, y := make([]byte, block), make([]byte, block)
	for {
		n, errA := io.ReadFull(fa, x)
		m, errB := io.ReadFull(fb, y)
		switch {
		case !bytes.Equal(x[:n], y[:m]):
			return false
		case errA != nil || errB != nil:
			return ended(errA) && ended(errB)
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// checkCopies says which files of a side are no seeds of their own.
func checkCopies(name string, files []string) error {
	for i, file := range files {
		switch other := copyOf(files[:i], file); other {
		case "":
		case file:
			return fmt.Errorf("compare %q: %s stands there twice; each file is a seed", name, file)
		default:
			return fmt.Errorf("compare %q: %s and %s hold the same bytes; each file is a seed, and these are one", name, other, file)
		}
	}
	return nil
}
