package recipe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/experiments/store"
)

// grpo is group relative policy optimisation (DeepSeekMath, arXiv 2402.03300) as in
// X-Coder (arXiv 2601.06953, A.2) and its released scripts, with DAPO's (arXiv
// 2503.14476) mean over tokens and wider upper clip. A step
//
//  1. samples a group of G programs for each of some tasks from the policy;
//  2. has them judged, and turns verdicts into rewards (reward.go, eq. 6);
//  3. gives every token of a program the program's advantage over its group,
//     A = (reward - mean) / std;
//  4. makes one or more updates towards larger mean over tokens of
//     min(r A, clip(r, 1-low, 1+high) A) - kl k3 + entropy H
//
// where r is the ratio of the token's probability under the policy as it is to
// that under the one which wrote it, H the entropy of the prediction, and
// k3 = s - log s - 1 with s the ratio of its probability under the starting
// policy to that under this one: an estimate of the divergence from the start
// without bias and never negative (low_var_kl).
//
// What it leaves out: dual clipping (c = 3, for a program that was bad and became
// three times as likely within one step), dropping groups without signal and
// drawing others for them (off in the released scripts, too), a reward for the
// length, and a repetition penalty. At a temperature other than 1 the
// probabilities above are still those at 1, which verl would take at the
// temperature.
type grpo struct {
	rlConfig
	exercises
	seed    int64
	sampler *lm.Sampler // of the policy
	policy  *lm.Scorer
	start   *lm.Scorer
	speed   meter
}

// startExponent bounds the exponent of s, as verl does.
const startExponent = 20

func (g *grpo) phase() string { return "grpo" }

func (g *grpo) headline(v store.Values) string {
	reward, ok := v["train/reward"]
	if !ok {
		return "the start"
	}
	if v["rl/no_signal"] == 1 {
		return fmt.Sprintf("reward %.3f, equal in every group: no signal", reward)
	}
	return fmt.Sprintf("reward %.3f", reward)
}

