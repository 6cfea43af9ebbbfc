package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// The sections of a saved training beside its weights.
const (
	moment1Name = "moment1"
	moment2Name = "moment2"
	averageName = "average"
)

// scalars are the numbers of a training that are no section. In JSON Go writes a
// float64 with as many digits as tell it from all others, so they come back bit
// for bit.
type scalars struct {
	Steps       int        `json:"steps"`
	Beta        [2]float64 `json:"beta"`
	AverageLeft float64    `json:"average_left"` // 1 without an average
}

// Save writes everything that the next step depends on: the weights, the
// optimiser, and the average over the steps, nil if none is kept. note is what
// the caller needs to go on from here, as JSON. Weights that are not finite are
// ErrNotFinite: nobody could go on from them.
func (t *Trainer) Save(w io.Writer, a *Average, note any) error {
	for i, x := range t.m.flat {
		if bad := float64(x); math.IsNaN(bad) || math.IsInf(bad, 0) {
			return fmt.Errorf("save training after step %d: weight %d is %g: %w", t.steps, i, x, ErrNotFinite)
		}
	}
	text, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("save training: note: %w", err)
	}
	head := header{Config: t.m.cfg, Training: &scalars{t.steps, t.beta, 1}, Note: text}
	parts := []part{{weightsName, t.m.flat}, {moment1Name, t.m1}, {moment2Name, t.m2}}
	if a != nil {
		head.Training.AverageLeft = a.left
		parts = append(parts, part{averageName, a.model.flat})
	}
	if err := writeFile(w, head, parts...); err != nil {
		return fmt.Errorf("save training: %w", err)
	}
	return nil
}

// Restore reads what Save wrote, for a trainer and an average of the same shape:
// the next step is the one that the saved training would have made. A file that
// is cut or changed is ErrDamaged; one of another version or shape says so. On
// an error everything is as before.
func (t *Trainer) Restore(r io.Reader, a *Average) error {
	head, err := readHeader(r)
	if err != nil {
		return fmt.Errorf("restore training: %w", err)
	}
	if head.Config != t.m.cfg {
		return fmt.Errorf("restore training: shape %+v, want %+v", head.Config, t.m.cfg)
	}
	names := []string{weightsName, moment1Name, moment2Name}
	if a != nil {
		names = append(names, averageName)
	}
	data, err := readSections(r, head, names...)
	if err != nil {
		return fmt.Errorf("restore training: %w", err)
	}
	if head.Training == nil {
		return errors.New("restore training: the header has no step count")
	}
	copy(t.m.flat, data[0])
	copy(t.m1, data[1])
	copy(t.m2, data[2])
	t.steps, t.beta = head.Training.Steps, head.Training.Beta
	if a != nil {
		copy(a.model.flat, data[3])
		a.left = head.Training.AverageLeft
	}
	return nil
}

// ReadNote reads the note of a saved training and nothing after it: whether the
// rest of the file is whole only Restore can tell.
func ReadNote(r io.Reader, note any) error {
	head, err := readHeader(r)
	if err != nil {
		return fmt.Errorf("read note of training: %w", err)
	}
	if len(head.Note) == 0 {
		return fmt.Errorf("read note of training: there is none beside %v", head.Sections)
	}
	if err := json.Unmarshal(head.Note, note); err != nil {
		return fmt.Errorf("read note of training: %w", err)
	}
	return nil
}
