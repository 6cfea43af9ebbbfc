package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ablate/engine/judge"
)

// TestMain lets the test binary be the judge's child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "judge" {
		if err := judge.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// tiny takes a second.
func tiny(t *testing.T) Bench {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := DefaultSizes()
	s.Rounds, s.Window, s.Sequences, s.Programs = 2, time.Millisecond, 4, 20
	s.Layers = []Layer{{Rows: 16, Out: 8, In: 4}}
	s.Models = []Model{{Dim: 16, Layers: 1, Context: 8, Batch: 2}, {Dim: 64, Layers: 1, Context: 4, Batch: 3}}
	s.Tasks, s.Policy, s.Pilot = 8, tinyPolicy, tinyPilot
	return Bench{Sizes: s, Judge: []string{self, "judge", t.Name()}, Temp: t.TempDir(), Log: io.Discard}
}

const tinyPolicy = `
schema = 1
[experiment.policy]
recipe = "sft+grpo"
axes   = { rl_steps = [4] }
params = { tasks = 16, steps = 4, batch = 8, dim = 16, layers = 1, heads = 2, vocab = 200, context = 256, eval_tasks = 16, rl_tasks = 8, prompts = 2, rollouts = 3 }
seeds  = 1
`

const tinyPilot = `
schema = 1
[experiment.pilot]
recipe = "sft"
axes   = { tasks = [16, 24] }
params = { steps = 4, batch = 8, dim = 16, layers = 1, heads = 2, vocab = 200, context = 256, eval_tasks = 16 }
seeds  = 2
`

// left fails if anything of a measurement is left in its folder.
func left(t *testing.T, b Bench) {
	t.Helper()
	entries, err := os.ReadDir(b.Temp)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("%v is left", entries)
	}
}

// Everything is measured and comes to a number; nothing is said about how fast.
func TestMeasure(t *testing.T) {
	t.Parallel()
	b := tiny(t)
	f, err := b.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left(t, b)
	if len(f.GEMM) != 3 || len(f.Train) != 2 || len(f.Sample) != 2 || f.Minutes == nil || f.GRPO.PerMinute == nil || len(f.Resolve.Pilot) != 2 {
		t.Fatalf("something is missing: %+v", f)
	}
	numbers := map[string]float64{
		"peak on one": f.Peak.One, "peak on two": f.Peak.Two, "judge": f.Judge.Judged, "raw": f.Judge.Raw, "of raw": f.Judge.OfRaw,
		"verified": f.Verify.PerMinute, "kept": f.Verify.Kept, "GRPO": *f.GRPO.PerMinute, "tokens a rollout": f.GRPO.Length,
		"minutes": *f.Minutes, "seconds": f.Seconds, "seconds a run": *f.Resolve.Run,
	}
	if f.Verify.Rounds != 2 || f.GRPO.Steps != 3 {
		t.Errorf("%d rounds of verification and %d steps by reward, want 2 and 3", f.Verify.Rounds, f.GRPO.Steps)
	}
	for i, p := range f.GEMM {
		numbers[fmt.Sprint("product ", i)], numbers[fmt.Sprint("product of peak ", i)] = p.GFLOPs, p.OfPeak
	}
	for i, m := range append([]Training{Training(f.Sample[0]), Training(f.Sample[1])}, f.Train...) {
		numbers[fmt.Sprint("tokens ", i)], numbers[fmt.Sprint("GFLOPs ", i)], numbers[fmt.Sprint("of peak ", i)] = m.Tokens, m.GFLOPs, m.OfPeak
		numbers[fmt.Sprint("params ", i)] = float64(m.Params)
		if m.Rounds != 2 {
			t.Errorf("model %d: %d rounds, want 2", i, m.Rounds)
		}
	}
	for name, v := range numbers {
		if !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", name, v)
		}
	}
	for _, c := range f.Resolve.Pilot {
		if len(c.Scores) != 2 {
			t.Errorf("cell %s has scores %v, want one of each seed", c.Name, c.Scores)
		}
	}
}

// What is trained by reward is the default model on 32 x 8 programs a step, and
// every step has tasks of its own.
func TestPolicy(t *testing.T) {
	t.Parallel()
	plan, err := planOf(DefaultSizes().Policy, "policy")
	if err != nil {
		t.Fatal(err)
	}
	runs := plan.Runs()
	if len(runs) != 1 {
		t.Fatalf("%d runs, want 1", len(runs))
	}
	p := runs[0].Params
	for name, want := range map[string]int{
		"prompts": 32, "rollouts": 8, "dim": 64, "layers": 2, "rl_tasks": p.Int("prompts") * p.Int("rl_steps"),
	} {
		if got := p.Int(name); got != want {
			t.Errorf("%s = %d, want %d", name, got, want)
		}
	}
}

// The pilot gets what is left of the time; without any there is no figure, and
// why stands in its place.
func TestNoTimeForThePilot(t *testing.T) {
	t.Parallel()
	b := tiny(t)
	b.Total = time.Nanosecond
	f, err := b.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f.Minutes != nil || f.Resolve.Note == "" {
		t.Errorf("minutes %v, note %q; want none and a reason", f.Minutes, f.Resolve.Note)
	}
	left(t, b)
}

// A part whose time is over ends with one round.
func TestLimit(t *testing.T) {
	t.Parallel()
	b := tiny(t)
	b.Rounds, b.Limit = 1000, time.Nanosecond
	f, err := b.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, m := f.Train[0].Rounds, f.Verify.Rounds; n != 1 || m != 1 {
		t.Errorf("%d rounds of training and %d of verification, want 1", n, m)
	}
	if f.GRPO.PerMinute != nil {
		t.Errorf("%v steps a minute without any", *f.GRPO.PerMinute)
	}
}

// cutter ends a context when it is told a text.
type cutter struct {
	mu   sync.Mutex
	text string
	end  context.CancelFunc
	seen bool
}

func (c *cutter) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(string(b), c.text) {
		c.seen = true
		c.end()
	}
	return len(b), nil
}

// An interrupt ends it wherever it is: without figures, and with nothing left.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"products", "training", "sampling", "judge", "verification", "by reward", "trained for real", "s1: eval/pass@1"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			b := tiny(t)
			ctx, cancel := context.WithCancel(t.Context())
			c := &cutter{text: text, end: cancel}
			b.Log = c
			if _, err := b.Measure(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want context.Canceled", err)
			}
			if !c.seen {
				t.Errorf("nothing said %q", text)
			}
			left(t, b)
		})
	}
}

// What cannot be measured is an error that says what.
func TestMeasureErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Bench)
		want   string
	}{
		"no judge":               {func(b *Bench) { b.Judge = []string{"/nonexistent"} }, "measure the judge"},
		"a model that cannot be": {func(b *Bench) { b.Models[0].Dim = 6 }, "measure training"},
		"a policy that fails":    {func(b *Bench) { b.Policy = strings.Replace(tinyPolicy, "context = 256", "context = 16", 1) }, "measure steps by reward"},
		"a pilot that fails":     {func(b *Bench) { b.Pilot = strings.Replace(tinyPilot, "context = 256", "context = 16", 1) }, "raise context"},
		"a folder that is not":   {func(b *Bench) { b.Temp += "/none" }, "make folder for runs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := tiny(t)
			c.change(&b)
			if _, err := b.Measure(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
