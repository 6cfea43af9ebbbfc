package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"
)

// tailBytes is how much of the end of a log is looked at.
const tailBytes = 64 << 10

// LastLines returns the last n lines of a text file that are not blank, oldest
// first, looking at its last 64 KiB. What a progress bar wrote over is left out;
// escape sequences are left in.
func LastLines(path string, n int) ([]string, error) {
	t := Tail{Path: path}
	return t.last(n)
}

// last is LastLines of a file that may be packed.
func (t *Tail) last(n int) ([]string, error) {
	f, err := t.open()
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	from := max(0, size-tailBytes)
	if err == nil {
		_, err = f.Seek(from, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(f, tailBytes))
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	all := bytes.Split(b, []byte{'\n'})
	var lines []string
	for i, l := range slices.Backward(all) {
		if i == 0 && from > 0 && len(lines) > 0 || len(lines) >= n {
			break // the first piece begins in the middle of a line: shown only if there is no other
		}
		if text := shown(l); text != "" {
			lines = append(lines, text)
		}
	}
	slices.Reverse(lines)
	return lines, nil
}

// shown is what is left of a line after its carriage returns, and after the rest
// of a character that the beginning was cut from.
func shown(line []byte) string {
	line = bytes.TrimRight(line, "\r")
	line = line[bytes.LastIndexByte(line, '\r')+1:]
	for cut := 0; cut < utf8.UTFMax-1 && len(line) > 0 && !utf8.RuneStart(line[0]); cut++ {
		line = line[1:]
	}
	return string(bytes.TrimRight(line, " \t"))
}
