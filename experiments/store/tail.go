package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// maxLine bounds one line of a file that is followed, its newline included; a
// longer one is skipped and counted.
const maxLine = 4 << 20

// readAhead is how much of a file is read at once, but for longer lines.
const readAhead = 256 << 10

// Tail reads the whole lines of a growing file from offset 0 on: history and
// live data take one path. The zero value with a Path is ready.
type Tail struct {
	Path    string
	Run     string // if it is a file of an attempt: the run's folder, and Path is its name as OpenRunFile takes it
	Damaged int    // lines that were too long: skipped
	missing bool   // it was not there the last time
	offset  int64
	skip    bool // inside a line that is too long
}

// Next calls line for every whole line that was added since the last call, blank
// ones left out, and stops after the line that fills limit bytes (0: none does);
// more says whether it stopped there. The bytes are good until line returns. A
// file that is not there yet has no lines; one that shrank is read again from its
// start.
func (t *Tail) Next(limit int64, line func([]byte)) (more bool, err error) {
	var buf []byte
	return t.blocks(limit, readAhead, &buf, func(block []byte) {
		for l := range bytes.Lines(block) {
			if l = bytes.TrimRight(l, "\r\n"); len(l) > 0 {
				line(l)
			}
		}
	})
}

// blocks is Next with many whole lines at a time, of about ahead bytes, which are
// read into buf.
func (t *Tail) blocks(limit, ahead int64, buf *[]byte, do func(block []byte)) (more bool, err error) {
	f, err := t.open()
	t.missing = errors.Is(err, fs.ErrNotExist)
	if t.missing {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("follow file: %w", err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, fmt.Errorf("follow file: %w", err)
	}
	if size < t.offset {
		t.offset, t.skip = 0, false
	}
	for read := int64(0); t.offset < size; {
		if limit > 0 && read >= limit {
			return true, nil
		}
		want := min(size-t.offset, ahead)
		if int64(len(*buf)) < want {
			*buf = make([]byte, want)
		}
		_, err := f.Seek(t.offset, io.SeekStart)
		n := 0
		if err == nil {
			n, err = io.ReadFull(f, (*buf)[:want])
		}
		if err != nil && !ended(err) {
			return false, fmt.Errorf("follow file: %w", err)
		}
		used := t.consume((*buf)[:n], limit-read, do)
		switch {
		case used > 0:
			read += used
		case int64(n) == ahead && ahead < maxLine:
			ahead = maxLine // a long line
		default:
			return false, nil // an unfinished last line: not yet written
		}
	}
	return false, nil
}

func (t *Tail) open() (io.ReadSeekCloser, error) {
	if t.Run != "" {
		return OpenRunFile(t.Run, t.Path)
	}
	return OpenFile(t.Path)
}

// consume takes whole lines from the front of buf, until room bytes are full if
// room is above 0, and returns their bytes.
func (t *Tail) consume(buf []byte, room int64, do func(block []byte)) int64 {
	end := int64(bytes.LastIndexByte(buf, '\n') + 1)
	switch {
	case end == 0 && len(buf) < maxLine:
		return 0
	case end == 0:
		if !t.skip {
			t.Damaged++
		}
		t.skip = true
		end = int64(len(buf))
		t.offset += end
		return end
	case room > 0 && room < end:
		end = room + int64(bytes.IndexByte(buf[room-1:], '\n'))
	}
	t.offset += end
	block := buf[:end]
	if t.skip {
		t.skip = false
		block = block[bytes.IndexByte(block, '\n')+1:]
	}
	do(block)
	return end
}

// unzeroed is a line without the zeros that a power cut left at its ends: a file
// that had grown and whose blocks were not written yet has them, and a writer that
// does not know goes on behind them.
func unzeroed(line []byte) []byte { return bytes.Trim(line, "\x00") }

// decodeLines reads every whole line of a file of JSON lines as a T; lines that
// are none are left out.
func decodeLines[T any](t Tail) (values []T, err error) {
	_, err = t.Next(0, func(line []byte) {
		var v T
		if json.Unmarshal(unzeroed(line), &v) == nil {
			values = append(values, v)
		}
	})
	return values, err
}
