package report

import (
	"errors"
	"fmt"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// Uses reads what runs made of their GPUs, again and again: of what has ended nothing
// is read twice, and of what goes on only what was added. One goroutine at a time
// may use it; the zero Uses is ready.
type Uses struct{ runs map[string]*usedRun }

// usedRun is what is known of one run.
type usedRun struct {
	attempt int
	status  store.Status
	rests   bool // nothing of it changes any more
	speed   bool // its rates were read
	use     Use
	meters  map[int]*meter // of attempts without a record of it
	rates   *rates
}

// Of is the use of a run whose attempts lived so, without its MFU: Against has that,
// where speed says that the rates shall be read, which are in the run's points.
func (u *Uses) Of(r store.Record, lives []store.Life, speed bool) (Use, error) {
	if len(lives) == 0 {
		return Use{}, nil
	}
	k := u.runs[r.ID]
	if k != nil && k.rests && k.attempt == r.Attempt && k.status == r.Status && (k.speed || !speed) {
		return k.use, nil
	}
	if k == nil || k.attempt > r.Attempt { // else it was made anew
		k = &usedRun{meters: map[int]*meter{}}
	}
	k.attempt, k.status, k.rests, k.speed = r.Attempt, r.Status, true, speed
	recorded := make([]*gpu.Use, len(lives))
	var errs []error
	for i, l := range lives {
		k.rests = k.rests && !l.Alive
		recorded[i] = l.Use
		if l.Use != nil || l.GPUs == 0 && l.Attempt == r.Attempt && r.Status == store.Done { // then its end says that it had none
			delete(k.meters, l.Attempt)
			continue
		}
		if k.meters[l.Attempt] == nil {
			k.meters[l.Attempt] = newMeter(r.Dir, l.Attempt)
		}
		var err error
		recorded[i], err = k.meters[l.Attempt].read()
		errs = append(errs, err)
	}
	if k.use = attemptsUse(lives, recorded); k.use.Any() && speed {
		errs = append(errs, k.readRates(r.Dir))
	}
	if u.runs == nil {
		u.runs = map[string]*usedRun{}
	}
	u.runs[r.ID] = k
	if err := errors.Join(errs...); err != nil {
		k.rests = false
		return k.use, fmt.Errorf("read GPU use of %s: %w", r.ID, err)
	}
	if k.rests {
		k.meters, k.rates = map[int]*meter{}, nil
	}
	return k.use, nil
}

// Read is Of for a run whose lives were not read yet.
func (u *Uses) Read(r store.Record, speed bool) (Use, error) {
	lives, err := store.Lives(r.Dir, store.Now())
	if err != nil {
		return Use{}, err
	}
	return u.Of(r, lives, speed)
}

// What a trainer reports of its speed.
const (
	tokensPerS = "perf/tokens_per_s"
	trainerMFU = "perf/mfu"
)

// rates are the means of what the newest attempt with points reports of its speed.
type rates struct {
	trail   *store.Trail
	attempt int
	tokens  mean
	mfu     mean
}

// readRates reads on in the points.
func (k *usedRun) readRates(dir string) error {
	const piece = 4 << 20
	if k.rates == nil {
		k.rates = &rates{trail: store.OpenTrail(dir, []string{tokensPerS, trainerMFU})}
	}
	r := k.rates
	for more := true; more; {
		p, next, err := r.trail.Next(piece)
		if err != nil {
			return err
		}
		if p.Points > 0 && p.Attempt != r.attempt {
			r.attempt, r.tokens, r.mfu = p.Attempt, mean{}, mean{}
		}
		for _, c := range p.Columns {
			for _, v := range c.Values {
				if v-v != 0 {
					continue
				}
				if c.Metric == tokensPerS {
					r.tokens.add(&v, 1)
				} else {
					r.mfu.add(&v, 1)
				}
			}
		}
		more = next
	}
	k.use.TokensPerS, k.use.TrainerMFU = r.tokens.value(), r.mfu.value()
	return nil
}

// readUse is what a run made of its GPUs, against the model that its experiment says.
func readUse(s *store.Store, r store.Record) (Use, error) {
	var uses Uses
	use, err := uses.Read(r, true)
	if !use.Any() {
		return use, err
	}
	var model *experiments.Model
	if p, err := s.ReadPlan(r.Experiment); err == nil { // without a plan nobody says it
		model = p.Model
	}
	return use.Against(model), err
}

// readUses are what runs of a plan made of GPUs, by id; some says whether any had one.
func readUses(p *experiments.Plan, records []store.Record) (of map[string]Use, some bool, err error) {
	var uses Uses
	of = map[string]Use{}
	for _, r := range records {
		use, failed := uses.Read(r, p.Model != nil)
		err = errors.Join(err, failed)
		if use.Any() {
			of[r.ID], some = use.Against(p.Model), true
		}
	}
	return of, some, err
}
