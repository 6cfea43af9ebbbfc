package recipe

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/lm/kernel"
	"ablate/engine/synth"
	"ablate/experiments"
	"ablate/experiments/store"
)

// A token's share of the gradient by hand, with clips at 0.8 and 1.28.
func TestTerm(t *testing.T) {
	t.Parallel()
	ln := func(x float64) float32 { return float32(math.Log(x)) }
	g := &grpo{rlConfig: rlConfig{ClipLow: 0.2, ClipHigh: 0.28, KL: 0.1}}
	for name, c := range map[string]struct {
		ratio, start, advantage float64 // of probabilities: now to then, start to now
		weight, k3              float64
		low, high               bool
	}{
		"on-policy":                       {1, 1, 1.5, 1.5, 0, false, false},
		"no advantage":                    {1, 1, 0, 0, 0, false, false},
		"likelier, within":                {1.2, 1, 2, 2.4, 0, false, false},
		"likelier, beyond":                {1.5, 1, 2, 0, 0, false, true},
		"likelier though it was bad":      {1.5, 1, -2, -3, 0, false, false},
		"less likely, within":             {0.9, 1, -2, -1.8, 0, false, false},
		"less likely, beyond":             {0.5, 1, -2, 0, 0, true, false},
		"less likely though it was good":  {0.5, 1, 2, 1, 0, false, false},
		"pulled up to the start":          {1, 2, 0, 0.1, 2 - math.Log(2) - 1, false, false},
		"pulled down to the start":        {1, 0.5, 0, -0.05, 0.5 + math.Log(2) - 1, false, false},
		"clipped, and pulled":             {1.5, 0.5, 2, -0.05, 0.5 + math.Log(2) - 1, false, true},
		"far from the start, and bounded": {1, math.Exp(30), 0, 0.1 * (math.Exp(20) - 1), math.Exp(20) - 21, false, false},
	} {
		got := g.term(ln(c.ratio), 0, ln(c.ratio)+ln(c.start), float32(c.advantage))
		near := func(a float32, b float64) bool { return math.Abs(float64(a)-b) <= 1e-5*max(1, math.Abs(b)) }
		if !near(got.weight, c.weight) || !near(got.k3, c.k3) || got.low != c.low || got.high != c.high {
			t.Errorf("%s: %+v, want weight %g, k3 %g, low %v, high %v", name, got, c.weight, c.k3, c.low, c.high)
		}
	}
	if got := g.term(-1.25, -1.25, -1.25, 0.7); got != (term{weight: 0.7}) {
		t.Errorf("on-policy at the start the weight is %+v, want exactly the advantage", got)
	}
}

// The measure of a step weighs all tokens alike.
func TestMeasure(t *testing.T) {
	t.Parallel()
	var m measure
	for _, x := range []term{{k3: 1, low: true}, {k3: 2}, {high: true}, {high: true}} {
		m.take(x)
	}
	m.add(lm.StepStats{Entropy: 1, GradNorm: 3})
	m.add(lm.StepStats{Entropy: 2, GradNorm: 5})
	m.skipped = 2
	v := store.Values{}
	m.tell(v, 4)
	for name, want := range map[string]float64{
		"train/kl": 0.75, "train/clip_low": 0.25, "train/clip_high": 0.5, "train/entropy": 1.5, "train/grad_norm": 4, "rl/skipped": 0.5,
	} {
		if v[name] != want {
			t.Errorf("%s = %g, want %g", name, v[name], want)
		}
	}
}

