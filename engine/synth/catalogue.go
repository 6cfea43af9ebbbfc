package synth

import (
	"errors"
	"io/fs"
	"slices"
	"sync"
)

// Catalogue is the tree of all features: those of a corpus of programs, and those
// that evolution made of them.
type Catalogue struct {
	*knowledge
	programs []seedProgram
	seeds    []leaf
	leaves   []leaf // seeds and evolved ones, by path

	evolution *evolution

	usual, seedOnly, even, asCorpus weights
}

// Grow reads a corpus, all files *.star and */*.star, and makes the catalogue of
// it. A file that does not parse is an error that begins with file, line and
// column; so is a corpus that shows no feature a task could ask for.
func Grow(corpus fs.FS) (*Catalogue, error) {
	programs, err := parseCorpus(corpus)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{knowledge: learn(), programs: programs}
	c.extract(programs)
	c.seeds = merge(programs)
	c.evolution = c.evolve(c.seeds)
	c.leaves = slices.Concat(c.seeds, c.evolution.leaves)
	slices.SortStableFunc(c.leaves, byPath)
	if !slices.ContainsFunc(c.leaves, func(l leaf) bool { return l.executable() }) {
		return nil, errors.New("grow catalogue: no operation is shown by two programs; add programs to the corpus")
	}
	c.usual, c.seedOnly = weigh(c.leaves, usual), weigh(c.leaves, seedOnly)
	c.even, c.asCorpus = weigh(c.leaves, evenly(c.leaves)), weigh(c.leaves, byPrograms)
	return c, nil
}

// Grown is the catalogue of the seed corpus in this program. It is made at first
// use, for the sake of the start-up of processes that make no tasks.
func Grown() *Catalogue { return grown() }

var grown = sync.OnceValue(func() *Catalogue {
	c, err := Grow(corpusFiles)
	if err != nil {
		return &Catalogue{knowledge: learn(), evolution: &evolution{}} // no tasks; a test grows the corpus
	}
	return c
})

// Draw is Train from this catalogue, with what became of the feature sets that
// it looked at. Features of which no set is compatible make no task.
func (c *Catalogue) Draw(run int64, n int, o Options) ([]Task, Choices) {
	return generate(run, "task", n, o, c.weights(o), training)
}

func (c *Catalogue) weights(o Options) weights {
	if o.SeedOnly {
		return c.seedOnly
	}
	return c.usual
}