// step makes the updates of one batch of rollouts. Whatever may end it early comes
// before the first of them, so that a step is made whole or not at all.
func (g *grpo) step(ctx context.Context, s *session, step int) (store.Values, error) {
	began, was := time.Now(), *s.order
	tasks := make([]int, g.Prompts)
	s.order.next(tasks)
	how := sampling(g.seed, "rollout", step*g.Prompts*g.Rollouts, g.Temperature)
	rollouts, err := g.roll(ctx, g.sampler, how, tasks, g.Rollouts, true)
	if err != nil {
		*s.order = was // the step was not made: its tasks are still to come
		if ctx.Err() != nil {
			return nil, s.stopped()
		}
		return nil, fmt.Errorf("roll out step %d: %w", step+1, err)
	}
	if err := g.askStart(rollouts); err != nil {
		return nil, err
	}
	values := store.Values{
		"train/lr": g.RLRate, "train/epoch": float64((step+1)*g.Prompts) / float64(len(g.tasks)),
	}
	g.judge(rollouts, values)
	n, err := g.improve(s.trainer, rollouts, values)
	if err != nil {
		return nil, err
	}
	g.speed.add(n, time.Since(began))
	values["tokens"] = s.at.Last["tokens"] + float64(n)
	values["perf/tokens_per_s"] = g.speed.rate()
	if (step+1)%s.EvalEvery == 0 {
		samples, err := g.samples(ctx, step+1, rollouts[:g.Rollouts])
		if err != nil {
			return nil, err
		}
		if err := s.showSamples(samples); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// judge gives rollouts their rewards and advantages and measures them.
func (g *grpo) judge(rollouts []rollout, values store.Values) {
	rewards, better := make([]float64, len(rollouts)), make([]float64, len(rollouts))
	verdicts, tokens, total := map[judge.Verdict]int{}, 0, 0.0
	for i, r := range rollouts {
		rewards[i] = rewardOf(r.result, len(g.cases[r.task]), g.Reward)
		verdicts[r.result.Verdict]++
		tokens += len(r.logProbs)
	}
	if g.RewardOrder == misordered {
		misorder(rewards)
	}
	silent := 0
	for at := 0; at < len(rollouts); at += g.Rollouts {
		if !advantages(rewards[at:at+g.Rollouts], better[at:at+g.Rollouts]) {
			silent++
		}
	}
	for i := range rollouts {
		rollouts[i].reward, rollouts[i].advantage = rewards[i], better[i]
		total += rewards[i]
	}
	n := float64(len(rollouts))
	values["train/reward"], values["rl/length"] = total/n, float64(tokens)/n
	values["rl/no_signal"] = float64(silent) / float64(g.Prompts)
	for _, v := range judge.Verdicts {
		values["rl/verdict/"+string(v)] = float64(verdicts[v]) / n
	}
}

// askStart has the starting policy say how likely it finds the rollouts.
func (g *grpo) askStart(rollouts []rollout) error {
	scores, err := g.start.Score(sequences(rollouts))
	for i := range scores {
		rollouts[i].start = scores[i]
	}
	return err
}

// improve makes the updates of a step, each on as many groups, and returns the
// number of tokens that it trained on. The first is made by the policy that wrote
// the programs, so its ratios are 1. An update without any signal is not made.
func (g *grpo) improve(t *lm.Trainer, rollouts []rollout, values store.Values) (tokens int, err error) {
	var sum measure
	for i := range g.Updates {
		from, to := i*g.Prompts/g.Updates*g.Rollouts, (i+1)*g.Prompts/g.Updates*g.Rollouts
		part := rollouts[from:to]
		now := make([][]float32, len(part))
		for j, r := range part {
			now[j] = r.logProbs
		}
		if i > 0 {
			if now, err = g.policy.Score(sequences(part)); err != nil {
				return 0, err
			}
		}
		moved := g.weigh(part, now, &sum)
		if !moved && g.Entropy == 0 {
			sum.skipped++
			continue
		}
		stats, err := t.StepPolicy(sequences(part), float32(g.RLRate), float32(g.Entropy))
		if err != nil {
			return 0, err
		}
		tokens += stats.Tokens
		sum.add(stats)
	}
	sum.tell(values, g.Updates)
	return tokens, nil
}

// weigh sets the weights of all tokens, and says whether any is other than 0. now
// are the log-probabilities under the policy as it is.
func (g *grpo) weigh(rollouts []rollout, now [][]float32, sum *measure) (moved bool) {
	for i := range rollouts {
		r := &rollouts[i]
		weights := make([]float32, len(r.sequence.Tokens))
		for j, lp := range now[i] {
			t := g.term(lp, r.logProbs[j], r.start[j], float32(r.advantage))
			weights[r.sequence.Prompt+j] = t.weight
			moved = moved || t.weight != 0
			sum.take(t)
		}
		r.sequence.Weights = weights
	}
	return moved
}

// term is what one token adds to a step.
type term struct {
	weight    float32 // its share of the gradient is weight times that of log p
	k3        float32
	low, high bool // clipped there
}

// term works out a token's share from its log-probabilities under the policy as it
// is, the one that wrote it and the one that training started from. With
// dr = r dlog p and dk3 = (1 - s) dlog p, the gradient of r A - kl k3 is
// (r A + kl (s - 1)) dlog p; where the clip holds, r A does not move.
func (g *grpo) term(now, then, start, advantage float32) term {
	ratio := lm.Exp(now - then)
	d := min(start-now, startExponent)
	s := lm.Exp(d)
	t := term{
		k3:   s - d - 1,
		low:  advantage < 0 && ratio < float32(1-g.ClipLow),
		high: advantage > 0 && ratio > float32(1+g.ClipHigh),
	}
	if !t.low && !t.high {
		t.weight = float32(ratio * advantage)
	}
	t.weight += float32(float32(g.KL) * (s - 1))
	return t
}

// measure adds up what the updates of a step measured.
type measure struct {
	tokens, k3, low, high float64
	updates, skipped      int
	entropy, norm         float64
}

func (m *measure) take(t term) {
	m.tokens++
	m.k3 += float64(t.k3)
	if t.low {
		m.low++
	}
	if t.high {
		m.high++
	}
}

func (m *measure) add(s lm.StepStats) {
	m.updates++
	m.entropy += s.Entropy
	m.norm += s.GradNorm
}

// tell writes down the means over tokens or updates. Of a step without an update
// there is no entropy and no norm.
func (m *measure) tell(values store.Values, updates int) {
	values["train/kl"] = m.k3 / m.tokens
	values["train/clip_low"], values["train/clip_high"] = m.low/m.tokens, m.high/m.tokens
	values["rl/skipped"] = float64(m.skipped) / float64(updates)
	if m.updates > 0 {
		values["train/entropy"], values["train/grad_norm"] = m.entropy/float64(m.updates), m.norm/float64(m.updates)
	}
}

func sequences(rollouts []rollout) []lm.Sequence {
	all := make([]lm.Sequence, len(rollouts))
	for i, r := range rollouts {
		all[i] = r.sequence
	}
	return all
}

// order is how the tasks come: shuffled, or by how many of its own programs for a
// task the start gets right.
func (g *grpo) order(ctx context.Context, start *lm.Model, workers int) (*order, error) {
	o := &order{seed: g.seed, purpose: "rl-order", n: len(g.tasks)}
	if g.RLOrder != sortedOrder {
		return o, nil
	}
	sampler := lm.NewSampler(start, len(g.tasks)*g.Rollouts, workers)
	sorted, err := g.sorted(ctx, sampler, sampling(g.seed, "pass-rate", 0, g.Temperature), g.Rollouts)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w while it sorted its tasks", ErrStopped)
	}
	if err != nil {
		return nil, fmt.Errorf("sort tasks: %w", err)
	}
	o.sorted = slices.Clip(sorted)
	return o, nil
}
