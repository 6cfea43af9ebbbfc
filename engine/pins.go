package engine

import (
	"errors"
	"fmt"

	"ablate/experiments"
)

// mayPin says why the runs of a request cannot be given the GPUs that it names; nil
// if they can, or if it names none.
func (e *Engine) mayPin(r Request) error {
	if r.GPUs == "" {
		return nil
	}
	if r.Verb == "resume" {
		return errors.New("resume runs: they go on with the GPUs that they were asked for with; `ablate retry --gpus LIST` begins anew on others")
	}
	seen := map[string]bool{}
	for _, id := range r.Runs {
		name := experimentOf(id)
		if seen[name] {
			continue
		}
		seen[name] = true
		p, err := e.Store.ReadPlan(name)
		if err != nil {
			return err
		}
		if err := pinnable(r, p); err != nil {
			return err
		}
	}
	return nil
}

// pinnable is mayPin for the runs of a plan.
func pinnable(r Request, p *experiments.Plan) error {
	if r.GPUs == "" {
		return nil
	}
	_, err := p.Pinned(r.GPUs)
	return err
}

// unpinned tells of runs that a request was to give GPUs to and that go or wait with
// others.
func unpinned(r Request, reply Reply) error {
	if r.GPUs == "" || reply.Going == 0 {
		return nil
	}
	return fmt.Errorf("%d runs go on or wait as they were asked for before, and not for the GPUs %s: `ablate stop` ends them first", reply.Going, r.GPUs)
}
