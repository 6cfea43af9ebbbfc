package bench

import (
	"context"
	"errors"
	"runtime"
	"time"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

// brief is the time for the rounds of verification, of which one takes about a
// second.
const brief = 6 * time.Second

// verify measures what one waits for who has tasks made and verified: drawing
// them, the teacher's candidates, tests, the judge and the gates, on all cores.
// Every round makes tasks of another seed.
func (b Bench) verify(ctx context.Context) (v Verifying, err error) {
	v.Workers = runtime.GOMAXPROCS(0)
	pool, err := judge.Open(b.Judge, v.Workers, judge.DefaultLimits())
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	b.Limit = min(b.Limit, brief)
	run, made, kept := int64(0), 0, 0
	take := func(n int) error {
		p := synth.DefaultPipeline(run)
		v.Candidates, v.Tests = p.Candidates, p.Tests
		_, funnel, err := p.Make(ctx, pool, synth.Train(run, n, synth.DefaultOptions()))
		made, kept = made+funnel.Tasks, kept+funnel.Kept
		run++
		return err
	}
	if err := take(8 * v.Workers); err != nil { // the first start the processes
		return v, err
	}
	made, kept = 0, 0
	var speeds []float64 // tasks a minute, a round each
	err = b.rounds(ctx, func() (err error) {
		took := elapsed(func() { err = take(b.Tasks) })
		speeds = append(speeds, float64(b.Tasks)/took.Minutes())
		return err
	})
	if err != nil {
		return v, err
	}
	v.PerMinute, v.Kept, v.Rounds = median(speeds), float64(kept)/float64(made), len(speeds)
	return v, nil
}
