package agent

import (
	"bufio"
	"errors"
	"io"
	"time"
)

// longest is how long a line may be: a thousand processes on each of 16 GPUs fit.
const longest = 4 << 20

const buffer = 64 << 10 // of which longest is a multiple

// What is read costs a share of a second, as a bucket leaks: whoever sends more waits,
// and the reader has its processor for others. The fullest frames are 2 MB a second.
const (
	byteCost = time.Second / (4 << 20)
	lineCost = time.Second / 50_000
	credit   = 2 * time.Second // is read at once: what waited while this side was stopped
)

// Lines reads lines. One that is longer than any agent's, or has no end, comes in parts,
// which are no frames. It reads at most 4 MiB and 50,000 lines a second.
type Lines struct {
	r    *bufio.Reader
	kept []byte
	paid time.Time // until when what was read is paid for
}

// NewLines reads lines from r.
func NewLines(r io.Reader) *Lines { return &Lines{r: bufio.NewReaderSize(r, buffer)} }

// Next is the next line without its newline, until the next call; an unfinished last
// one counts. The error is that of the reader; io.EOF at its end.
func (l *Lines) Next() ([]byte, error) {
	l.kept = l.kept[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.pay(time.Duration(len(part))*byteCost + lineCost)
		l.kept = append(l.kept, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(l.kept) < longest:
		case err != nil && len(l.kept) == 0:
			return nil, err
		default:
			return trimEnd(l.kept), nil
		}
	}
}

// pay waits until what was read is paid for, but for the credit.
func (l *Lines) pay(cost time.Duration) {
	const least = 10 * time.Millisecond // shorter waits cost more than they save
	now := time.Now()
	if l.paid.Before(now) {
		l.paid = now
	}
	l.paid = l.paid.Add(cost)
	if wait := l.paid.Sub(now) - credit; wait > least {
		<-time.After(wait)
	}
}

// trimEnd takes the end of a line away, also that of a terminal.
func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}