// An update makes what was rewarded likelier and what was punished less likely; and
// then the divergence from the start pulls back.
func TestUpdateFollowsReward(t *testing.T) {
	t.Parallel()
	start, err := lm.New(lm.Config{Vocab: 20, Dim: 16, Layers: 1, Heads: 2, Context: 16}, 1)
	if err != nil {
		t.Fatal(err)
	}
	model := start.Clone()
	g := &grpo{
		rlConfig: rlConfig{Prompts: 1, Rollouts: 2, Updates: 1, RLRate: 1e-3, ClipLow: 0.2, ClipHigh: 0.28},
		policy:   lm.NewScorer(model, 1), start: lm.NewScorer(start, 1),
	}
	rollouts := []rollout{
		{sequence: lm.Sequence{Tokens: []int32{1, 2, 3, 4, 5}, Prompt: 2}, advantage: 1},
		{sequence: lm.Sequence{Tokens: []int32{1, 2, 6, 7}, Prompt: 2}, advantage: -1},
	}
	likely := func() [2]float64 {
		scores, err := g.policy.Score(sequences(rollouts))
		if err != nil {
			t.Fatal(err)
		}
		var sums [2]float64
		for i := range rollouts {
			rollouts[i].logProbs = scores[i]
			for _, lp := range scores[i] {
				sums[i] += float64(lp)
			}
		}
		return sums
	}
	trainer := lm.NewTrainer(model, adamW(0, 0), 1)
	update := func() store.Values {
		values := store.Values{}
		if err := g.askStart(rollouts); err != nil {
			t.Fatal(err)
		}
		if _, err := g.improve(trainer, rollouts, values); err != nil {
			t.Fatal(err)
		}
		return values
	}
	before := likely()
	first := update()
	after := likely()
	if after[0] <= before[0] || after[1] >= before[1] {
		t.Errorf("log p of the rewarded from %g to %g, of the punished from %g to %g", before[0], after[0], before[1], after[1])
	}
	if first["train/kl"] != 0 || first["train/clip_low"]+first["train/clip_high"] != 0 {
		t.Errorf("on-policy at the start: %v", first)
	}
	rollouts[0].advantage, rollouts[1].advantage = 0, 0
	g.KL = 1
	trainer = lm.NewTrainer(model, adamW(0, 0), 1)
	second := update()
	if back := likely(); back[0] >= after[0] || back[1] <= after[1] || second["train/kl"] <= 0 {
		t.Errorf("pulled back: log p from %g, %g to %g, %g; kl %g", after[0], after[1], back[0], back[1], second["train/kl"])
	}
}

// weightsAfter is the hash of a run's weights, and its points.
func weightsAfter(t *testing.T, run experiments.Run) (hash string, h *store.History) {
	t.Helper()
	runDir := runFolder(t, run)
	if err := trainIn(t.Context(), t, attempt(t, runDir, 1), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	h, err := store.ReadHistory(runDir)
	if err != nil {
		t.Fatal(err)
	}
	return outcomeOf(t, runDir).Result.WeightsSHA256, h
}

// Every axis of training by reward changes the weights of the first updates.
func TestAxesByReward(t *testing.T) {
	t.Parallel()
	// Large steps, and several for the same rollouts, so that the clip has a say.
	base := map[string]any{"rl_steps": int64(1), "rl_lr": 1e-2, "updates": int64(4), "prompts": int64(8), "rollouts": int64(8)}
	same, _ := weightsAfter(t, tinyRL(base))
	if again, _ := weightsAfter(t, tinyRL(base)); again != same {
		t.Error("two runs of one seed differ")
	}
	for name, value := range map[string]any{
		"rl_tasks": int64(17), "prompts": int64(9), "rollouts": int64(7), "updates": int64(3), "rl_lr": 2e-2, "clip_low": 0.01, "clip_high": 0.01,
		"kl": 0.1, "entropy": 0.01, "temperature": 0.9, "reward": allReward, "reward_noise": 0.5, "reward_order": misordered, "rl_order": sortedOrder,
		"clip": 0.01,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := tinyRL(base)
			run.Params[name] = value
			if other, _ := weightsAfter(t, run); other == same {
				t.Errorf("%s = %v changes nothing", name, value)
			}
		})
	}
}

// Of a step there is everything that the interface shows.
func TestMetricsByReward(t *testing.T) {
	t.Parallel()
	_, h := weightsAfter(t, tinyRL(map[string]any{"rl_steps": int64(3), "eval_every": int64(2), "prompts": int64(8)}))
	want := map[string]int{"eval/pass@1": 3, "train/total_steps": 1}
	for _, name := range []string{
		"train/reward", "train/entropy", "train/kl", "train/clip_low", "train/clip_high", "train/grad_norm", "train/lr", "train/epoch",
		"rl/no_signal", "rl/skipped", "rl/length", "tokens", "perf/tokens_per_s",
	} {
		want[name] = 3
	}
	for _, v := range judge.Verdicts {
		want["rl/verdict/"+string(v)] = 3
	}
	for name, n := range want {
		if s := h.Series[name]; s == nil || len(s.Values) != n {
			t.Errorf("%s has not %d values: %+v", name, n, s)
		}
	}
	if kl := h.Series["train/kl"].Values; kl[0] != 0 || kl[1] <= 0 {
		t.Errorf("the divergence from the start is %v, want zero at first and then more", kl)
	}
}

