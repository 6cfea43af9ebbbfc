package synth

import (
	"cmp"
	"io/fs"
	"slices"
	"sync"
)

// catalogue is the tree of all features: those of the corpus, and those that
// evolution made of them.
type catalogue struct {
	*knowledge
	programs []seedProgram
	seeds    []leaf
	leaves   []leaf // seeds and evolved ones, by path

	usual, seedOnly, even, asCorpus weights
}

// grow reads a corpus, whose programs are in files of the form */*.star, and
// makes the catalogue of it.
func grow(files fs.FS) (*catalogue, error) {
	programs, err := parseCorpus(files)
	if err != nil {
		return nil, err
	}
	c := &catalogue{knowledge: learn(), programs: programs}
	c.extract(programs)
	c.seeds = merge(programs)
	c.leaves = slices.Concat(c.seeds, c.evolve(c.seeds))
	slices.SortStableFunc(c.leaves, func(a, b leaf) int { return cmp.Compare(a.path, b.path) })
	c.usual, c.seedOnly = weigh(c.leaves, usual), weigh(c.leaves, seedOnly)
	c.even, c.asCorpus = weigh(c.leaves, evenly(c.leaves)), weigh(c.leaves, byPrograms)
	return c, nil
}

// grown is the catalogue of the corpus in this program. It is made at first use,
// for the sake of the start-up of processes that make no tasks.
var grown = sync.OnceValue(func() *catalogue {
	c, err := grow(corpusFiles)
	if err != nil {
		return &catalogue{knowledge: learn()} // a test reads the corpus
	}
	return c
})
