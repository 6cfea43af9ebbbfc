package agent

import (
	"bufio"
	"errors"
	"io"
)

// longest is how long a line may be: a thousand processes on each of 16 GPUs fit.
const longest = 4 << 20

// Lines reads lines of any length and keeps at most 4 MiB: what is longer is passed
// over, since no agent wrote it.
type Lines struct {
	r    *bufio.Reader
	kept []byte
}

// NewLines reads lines from r.
func NewLines(r io.Reader) *Lines { return &Lines{r: bufio.NewReaderSize(r, 64<<10)} }

// Next is the next line without its newline, until the next call; an unfinished last
// one counts. The error is that of the reader; io.EOF at its end.
func (l *Lines) Next() ([]byte, error) {
	l.kept = l.kept[:0]
	for tooLong := false; ; {
		part, err := l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.kept)+len(part) > longest; !tooLong {
			l.kept = append(l.kept, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (tooLong || len(l.kept) == 0):
			return nil, err
		case tooLong:
			tooLong, l.kept = false, l.kept[:0]
			continue
		}
		return trimEnd(l.kept), nil
	}
}

// trimEnd takes the end of a line away, also that of a terminal.
func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}