// A result is the mean over the last tenth of the steps.
func TestLateMeans(t *testing.T) {
	t.Parallel()
	run := tinyRL(map[string]any{"rl_steps": int64(20), "eval_every": int64(20), "checkpoint_every": int64(19), "prompts": int64(4), "rollouts": int64(4)})
	runDir := runFolder(t, run)
	if err := trainIn(t.Context(), t, attempt(t, runDir, 1), run, io.Discard); err != nil {
		t.Fatal(err)
	}
	h, err := store.ReadHistory(runDir)
	if err != nil {
		t.Fatal(err)
	}
	var out store.Outcome
	if err := store.ReadJSON(filepath.Join(runDir, "a1", "result.json"), &out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"train/reward", "rl/no_signal", "rl/length"} {
		v := h.Series[name].Values
		if want := (v[18] + v[19]) / 2; out.Metrics[name] != want {
			t.Errorf("%s ends as %v, and the last two of 20 steps have a mean of %v", name, out.Metrics[name], want)
		}
	}
}

func TestRewardHeadline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values store.Values
		want   string
	}{
		{store.Values{}, "the start"},
		{store.Values{"train/reward": 1.25, "rl/no_signal": 0.75}, "reward 1.250"},
		{store.Values{"train/reward": -2, "rl/no_signal": 1}, "reward -2.000, equal in every group: no signal"},
	} {
		if got := new(grpo).headline(c.values); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
}

// Where no group has a signal no update is made, and the run goes on.
func TestNoSignalAtAll(t *testing.T) {
	t.Parallel()
	run := tinyRL(map[string]any{"temperature": 0.001}) // all programs of a group are the same
	hash, h := weightsAfter(t, run)
	if start, _ := weightsAfter(t, tinyRL(map[string]any{"rl_steps": int64(0)})); hash != start {
		t.Error("the weights have changed")
	}
	for name, want := range map[string]float64{"rl/no_signal": 1, "rl/skipped": 1, "tokens": 0} {
		if got := h.Series[name].Values; !slices.Equal(got, []float64{want, want, want, want}) {
			t.Errorf("%s is %v, want 4 times %g", name, got, want)
		}
	}
	if h.Series["train/entropy"] != nil {
		t.Error("an update that was not made has an entropy")
	}
}

// A few rollouts are shown with their rewards.
func TestRolloutsAreShown(t *testing.T) {
	t.Parallel()
	run := tinyRL(map[string]any{"rl_steps": int64(1), "eval_every": int64(1)})
	dir := attempt(t, runFolder(t, run), 1)
	if err := trainIn(t.Context(), t, dir, run, io.Discard); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(read(t, dir, "samples.jsonl")), `"step":1`); n != 4+16 {
		t.Errorf("%d samples at step 1, want a group of 4 and 16 of the evaluation", n)
	}
	if !bytes.Contains(read(t, dir, "samples.jsonl"), []byte(`"reward":-2`)) {
		t.Error("no sample has the reward of a program that does not compile")
	}
}

