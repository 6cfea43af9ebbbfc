package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// copyOf is the one of some files that another is, or holds the same bytes as, "" for none.
// Files that cannot be read are nobody's copy.
func copyOf(files []string, file string) (other string, itself bool) {
	info, err := os.Stat(file)
	for _, other := range files {
		its, e := os.Stat(other)
		switch {
		case other == file || err == nil && e == nil && os.SameFile(info, its):
			return other, true
		case err == nil && e == nil && info.Size() == its.Size() && sameBytes(other, file):
			return other, false
		}
	}
	return "", false
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

// copied says that a file is no seed of its own beside others: the same results twice are
// one seed, and no two that agree. Items hold outcomes alone, which two seeds may have in
// common, so of these it is a note.
func copied(name string, files []string, file, format string) (note string, err error) {
	switch other, itself := copyOf(files, file); {
	case itself:
		return "", fmt.Errorf("compare %q: %s stands there twice; each file is a seed", name, file)
	case other == "":
		return "", nil
	case format == "items":
		return fmt.Sprintf("%s and %s hold the same bytes: if one is a copy, they are no two seeds", other, file), nil
	default:
		return "", fmt.Errorf("compare %q: %s and %s hold the same bytes; each file is a seed, and these are one", name, other, file)
	}
}
