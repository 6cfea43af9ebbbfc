package recipe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// A stage is fine-tuning that several runs go on from. It is named by a hash of
// all that its weights depend on, so that the arms of a seed find one and the
// same, and whoever comes first trains it, into a folder like that of a run:
//
//	STORE/.stages/HASH/lock      held by who trains it
//	                   a1/       one folder an attempt
const stagesName = store.StagesName

// StageOf is the name of the stage that a run goes on from, "" if it has none.
func StageOf(run experiments.Run) (string, error) {
	if run.Recipe != sftGRPO {
		return "", nil
	}
	return stageName(run)
}

// sharedStage is the weights that the fine-tuning of a run gives, trained now if
// they are nowhere.
func sharedStage(ctx context.Context, run experiments.Run, m Means) (origin, error) {
	if m.Store == "" {
		return origin{}, fmt.Errorf("train run %s: no store to share its stage of fine-tuning in", run.ID)
	}
	name, err := stageName(run)
	if err != nil {
		return origin{}, err
	}
	dir := filepath.Join(m.Store, stagesName, name)
	if o, ok := findStage(dir, m); ok {
		return o, nil
	}
	lock, err := awaitLock(ctx, dir, m)
	if err != nil {
		return origin{}, err
	}
	defer lock.Close()
	if o, ok := findStage(dir, m); ok { // made by the one that was waited for
		return o, nil
	}
	if err := trainStage(ctx, dir, run, m); err != nil {
		return origin{}, fmt.Errorf("stage %s: %w", name, err)
	}
	o, ok := findStage(dir, m)
	if !ok {
		return origin{}, fmt.Errorf("stage %s was trained and cannot be read: see the log", name)
	}
	return o, nil
}

// stageName is the hash of what a stage's weights depend on: the parameters of
// fine-tuning but for those that say when to ask and to save, the seed, the
// recipe's version and the arithmetic.
func stageName(run experiments.Run) (string, error) {
	kept := experiments.Params{}
	apart := run.Params.Text("at") != bestOnDev && leaked(run.Params) == 0 // no tested task has a say
	for _, p := range sftTable().Params {
		asks := apart && strings.HasPrefix(p.Name, "eval_")
		if !asks && p.Name != "checkpoint_every" && p.Name != "keep_every" {
			kept[p.Name] = run.Params[p.Name]
		}
	}
	text, err := json.Marshal(struct {
		Params     experiments.Params
		Seed       int64
		Version    int
		Arithmetic string
	}{kept, run.Seed, Version, lm.Arithmetic()})
	if err != nil {
		return "", fmt.Errorf("name stage: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6]), nil
}

// findStage loads a stage if some attempt at it ended.
func findStage(dir string, m Means) (origin, bool) {
	o, err := lastWeights(dir)
	switch {
	case errors.Is(err, errNotDone):
		return o, false
	case err != nil:
		fmt.Fprintf(m.Log, "stage %s cannot be used: %v\n", filepath.Base(dir), err)
		return o, false
	}
	o.name = "stage " + filepath.Base(dir)
	return o, true
}

// awaitLock takes a stage's lock when whoever has it lets go. The folder may be
// removed meanwhile, by somebody who makes room.
func awaitLock(ctx context.Context, dir string, m Means) (*store.Held, error) {
	const (
		pause = 100 * time.Millisecond
		word  = time.Minute // between signs of life, without which a run counts as stalled
	)
	began, said := time.Now(), time.Time{}
	for {
		if err := store.MkdirAll(dir); err != nil {
			return nil, fmt.Errorf("make stage: %w", err)
		}
		lock, err := store.Lock(store.LockFile(dir), 0)
		if !errors.Is(err, store.ErrLocked) {
			return lock, err
		}
		if said.IsZero() {
			fmt.Fprintf(m.Log, "phase wait for stage %s, which another run trains\n", filepath.Base(dir))
			said = began
		}
		if time.Since(said) > word {
			said = time.Now()
			fmt.Fprintf(m.Log, "waiting for %.0f s\n", time.Since(began).Seconds())
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w while it waited for stage %s", ErrStopped, filepath.Base(dir))
		case <-time.After(pause):
		}
	}
}

// trainStage makes the next attempt at a stage, from the newest good checkpoint of
// any.
func trainStage(ctx context.Context, dir string, run experiments.Run, m Means) error {
	newest, err := store.Attempts(dir)
	if err != nil {
		return err
	}
	place := store.AttemptDir(dir, newest+1)
	if err := store.MkdirAll(place); err != nil {
		return fmt.Errorf("make attempt: %w", err)
	}
	out, err := store.OpenAttempt(place)
	if err != nil {
		return err
	}
	c, name := newConfig(run), filepath.Base(dir)
	c.Run, c.EvalSamples, c.AllSets = stagesName+"/"+name, 0, false // of its evaluations only the log says something
	s, err := newSFTSession(ctx, c, out, m)
	if err == nil {
		method := newSFT(c)
		method.name = fmt.Sprintf("sft (shared stage %s)", name)
		s.method = method
		err = s.carryOut(ctx)
	}
	return errors.Join(err, out.Close())
}
