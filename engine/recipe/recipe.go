// Package recipe holds the ways in which a run trains: loops that read like the
// papers they come from. A recipe is a function of a run's parameters and seed
// and says what happens into the folder of its attempt; it knows no engine and
// no screen.
//
//	recipe      the four recipes, and the way to one; main is `ablate train`
//	params      their parameters, with rlparams those of training by reward; check
//	            finds mistakes between parameters, config has them resolved
//	data        rows of training tasks: sources says where programs come from,
//	            verified makes them, trace says what stands before them
//	datarun     the recipe data, which makes and verifies tasks and trains nothing
//	session     a run under way: steps, evaluations, checkpoints, whatever the method
//	sft         the method of fine-tuning; order deals its rows
//	grpo        the method of training by reward: rollout writes programs, reward says
//	            what they are worth
//	rl          from which weights that begins: stage has those of a fine-tuning that
//	            runs share, init those of another run
//	evaluate    what a model is asked: sets has the held-out tasks, passk many samples
//	            of each, choose the best step
//	checkpoint  what a run goes on from after it was ended
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

// The names of the recipes.
const (
	onlySFT  = "sft"
	onlyGRPO = "grpo"
	sftGRPO  = "sft+grpo"
	onlyData = "data"
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
	Store   string      // folder of the store, which those that train by reward need
	Log     io.Writer   // for people, but for its lines "phase NAME", which the runner takes up
}

// Train carries out one attempt of a run, from the newest good checkpoint that
// any of them left.
func Train(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	train, ok := map[string]func(context.Context, experiments.Run, *store.Attempt, Means) error{
		onlySFT: trainSFT, sftGRPO: trainSFTGRPO, onlyGRPO: trainGRPO, onlyData: makeData,
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
