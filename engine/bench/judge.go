package bench

import (
	"context"
	"errors"
	"fmt"

	"ablate/engine/judge"
)

// batches is how many batches a round of the judge has, each with its turn of the
// bare interpreter: a batch is short.
const batches = 6

// judge measures one of the judge's processes with all its limits against the
// bare interpreter on one goroutine, in turns. Where there is a second core it
// helps both: it packs the programs for the one and collects the garbage of the
// other.
func (b Bench) judge(ctx context.Context) (j Judging, err error) {
	pool, err := judge.Open(b.Judge, 1, judge.DefaultLimits())
	if err != nil {
		return j, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	ps := judge.Distinct(b.Programs)
	bare, err := judge.NewRaw(ps)
	if err != nil {
		return j, err
	}
	if err := accept(ctx, pool, ps); err != nil { // the first starts the process
		return j, err
	}
	var judged, raw []float64 // programs a second
	err = b.rounds(ctx, func() error {
		for range batches {
			var err error
			judged = append(judged, float64(len(ps))/elapsed(func() { err = accept(ctx, pool, ps) }).Seconds())
			if err != nil {
				return err
			}
			raw = append(raw, float64(len(ps))/elapsed(func() { err = bare.Run() }).Seconds())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return j, err
	}
	j = Judging{Judged: median(judged), Raw: median(raw), Cases: len(ps[0].Cases)}
	j.OfRaw = j.Judged / j.Raw
	return j, nil
}

// accept has programs judged and makes sure that they ran.
func accept(ctx context.Context, pool *judge.Pool, ps []judge.Program) error {
	results, err := pool.Judge(ctx, ps)
	for i, r := range results {
		if r.Verdict != judge.AC {
			return fmt.Errorf("program %d is %s, not accepted: %s%s", i, r.Verdict, r.Error, r.Got)
		}
	}
	return err
}
