package lm

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// lesson is a training with everything that a checkpoint has to keep.
type lesson struct {
	*Trainer
	average *Average
}

func newLesson(t testing.TB, cfg Config, average bool) lesson {
	t.Helper()
	l := lesson{Trainer: NewTrainer(newModel(t, cfg), plainAdamW, 1)}
	if average {
		l.average = NewAverage(l.m, 0.97)
	}
	return l
}

// learn makes steps from one to another, and each has its own batch and rate.
func (l lesson) learn(t testing.TB, from, to int) {
	t.Helper()
	for step := from; step < to; step++ {
		if _, err := l.Step(randomBatch(l.m.cfg, 20, 8, uint64(step)), Schedule(step, 40, 3, 1e-2, 1e-3)); err != nil {
			t.Fatal(err)
		}
		if l.average != nil {
			l.average.Update(l.m)
		}
	}
}

type note struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`
}

func (l lesson) saved(t testing.TB, n note) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.Save(&b, l.average, n); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bits is everything of a training, told apart to the last bit.
func (l lesson) bits() []uint64 {
	all := []uint64{uint64(l.steps), math.Float64bits(l.beta[0]), math.Float64bits(l.beta[1])}
	numbers := slices.Concat(l.m.flat, l.m1, l.m2)
	if l.average != nil {
		all = append(all, math.Float64bits(l.average.left))
		numbers = append(numbers, l.average.model.flat...)
	}
	for _, x := range numbers {
		all = append(all, uint64(math.Float32bits(x)))
	}
	return all
}

// A training that is saved and restored elsewhere ends with the bits of one that
// went on, whatever it was saved after.
func TestRestore(t *testing.T) {
	t.Parallel()
	for _, average := range []bool{false, true} {
		for _, at := range []int{0, 1, 13, 30} {
			straight := newLesson(t, tiny, average)
			straight.learn(t, 0, at)
			file := straight.saved(t, note{at, math.Pi / 1e9})
			straight.learn(t, at, 30)

			resumed := newLesson(t, tiny, average)
			resumed.learn(t, 7, 9) // what it had is forgotten
			var n note
			if err := ReadNote(bytes.NewReader(file), &n); err != nil || n != (note{at, math.Pi / 1e9}) {
				t.Errorf("note is %+v, %v", n, err)
			}
			if err := resumed.Restore(iotest.HalfReader(bytes.NewReader(file)), resumed.average); err != nil {
				t.Fatal(err)
			}
			if again := resumed.saved(t, n); !bytes.Equal(again, file) {
				t.Errorf("saved after %d steps, restored and saved again: another file", at)
			}
			resumed.learn(t, at, 30)
			if !slices.Equal(resumed.bits(), straight.bits()) {
				t.Errorf("average %v, resumed after %d of 30 steps: other bits", average, at)
			}
		}
	}
}

// Cut anywhere, or with any one bit changed, a file is damaged, and the trainer
// is as before.
func TestRestoreDamaged(t *testing.T) {
	t.Parallel()
	small := Config{Vocab: 3, Dim: 2, Layers: 1, Heads: 1, Context: 8}
	l := newLesson(t, small, true)
	l.learn(t, 0, 2)
	file := l.saved(t, note{})
	l.learn(t, 2, 4)
	before := l.bits()
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1 << (i % 8)
		for what, data := range map[string][]byte{"cut": file[:i], "changed": bad} {
			if err := l.Restore(bytes.NewReader(data), l.average); !errors.Is(err, ErrDamaged) {
				t.Fatalf("%s at byte %d of %d: error %v", what, i, len(file), err)
			}
		}
	}
	if diff := cmp.Diff(before, l.bits()); diff != "" {
		t.Errorf("a damaged file changed the trainer:\n%s", diff)
	}
}

// What is whole but cannot be gone on from says why.
func TestRestoreOther(t *testing.T) {
	t.Parallel()
	l, plain := newLesson(t, tiny, true), newLesson(t, tiny, false)
	wide := tiny
	wide.Dim *= 2
	file := func(h header, names ...string) []byte {
		var b bytes.Buffer
		var parts []part
		for _, name := range names {
			parts = append(parts, part{name, l.m.flat})
		}
		if err := writeFile(&b, h, parts...); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	all := []string{weightsName, moment1Name, moment2Name, averageName}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"shape":           {newLesson(t, wide, true).saved(t, note{}), "restore training: shape {Vocab:"},
		"no average":      {plain.saved(t, note{}), "sections ["},
		"a model":         {saved(t, l.m), "weights], want ["},
		"order":           {file(header{Config: tiny}, averageName, moment1Name, moment2Name, weightsName), "sections ["},
		"no step count":   {file(header{Config: tiny}, all...), "no step count"},
		"a later version": {headed(`{"version":2}`), "version 2, this program reads 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := l.Restore(bytes.NewReader(c.file), l.average); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	var n note
	if err := ReadNote(bytes.NewReader(saved(t, l.m)), &n); err == nil || !strings.Contains(err.Error(), "there is none") {
		t.Errorf("the note of a model: error %v", err)
	}
	if err := ReadNote(bytes.NewReader(file(header{Config: tiny, Note: []byte(`{"step":"x"}`)}, all...)), &n); err == nil {
		t.Error("a note of another kind was read")
	}
	if _, err := Load(bytes.NewReader(l.saved(t, note{}))); err == nil || !strings.Contains(err.Error(), "sections [") {
		t.Errorf("load a training as a model: error %v", err)
	}
}

func TestSaveTrainingErrors(t *testing.T) {
	t.Parallel()
	l := newLesson(t, tiny, true)
	broken := errors.New("broken")
	for n := range 6 {
		if err := l.Save(&failing{n, broken}, l.average, note{}); !errors.Is(err, broken) {
			t.Errorf("write %d fails: error %v", n, err)
		}
	}
	if err := l.Save(io.Discard, nil, math.NaN()); err == nil || !strings.Contains(err.Error(), "note") {
		t.Errorf("a note that JSON has not: error %v", err)
	}
	if err := l.Save(io.Discard, nil, strings.Repeat("x", maxHeader)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a note that is too long: error %v", err)
	}
	l.m.flat[5] = float32(math.Inf(-1))
	if err := l.Save(io.Discard, l.average, note{}); !errors.Is(err, ErrNotFinite) || !strings.Contains(err.Error(), "weight 5 is -Inf") {
		t.Errorf("an infinite weight: error %v", err)
	}
}
