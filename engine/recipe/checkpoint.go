package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"ablate/engine/lm"
	"ablate/experiments/store"
)

// The files of a checkpoint: what training goes on from, and the model that was
// evaluated, which is what is left when a run is done.
const (
	stateName     = store.StateName
	weightsName   = "weights"
	tokenizerName = "tokenizer.json"
)

// progress is how far a run is: what a checkpoint keeps beside the numbers of the
// trainer. Randomness has no state of its own: every stream comes from the seed
// and a place.
type progress struct {
	Run     string       `json:"run"`
	Version int          `json:"version"`        // of the recipe
	Step    int          `json:"step"`           // the last one made
	Last    store.Values `json:"last"`           // what it measured
	Due     bool         `json:"due"`            // its evaluation is still to come
	Epoch   int          `json:"epoch"`          // of the order of rows
	Dealt   int          `json:"dealt"`          // rows of that epoch
	Best    *chosen      `json:"best,omitempty"` // on the development set
	Late    late         `json:"late,omitempty"` // what the last steps measured
	// From is the hash of the weights that training started from, if not from noise.
	From string `json:"from,omitempty"`
	// Arithmetic is what computed so far. Two kinds in one run would end in bits
	// that neither gives.
	Arithmetic string `json:"arithmetic"`
}

// save writes a checkpoint of the last step, unless there is one.
func (s *session) save() error {
	if s.saved == s.at.Step {
		return nil
	}
	return s.checkpoint()
}

// checkpoint writes one of the last step.
func (s *session) checkpoint() error {
	s.at.Run, s.at.Version, s.at.Arithmetic, s.at.From = s.Run, Version, lm.Arithmetic(), s.from
	s.at.Epoch, s.at.Dealt = s.order.place()
	if err := s.out.Checkpoint(s.fill); err != nil {
		return fmt.Errorf("step %d: %w", s.at.Step, err)
	}
	s.saved = s.at.Step
	return nil
}

// fill writes the files of a checkpoint into dir.
func (s *session) fill(dir string) error {
	err := writeTo(filepath.Join(dir, stateName), func(w io.Writer) error { return s.trainer.Save(w, s.average, s.at) })
	if err != nil {
		return err
	}
	return errors.Join(s.fillModel(dir, s.final()), s.fillBest(dir))
}

// fillModel writes the files that a model can be loaded from into dir.
func (s *session) fillModel(dir string, m *lm.Model) error {
	err := writeTo(filepath.Join(dir, weightsName), m.Save)
	if err != nil {
		return err
	}
	return writeTo(filepath.Join(dir, tokenizerName), func(w io.Writer) error { return json.NewEncoder(w).Encode(s.data.tok) })
}

// keptName is the folder of an attempt in which models of some steps stay.
const keptName = "kept"

// keep puts the model of the last step where it stays, unless it is there.
func (s *session) keep() error {
	place := filepath.Join(s.out.Dir, keptName, strconv.Itoa(s.at.Step))
	if _, err := os.Stat(place); err == nil {
		return nil // made again, it has the same bits
	}
	part := place + ".part"
	err := errors.Join(os.RemoveAll(part), store.MkdirAll(part)) // of a trainer that was killed
	if err == nil {
		err = s.fillModel(part, s.evaluated())
	}
	if err == nil {
		err = os.Rename(part, place)
	}
	if err != nil {
		return fmt.Errorf("keep weights of step %d: %w", s.at.Step, err)
	}
	return nil
}

// resume goes to the newest good checkpoint of any attempt of the run. One that
// cannot be used is named, with the reason, and the next older one is tried. If
// it is of other arithmetic than this machine's, that is an error: nothing is
// wrong with it, only with the place.
func (s *session) resume() error {
	places, err := store.Checkpoints(filepath.Dir(s.out.Dir))
	if err != nil {
		return err
	}
	type found struct {
		place string
		at    progress
	}
	var all []found
	for _, place := range places {
		at, err := s.look(place)
		if err != nil {
			s.reject(place, err)
			continue
		}
		all = append(all, found{place, at})
	}
	slices.SortStableFunc(all, func(a, b found) int { return b.at.Step - a.at.Step })
	for _, f := range all {
		if here := lm.Arithmetic(); f.at.Arithmetic != here {
			return fmt.Errorf("resume run: checkpoint %s is of %s and this machine has %s: go on where the first is, or remove the checkpoint to begin anew",
				f.place, f.at.Arithmetic, here)
		}
		if err := s.restore(f.place, f.at); err != nil {
			s.reject(f.place, err)
			continue
		}
		fmt.Fprintf(s.log, "phase resume from step %d of attempt %s\n", s.at.Step, filepath.Base(filepath.Dir(f.place)))
		return nil
	}
	if len(places) > 0 {
		fmt.Fprintf(s.log, "phase begin anew: of %d checkpoints none can be used\n", len(places))
	}
	return nil
}

func (s *session) reject(place string, err error) {
	name := filepath.Join(filepath.Base(filepath.Dir(place)), filepath.Base(place), stateName)
	fmt.Fprintf(s.log, "checkpoint %s cannot be used: %v\n", name, err)
}

// look reads how far a checkpoint is and whether it is one of this run.
func (s *session) look(place string) (progress, error) {
	var at progress
	err := readFrom(filepath.Join(place, stateName), func(r io.Reader) error { return lm.ReadNote(r, &at) })
	switch {
	case err != nil:
		return at, err
	case at.Run != s.Run:
		return at, fmt.Errorf("it is of run %q, this is %q", at.Run, s.Run)
	case at.Version != Version:
		return at, fmt.Errorf("it is of version %d of the recipe, this program has %d", at.Version, Version)
	case at.From != s.from:
		return at, fmt.Errorf("it began with weights %.12s, this run begins with %.12s", at.From, s.from)
	case at.Step < 1 || at.Step > s.total:
		return at, fmt.Errorf("it is of step %d, the run has %d", at.Step, s.total)
	}
	return at, nil
}

// restore goes to a checkpoint. On an error everything is as before.
func (s *session) restore(place string, at progress) error {
	order := *s.order
	if err := order.seek(at.Epoch, at.Dealt); err != nil {
		return err
	}
	best, err := s.restoreBest(place, at)
	if err != nil {
		return err
	}
	err = readFrom(filepath.Join(place, stateName), func(r io.Reader) error { return s.trainer.Restore(r, s.average) })
	if err != nil {
		return err
	}
	*s.order, s.at, s.best = order, at, best
	return nil
}

func writeTo(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func readFrom(path string, read func(io.Reader) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return fmt.Errorf("read %s: it is no file but %s", path, info.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f)
}
