// Package recipe holds the ways in which a run trains: loops that read like the
// papers they come from. A recipe is a function of a run's parameters and seed
// and says what happens into the folder of its attempt; it knows no engine and
// no screen.
package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ablate/engine/judge"
	"ablate/experiments"
	"ablate/experiments/store"
)

// Version is raised whenever a change makes the same parameters and seed give
// other bits: it is part of every cell's identity, so that old and new results
// are never taken for the same thing. A test holds it to a recorded hash.
const Version = 3

// ErrStopped says that a run ended because it was asked to.
var ErrStopped = errors.New("stopped")

// Table lists the built-in recipes with their parameters.
func Table() []experiments.Recipe {
	return []experiments.Recipe{sftTable(), sftGRPOTable(), grpoTable(), dataTable()}
}

// Means are what an attempt is carried out with. None of them shows in a result.
type Means struct {
	Pool    *judge.Pool // runs the programs that the model writes
	Workers int         // share the work of a step
	Store   string      // the store's folder, for what runs share; only those that train by reward need it
	Log     io.Writer   // for people, but for its lines "phase NAME", which the runner takes up
}

// Train carries out one attempt of a run, from the newest good checkpoint that
// any of them left.
func Train(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	train, ok := map[string]func(context.Context, experiments.Run, *store.Attempt, Means) error{
		"sft": trainSFT, sftGRPO: trainSFTGRPO, onlyGRPO: trainGRPO, onlyData: makeData,
	}[run.Recipe]
	if !ok {
		return fmt.Errorf("train run %s: recipe %q is not built in", run.ID, run.Recipe)
	}
	if run.RecipeVersion != Version {
		return fmt.Errorf("train run %s: it was planned for version %d of recipe %s and this program has version %d: run the experiment again",
			run.ID, run.RecipeVersion, run.Recipe, Version)
	}
	return train(ctx, run, out, m)
}
