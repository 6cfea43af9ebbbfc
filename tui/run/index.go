package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"ablate/experiments/store"
)

// sampleRef is where a program of a run is written down, and what is asked of it
// before it is read.
type sampleRef struct {
	at      int64 // in the file
	size    int   // of its line
	step    int64
	task    string
	verdict string
	rollout bool
}

// sampleIndex finds the programs of an attempt in its file, however many they are.
// Only Cmds use it, one at a time.
type sampleIndex struct {
	dir, name string
	at        int64             // what is before was indexed
	words     map[string]string // each task and verdict once
}

// maxSample bounds the line of one program.
const maxSample = 4 << 20

// more finds what was added, at most limit bytes of it; more says that there is
// more to be found now. What is no program is passed over.
func (x *sampleIndex) more(limit int64) (refs []sampleRef, more bool, err error) {
	f, err := store.OpenRunFile(x.dir, x.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size <= x.at {
		return nil, false, err
	}
	if _, err := f.Seek(x.at, io.SeekStart); err != nil {
		return nil, false, err
	}
	r := bufio.NewReaderSize(f, 256<<10)
	for begin := x.at; x.at-begin < limit; {
		line, err := r.ReadBytes('\n')
		if err != nil || len(line) > maxSample { // the last one is not yet written
			return refs, false, ignoreEOF(err)
		}
		if ref, ok := x.ref(line); ok {
			refs = append(refs, ref)
		}
		x.at += int64(len(line))
	}
	return refs, x.at < size, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// ref reads of a line what an index keeps.
func (x *sampleIndex) ref(line []byte) (sampleRef, bool) {
	var s struct {
		Step    int64           `json:"step"`
		Task    string          `json:"task"`
		Verdict string          `json:"verdict"`
		Reward  json.RawMessage `json:"reward"`
	}
	if json.Unmarshal(bytes.Trim(line, "\x00"), &s) != nil {
		return sampleRef{}, false
	}
	return sampleRef{at: x.at, size: len(line), step: s.Step, task: x.once(s.Task), verdict: x.once(s.Verdict), rollout: len(s.Reward) > 0}, true
}

// once is a word that is kept once.
func (x *sampleIndex) once(word string) string {
	if w, ok := x.words[word]; ok {
		return w
	}
	if x.words == nil {
		x.words = map[string]string{}
	}
	x.words[word] = word
	return word
}

// load reads a program.
func (x *sampleIndex) load(ref sampleRef) (s store.Sample, err error) {
	f, err := store.OpenRunFile(x.dir, x.name)
	if err != nil {
		return s, err
	}
	defer f.Close()
	line := make([]byte, ref.size)
	if _, err = f.Seek(ref.at, io.SeekStart); err == nil {
		_, err = io.ReadFull(f, line)
	}
	if err == nil {
		err = json.Unmarshal(bytes.Trim(line, "\x00"), &s)
	}
	if err != nil {
		return s, fmt.Errorf("read program: %w", err)
	}
	return s, nil
}
