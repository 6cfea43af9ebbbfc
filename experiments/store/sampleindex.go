package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// SampleIndex knows where the programs are in the samples.jsonl of an attempt, packed
// or not, and reads them one by one, so that it may have any size. It goes on as the
// file grows.
type SampleIndex struct {
	Damaged int // lines that are no samples: skipped

	tail  Tail
	buf   []byte
	end   int64 // of what was looked at
	marks []SampleMark
	names map[string]string // verdicts
}

// SampleMark is what is known of a sample without reading it again.
type SampleMark struct {
	Step    int64
	Verdict string // "" too of what is behind the first 64 different ones
	Rollout bool   // it has a reward
	at      int64
	size    int32
}

// maxVerdicts bounds what is remembered of files that call something else so.
const maxVerdicts = 64

// NewSampleIndex returns the index of the samples of the n-th attempt of the run in
// runDir. Nothing is read before the first Next.
func NewSampleIndex(runDir string, n int) *SampleIndex {
	return &SampleIndex{tail: Tail{Run: runDir, Path: inAttempt(n, "samples.jsonl")}, names: map[string]string{}}
}

// Next looks at about limit bytes more (0: all); more says that there is more to look
// at now. Where the file began anew, so does the index.
func (x *SampleIndex) Next(limit int64) (more bool, err error) {
	tooLong := x.tail.Damaged
	more, err = x.tail.blocks(limit, readAhead, &x.buf, x.block)
	x.Damaged += x.tail.Damaged - tooLong
	return more, err
}

// Len is how many samples were found so far.
func (x *SampleIndex) Len() int { return len(x.marks) }

// Mark is what is known of the sample with index i.
func (x *SampleIndex) Mark(i int) SampleMark { return x.marks[i] }

// block finds the samples in whole lines.
func (x *SampleIndex) block(b []byte) {
	at := x.tail.offset - int64(len(b))
	if at < x.end {
		x.marks, x.Damaged = nil, 0
	}
	x.end = x.tail.offset
	for line := range bytes.Lines(b) {
		x.line(line, at)
		at += int64(len(line))
	}
}

func (x *SampleIndex) line(line []byte, at int64) {
	if len(bytes.TrimRight(line, "\r\n")) == 0 {
		return
	}
	s, err := parseSample(line)
	if err != nil {
		x.Damaged++
		return
	}
	verdict, ok := x.names[s.Verdict]
	if !ok && len(x.names) < maxVerdicts {
		verdict = s.Verdict
		x.names[verdict] = verdict
	}
	x.marks = append(x.marks, SampleMark{s.Step, verdict, s.Reward != nil, at, int32(len(line))})
}

func parseSample(line []byte) (s Sample, err error) {
	return s, json.Unmarshal(unzeroed(bytes.TrimRight(line, "\r\n")), &s)
}

// At reads the sample with index i.
func (x *SampleIndex) At(i int) (s Sample, err error) {
	if i < 0 || i >= len(x.marks) {
		return s, fmt.Errorf("read sample %d: there are %d", i, len(x.marks))
	}
	m := x.marks[i]
	if s, err = x.read(m); err != nil {
		return s, fmt.Errorf("read sample %d of %s: %w", i, RunFilePlace(x.tail.Run, x.tail.Path), err)
	}
	return s, nil
}

func (x *SampleIndex) read(m SampleMark) (s Sample, err error) {
	f, err := x.tail.open()
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(m.at, io.SeekStart); err != nil {
		return s, err
	}
	line := make([]byte, m.size)
	if _, err := io.ReadFull(f, line); err != nil {
		return s, err
	}
	return parseSample(line)
}
