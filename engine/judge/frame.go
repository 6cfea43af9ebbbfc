package judge

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The two directions of a child's pipes carry frames: a length (unsigned
// varint), then that many bytes, the first of which says what they are.
// Numbers inside are unsigned varints, texts a length and bytes.
const (
	frameLimits  = 'L' // to the child, once: steps, nanoseconds, bytes of memory, bytes of output
	frameJudge   = 'J' // to the child: prompt?, source, all?, cases
	frameOutputs = 'O' // to the child: the same, but what f returns is asked for
	frameHello   = 'H' // from the child, once: it is confined and ready
	frameResult  = 'R' // from the child: last?, verdict, passed, case + 1, got, error
	frameValues  = 'V' // from the child: last?, count, then verdict, value and error of each
)

// maxFrame bounds a frame's bytes, so that a damaged length cannot ask for any
// amount of memory. The parent refuses programs that would not fit.
const maxFrame = 16 << 20

// query is one program on its way to a child.
type query struct {
	program Program
	outputs bool // what f returns is asked for rather than a verdict
	prompt  bool // the answer must leave the child before the next program begins
}

// answer is a child's reply to one query; the next reply is to the next query.
type answer struct {
	result Result
	values []Output // for a query of outputs
	last   bool     // the child ends now, by its own decision
}

var errShort = errors.New("the frame is too short")

// appendFrame appends a frame with the given body to b.
func appendFrame(b, body []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(body)))
	return append(b, body...)
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendLimits(b []byte, l Limits) []byte {
	b = append(b, frameLimits)
	b = binary.AppendUvarint(b, l.Steps)
	b = binary.AppendUvarint(b, uint64(l.Time))
	b = binary.AppendUvarint(b, uint64(l.Memory))
	return binary.AppendUvarint(b, uint64(l.Output))
}

func appendQuery(b []byte, q query) []byte {
	kind := byte(frameJudge)
	if q.outputs {
		kind = frameOutputs
	}
	b = appendBool(append(b, kind), q.prompt)
	b = appendText(b, q.program.Source)
	b = appendBool(b, q.program.All)
	b = binary.AppendUvarint(b, uint64(len(q.program.Cases)))
	for _, c := range q.program.Cases {
		b = appendText(b, c.Input)
		b = appendText(b, c.Want)
	}
	return b
}

func appendAnswer(b []byte, a answer) []byte {
	if a.values != nil {
		b = appendBool(append(b, frameValues), a.last)
		b = binary.AppendUvarint(b, uint64(len(a.values)))
		for _, o := range a.values {
			b = append(b, verdictByte(o.Verdict))
			b = appendText(b, o.Value)
			b = appendText(b, o.Err)
		}
		return b
	}
	b = appendBool(append(b, frameResult), a.last)
	b = append(b, verdictByte(a.result.Verdict))
	b = binary.AppendUvarint(b, uint64(a.result.Passed))
	b = binary.AppendUvarint(b, uint64(a.result.Case+1))
	b = appendText(b, a.result.Got)
	return appendText(b, a.result.Error)
}

// verdictByte is a verdict's place in Verdicts.
func verdictByte(v Verdict) byte {
	for i, w := range Verdicts {
		if v == w {
			return byte(i)
		}
	}
	return byte(len(Verdicts))
}

// readFrame reads one frame's body into buf, which it may grow. The error is
// io.EOF if the stream ends between two frames.
func readFrame(r *bufio.Reader, buf []byte) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return buf, err
	}
	if n == 0 || n > maxFrame {
		return buf, fmt.Errorf("read frame: length %d is not within 1 to %d", n, maxFrame)
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return buf, fmt.Errorf("read frame: %w", err)
	}
	return buf, nil
}

// frameReader takes values off a frame's body; the first value that is not
// there makes all later ones zero and sets err.
type frameReader struct {
	rest []byte
	err  error
}

func (f *frameReader) byte() byte {
	if len(f.rest) == 0 {
		f.err = errShort
		return 0
	}
	c := f.rest[0]
	f.rest = f.rest[1:]
	return c
}

func (f *frameReader) number() uint64 {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 {
		f.rest, f.err = nil, errShort
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

// count reads the number of elements that follow, each at least one byte long.
func (f *frameReader) count() int {
	n := f.number()
	if n > uint64(len(f.rest)) {
		f.rest, f.err = nil, errShort
		return 0
	}
	return int(n)
}

func (f *frameReader) text() string {
	n := f.count()
	s := string(f.rest[:n])
	f.rest = f.rest[n:]
	return s
}

func (f *frameReader) verdict() Verdict {
	i := f.byte()
	if int(i) >= len(Verdicts) {
		f.err = fmt.Errorf("verdict %d is unknown", i)
		return RE
	}
	return Verdicts[i]
}

// done returns the first error, or one if bytes are left over.
func (f *frameReader) done() error {
	if f.err == nil && len(f.rest) > 0 {
		f.err = fmt.Errorf("%d bytes too many in a frame", len(f.rest))
	}
	return f.err
}

func parseLimits(body []byte) (Limits, error) {
	f := frameReader{rest: body}
	if kind := f.byte(); kind != frameLimits {
		return Limits{}, fmt.Errorf("read limits: the first frame is %q, not %q", kind, frameLimits)
	}
	l := Limits{
		Steps:  f.number(),
		Time:   time.Duration(f.number()),
		Memory: int64(f.number()),
		Output: int(f.number()),
	}
	return l.filled(), f.done()
}

func parseQuery(body []byte) (query, error) {
	f := frameReader{rest: body}
	var q query
	switch kind := f.byte(); kind {
	case frameJudge:
	case frameOutputs:
		q.outputs = true
	default:
		return q, fmt.Errorf("read program: unknown frame %q", kind)
	}
	q.prompt = f.byte() == 1
	q.program.Source = f.text()
	q.program.All = f.byte() == 1
	q.program.Cases = make([]Case, f.count())
	for i := range q.program.Cases {
		q.program.Cases[i] = Case{Input: f.text(), Want: f.text()}
	}
	return q, f.done()
}

func parseAnswer(body []byte) (answer, error) {
	f := frameReader{rest: body}
	var a answer
	switch kind := f.byte(); kind {
	case frameResult:
		a.last = f.byte() == 1
		a.result.Verdict = f.verdict()
		a.result.Passed = int(f.number())
		a.result.Case = int(f.number()) - 1
		a.result.Got = f.text()
		a.result.Error = f.text()
	case frameValues:
		a.last = f.byte() == 1
		a.values = make([]Output, f.count())
		for i := range a.values {
			a.values[i].Verdict = f.verdict()
			a.values[i].Value = f.text()
			a.values[i].Err = f.text()
		}
	default:
		return a, fmt.Errorf("read answer: unknown frame %q", kind)
	}
	return a, f.done()
}
