package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// Log pages through a text file of a run of any size, packed or not, in a bounded
// memory. Places in it are offsets in bytes. It keeps no file open between two calls,
// so it may grow, be packed or begin anew meanwhile.
type Log struct {
	RunDir string
	Name   string // as OpenRunFile takes it
}

const (
	// shownBytes bounds the text of a line of a page.
	shownBytes = 4 << 10
	// pageBytes is how much one call reads, but for the line that it is in.
	pageBytes = 4 << 20
	// longLine is a block of a file that no line is longer than: where such a block
	// has no newline, one ends with it.
	longLine = 4 << 20
)

// OutLog is what the n-th attempt of the run in runDir printed.
func OutLog(runDir string, n int) *Log { return &Log{RunDir: runDir, Name: inAttempt(n, "out.log")} }

// Size is how many bytes there are, 0 if there is no such file yet.
func (l *Log) Size() (int64, error) {
	w, err := l.open()
	if err != nil || w == nil {
		return 0, err
	}
	return w.size, w.close()
}

// Forward returns at most n lines, those that begin at from or behind it, and where
// to go on. Lines may be fewer than there are if they are long. The last one may be
// open: then it is where to go on, since there will be more of it. Where the file
// became shorter than from, there is nothing and next is its size.
func (l *Log) Forward(from int64, n int) (lines []LogLine, next int64, err error) {
	w, err := l.open()
	if err != nil || w == nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	at, err := w.begin(max(from, 0))
	if err != nil {
		return nil, from, l.wrap(err)
	}
	lines, next, err = w.lines(at, min(w.size, at+pageBytes), n)
	return lines, next, l.wrap(err)
}

// Backward returns at most n lines, the last ones of those that begin before a
// place, oldest first, and where the first of them begins.
func (l *Log) Backward(before int64, n int) (lines []LogLine, first int64, err error) {
	w, err := l.open()
	if err != nil || w == nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	before = min(before, w.size)
	first = before
	for k := 0; k < n && first > 0 && before-first < pageBytes; k++ {
		if first, err = w.start(first); err != nil {
			return nil, before, l.wrap(err)
		}
	}
	lines, _, err = w.lines(first, before, n)
	return lines, first, l.wrap(err)
}

func (l *Log) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read log %s: %w", RunFilePlace(l.RunDir, l.Name), err)
}

// open returns nil for what is not there yet.
func (l *Log) open() (*logWindow, error) {
	f, err := OpenRunFile(l.RunDir, l.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, l.wrap(err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, l.wrap(errors.Join(err, f.Close()))
	}
	return &logWindow{f: f, size: size, strip: stripper{limit: shownBytes}}, nil
}

// logWindow is what is seen of a file that is open: one block of it at a time.
type logWindow struct {
	f     io.ReadSeekCloser
	size  int64
	at    int64 // of buf
	buf   []byte
	strip stripper
}

const windowBytes = 64 << 10

func (w *logWindow) close() error { return w.f.Close() }

// block returns the bytes of the block that a place is in, up to the end of the
// file, and where it begins.
func (w *logWindow) block(at int64) (b []byte, from int64, err error) {
	from = at - at%windowBytes
	if w.buf != nil && w.at == from {
		return w.buf, from, nil
	}
	n := min(windowBytes, w.size-from)
	b = slices.Grow(w.buf[:0], windowBytes)[:n]
	w.buf = nil
	if _, err := w.f.Seek(from, io.SeekStart); err != nil {
		return nil, from, err
	}
	if _, err := io.ReadFull(w.f, b); err != nil {
		return nil, from, fmt.Errorf("it became shorter: %w", err)
	}
	w.buf, w.at = b, from
	return b, from, nil
}

// newline finds the first one at or behind a place and before end; -1 for none.
func (w *logWindow) newline(at, end int64) (int64, error) {
	for at < end {
		b, from, err := w.block(at)
		if err != nil {
			return -1, err
		}
		b = b[at-from : min(int64(len(b)), end-from)]
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return at + int64(i), nil
		}
		at += int64(len(b))
	}
	return -1, nil
}

// newlineBefore finds the last one before a place and at or behind begin.
func (w *logWindow) newlineBefore(at, begin int64) (int64, error) {
	for at > begin {
		b, from, err := w.block(at - 1)
		if err != nil {
			return -1, err
		}
		low := max(begin, from)
		if i := bytes.LastIndexByte(b[low-from:at-from], '\n'); i >= 0 {
			return low + int64(i), nil
		}
		at = low
	}
	return -1, nil
}

// start is where the line begins that has the byte before a place: behind a newline,
// or behind a whole block without any.
func (w *logWindow) start(at int64) (int64, error) {
	last := (at - 1) / longLine * longLine // where a block begins that the line may begin with
	i, err := w.newlineBefore(at-1, max(last-longLine, 0))
	if i < 0 {
		return last, err
	}
	return i + 1, err
}

// end is where the line ends that begins at a place, its newline included; open says
// that it has none yet.
func (w *logWindow) end(at int64) (end int64, open bool, err error) {
	limit := min((at+2*longLine-1)/longLine*longLine, w.size)
	i, err := w.newline(at, limit)
	if i >= 0 || err != nil {
		return i + 1, false, err
	}
	return limit, limit == w.size, nil
}

// begin is where the first line begins at a place or behind it.
func (w *logWindow) begin(at int64) (int64, error) {
	if at <= 0 || at >= w.size {
		return min(at, w.size), nil
	}
	start, err := w.start(at + 1)
	if err != nil || start == at {
		return at, err
	}
	end, _, err := w.end(start)
	return end, err
}

// lines reads at most n lines, from where one begins, that begin before a place.
func (w *logWindow) lines(at, before int64, n int) (lines []LogLine, next int64, err error) {
	for at < before && len(lines) < n {
		line, end, err := w.line(at)
		if err != nil {
			return lines, at, err
		}
		lines = append(lines, line)
		if line.Open {
			break
		}
		at = end
	}
	return lines, at, nil
}

// line reads the line that begins at a place, and where it ends.
func (w *logWindow) line(at int64) (line LogLine, end int64, err error) {
	end, open, err := w.end(at)
	if err != nil {
		return line, at, err
	}
	w.strip.clear()
	for from := at; from < end; {
		b, begin, err := w.block(from)
		if err != nil {
			return line, at, err
		}
		b = b[from-begin : min(int64(len(b)), end-begin)]
		from += int64(len(b))
		w.strip.add(bytes.TrimSuffix(b, []byte{'\n'}))
	}
	line = LogLine{At: at, Open: open}
	line.Text, line.Cut = w.strip.line()
	return line, end, nil
}
