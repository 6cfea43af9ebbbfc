package judge

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// chunkPrograms is how many programs go to a child at a time, at most: enough
	// to hide the round trip, few enough that no child is left with all the slow ones.
	chunkPrograms = 128
	// roundsPerChild is how many chunks a child should get of a batch: the more,
	// the better slow programs spread.
	roundsPerChild = 4
)

// ErrClosed is the error of a Pool that has been closed.
var ErrClosed = errors.New("judge pool is closed")

// Pool judges programs in child processes. It may be used from many goroutines;
// their programs share the children.
type Pool struct {
	limits   Limits
	idle     chan *child     // the children that nobody holds
	closing  context.Context //nolint:containedctx // ends with the pool
	close    context.CancelCauseFunc
	closed   sync.Once
	children int
}

// Open returns a pool of as many children as workers. argv is the command line
// of one child, a program that calls Serve on its stdin and stdout. Children
// start when they are first needed, so that an unused pool costs nothing.
// Limits that are not positive take their default.
func Open(argv []string, workers int, l Limits) (*Pool, error) {
	if len(argv) == 0 {
		return nil, errors.New("open judge pool: argv is empty")
	}
	if workers < 1 {
		return nil, fmt.Errorf("open judge pool: workers is %d, less than 1", workers)
	}
	p := &Pool{limits: l.filled(), idle: make(chan *child, workers), children: workers}
	p.closing, p.close = context.WithCancelCause(context.Background())
	for range workers {
		p.idle <- &child{argv: argv, limits: p.limits}
	}
	return p, nil
}

// Judge returns the results of programs in their order. The error is that no
// child can be started, that ctx ended, or ErrClosed; there are no results then.
func (p *Pool) Judge(ctx context.Context, ps []Program) ([]Result, error) {
	qs := make([]query, len(ps))
	for i := range ps {
		qs[i].program = ps[i]
	}
	answers, err := p.answer(ctx, qs)
	if err != nil {
		return nil, err
	}
	rs := make([]Result, len(answers))
	for i, a := range answers {
		rs[i] = a.result
	}
	return rs, nil
}

// Outputs returns what the f of each program returns for the Input of each of
// its cases; what they want does not matter. If a child dies, all inputs of the
// program that killed it share its verdict (of a program with very many inputs,
// those that went with the deadly one). Errors are those of Judge.
func (p *Pool) Outputs(ctx context.Context, ps []Program) ([][]Output, error) {
	qs := make([]query, 0, len(ps))
	for _, program := range ps {
		for chunk := range slices.Chunk(program.Cases, p.inputsPerQuery()) {
			qs = append(qs, query{program: Program{Source: program.Source, Cases: chunk}, outputs: true})
		}
	}
	answers, err := p.answer(ctx, qs)
	if err != nil {
		return nil, err
	}
	outs := make([][]Output, len(ps))
	for i, program := range ps {
		for range slices.Chunk(program.Cases, p.inputsPerQuery()) {
			outs[i] = append(outs[i], answers[0].values...)
			answers = answers[1:]
		}
	}
	return outs, nil
}

// Close ends all children and waits for them. Calls in progress end with
// ErrClosed. Closing twice is no error.
func (p *Pool) Close() error {
	p.closed.Do(func() {
		p.close(ErrClosed)
		for range p.children {
			(<-p.idle).stop()
		}
	})
	return nil
}

// answer answers queries: those that fit a frame by the children, chunk by chunk.
func (p *Pool) answer(ctx context.Context, qs []query) ([]answer, error) {
	answers := make([]answer, len(qs))
	fit := make([]query, 0, len(qs))
	place := make([]int, 0, len(qs)) // of each of fit in qs
	for i, q := range qs {
		if reason, v := q.unfit(); v != "" {
			answers[i] = deathAnswer(q, v, reason)
			continue
		}
		fit, place = append(fit, q), append(place, i)
	}
	got := make([]answer, len(fit))
	if err := p.spread(ctx, fit, got); err != nil {
		return nil, err
	}
	for i, a := range got {
		answers[place[i]] = a
	}
	return answers, nil
}

// spread deals chunks of queries to whichever child is idle, until all are
// answered or one child fails.
func (p *Pool) spread(ctx context.Context, qs []query, answers []answer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.closing, func() { cancel(ErrClosed) })()
	if p.closing.Err() != nil {
		cancel(ErrClosed)
	}
	rounds := p.children * roundsPerChild
	size := min(chunkPrograms, max(1, (len(qs)+rounds-1)/rounds))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(p.children, (len(qs)+size-1)/size) {
		wait.Go(func() {
			for {
				lo := int(next.Add(int64(size))) - size
				if lo >= len(qs) || ctx.Err() != nil {
					return
				}
				hi := min(lo+size, len(qs))
				if err := p.lend(ctx, qs[lo:hi], answers[lo:hi]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("judge programs: %w", context.Cause(ctx))
}

// lend runs queries on the next idle child.
func (p *Pool) lend(ctx context.Context, qs []query, answers []answer) error {
	select {
	case c := <-p.idle:
		defer func() { p.idle <- c }()
		return c.run(ctx, qs, answers)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// inputsPerQuery keeps the values of one query within a frame.
func (p *Pool) inputsPerQuery() int {
	return min(chunkPrograms, max(1, maxFrame/(p.limits.Output+maxError+16)))
}

// unfit returns the verdict of a query that is too large to be sent, or "".
func (q query) unfit() (reason string, v Verdict) {
	size := len(q.program.Source)
	if size > maxFrame/2 {
		return fmt.Sprintf("the source has %d bytes, more than %d", size, maxSource), CE
	}
	for _, c := range q.program.Cases {
		size += len(c.Input) + len(c.Want) + 2*binary.MaxVarintLen64
	}
	if size > maxFrame-64 {
		return fmt.Sprintf("the cases have more than %d bytes", maxFrame), RE
	}
	return "", ""
}