// Sorted, the tasks come by how often the start passes them, in every epoch.
func TestSortedOrder(t *testing.T) {
	t.Parallel()
	run := tinyRL(map[string]any{"rl_order": sortedOrder, "rl_tasks": int64(200), "rollouts": int64(8)})
	runDir := runFolder(t, run)
	g, o := openGRPO(t, run, filepath.Join(runDir, "a1"))
	order, err := g.order(t.Context(), o.model, 2)
	if err != nil {
		t.Fatal(err)
	}
	first, second := make([]int, 200), make([]int, 200)
	order.next(first)
	order.next(second)
	if !slices.Equal(first, second) {
		t.Error("two epochs come in two orders")
	}
	if epoch, dealt := order.place(); epoch != 2 || dealt != 200 {
		t.Errorf("the order is at %d of epoch %d", dealt, epoch)
	}
	all := make([]int, 200)
	for i := range all {
		all[i] = i
	}
	rollouts, err := g.roll(t.Context(), lm.NewSampler(o.model, 64, 1), sampling(1, "pass-rate", 0, g.Temperature), all, 8, false)
	if err != nil {
		t.Fatal(err)
	}
	passed := make([]int, 200)
	for _, r := range rollouts {
		if r.result.Verdict == judge.AC {
			passed[r.task]++
		}
	}
	for i, task := range first[1:] {
		before := first[i]
		if passed[task] > passed[before] || passed[task] == passed[before] && task < before {
			t.Fatalf("task %d, passed %d times, comes after task %d, passed %d times", task, passed[task], before, passed[before])
		}
	}
	if passed[first[0]] == 0 {
		t.Error("the start passes nothing: this test shows nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.order(ctx, o.model, 1); err == nil || !strings.Contains(err.Error(), "stopped while it sorted") {
		t.Errorf("called off: error %v", err)
	}
}

// openGRPO prepares the method of a run whose stage is there.
func openGRPO(t *testing.T, run experiments.Run, dir string) (*grpo, origin) {
	t.Helper()
	name, err := stageName(run)
	if err != nil {
		t.Fatal(err)
	}
	o, err := lastWeights(filepath.Join(storeOf(dir), stagesName, name))
	if err != nil {
		t.Fatal(err)
	}
	o.seed, o.tasks = run.Seed, run.Params.Int("tasks")
	c := newConfig(run)
	e, err := newExercises(t.Context(), c, o, Means{Pool: newPool(t, 1), Workers: 1, Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return &grpo{rlConfig: c.rlConfig, exercises: *e, seed: c.Seed}, o
}

// The tasks of training by reward are none of the fine-tuning.
func TestExercisesAreNew(t *testing.T) {
	t.Parallel()
	run := tinyRL(nil)
	g, o := openGRPO(t, run, filepath.Join(runFolder(t, run), "a1"))
	learned := map[string]bool{}
	for _, task := range synth.Train(run.Seed, o.tasks, synth.DefaultOptions()) {
		learned[task.ID] = true
	}
	if len(learned) != 256 || len(g.tasks) != 16 {
		t.Fatalf("%d tasks of fine-tuning, %d of training by reward", len(learned), len(g.tasks))
	}
	for _, task := range g.tasks {
		if learned[task.ID] {
			t.Errorf("task %s is one of the fine-tuning", task.ID)
		}
	}
}

// The same tasks get other rollouts in every step.
func TestRolloutsAreFresh(t *testing.T) {
	t.Parallel()
	run := tinyRL(map[string]any{"rl_steps": int64(2), "rl_lr": 0.0, "rl_tasks": int64(1), "prompts": int64(1), "rollouts": int64(8), "eval_every": int64(1)})
	dir := attempt(t, runFolder(t, run), 1)
	if err := trainIn(t.Context(), t, dir, run, io.Discard); err != nil {
		t.Fatal(err)
	}
	programs := map[int64][]string{}
	for line := range bytes.Lines(read(t, dir, "samples.jsonl")) {
		var s store.Sample
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		if len(programs[s.Step]) < 8 { // the rollouts come before the evaluation
			programs[s.Step] = append(programs[s.Step], s.Program)
		}
	}
	if len(programs[1]) != 8 || slices.Equal(programs[1], programs[2]) {
		t.Errorf("two steps have the programs %v", programs)
	}
}

// What the bits of training by reward are is recorded, as those of fine-tuning are.
func TestBitsByReward(t *testing.T) {
	t.Parallel()
	recorded := map[string]string{
		"avx2":  "fc9202fab3e81f91cf41a71aa4a6157d36461de595fec0c1d787bc1a6749aa14",
		"plain": "2e55f3bfd5aabf1f21e79f5ad5c7559fefb4f133c9003c62262f0bb4e1757db7",
	}[kernel.Name()]
	hash, _ := weightsAfter(t, tinyRL(map[string]any{"prompts": int64(8), "updates": int64(2), "kl": 0.1, "entropy": 0.01}))
	if hash != recorded {
		t.Errorf("%s weights are %s, recorded %s: raise Version and record the new hash", kernel.Name(), hash, recorded)
	}
}
