package recipe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ablate/engine/lm"
	"ablate/experiments"
)

// The choices of what is rewarded and in which order.
const (
	partialReward = "partial"
	allReward     = "all"
	rightOrder    = "right"
	misordered    = "misordered"
	shuffledOrder = "shuffled"
	sortedOrder   = "sorted"
)

// rolloutTokens is what a completion comes to on average, for estimates.
const rolloutTokens = 18

// rlConfig is how training by reward goes: Steps of Prompts x Rollouts programs.
type rlConfig struct {
	RLSteps, RLTasks           int
	Prompts, Rollouts, Updates int // Updates of the weights for the rollouts of one step
	RLRate                     float64
	ClipLow, ClipHigh          float64
	KL, Entropy                float64 // factors of the two terms
	Temperature                float64
	Reward                     string
	RewardNoise                float64 // share of the tests with a wrong label
	RewardOrder, RLOrder       string
}

func newRLConfig(p experiments.Params) rlConfig {
	return rlConfig{
		RLSteps: p.Int("rl_steps"), RLTasks: p.Int("rl_tasks"),
		Prompts: p.Int("prompts"), Rollouts: p.Int("rollouts"), Updates: p.Int("updates"),
		RLRate: p.Float("rl_lr"), ClipLow: p.Float("clip_low"), ClipHigh: p.Float("clip_high"),
		KL: p.Float("kl"), Entropy: p.Float("entropy"), Temperature: p.Float("temperature"),
		Reward: p.Text("reward"), RewardNoise: p.Float("reward_noise"), RewardOrder: p.Text("reward_order"),
		RLOrder: p.Text("rl_order"),
	}
}

// rlParams are the parameters of training by reward.
func rlParams() []experiments.Param {
	temperature := number("temperature", "", 1, 10, "of sampling the rollouts; at another than 1 the ratios are still those at 1, and training is less steady")
	temperature.Min = new(0.001)
	return []experiments.Param{
		whole("rl_steps", "steps", 150, 0, 1_000_000, "batches of rollouts; 0: the start is evaluated and kept, and that is all"),
		whole("rl_tasks", "tasks", 1024, 1, 100_000, "tasks to be rewarded for, the next ones of the seed: none is of the fine-tuning if that took the same kind (not human, of the same evolution and two_stage)"),
		whole("prompts", "tasks", 32, 1, 4096, "tasks a step"),
		whole("rollouts", "a task", 8, 2, 64, "programs sampled for each task: its group"),
		number("rl_lr", "", 1e-4, 1, "learning rate, constant; 1e-3 destroys the policy"),
		whole("updates", "a step", 1, 1, 64, "updates of the weights for the rollouts of a step, each on as many groups; with 1 the clip has nothing to do"),
		number("clip_low", "", 0.2, 1, "how far below 1 the ratio of new to old probability still counts"),
		number("clip_high", "", 0.28, 10, "how far above 1 it does"),
		number("kl", "", 0, 10, "factor of the divergence from the start (k3)"),
		number("entropy", "", 0, 1, "factor of the bonus for entropy"),
		temperature,
		word("reward", "5 x share of the tests passed, or 5 for all and else 0; -2 for no program", partialReward, allReward),
		number("reward_noise", "", 0, 1, "share of the tests that want another test's output"),
		word("reward_order", "misordered: within every 16 rollouts the rewards of -2 move to the front, as in the released code", rightOrder, misordered),
		word("rl_order", "of the tasks: a new shuffle an epoch, or by pass rate of the start, easy ones first", shuffledOrder, sortedOrder),
	}
}

func sftGRPOTable() experiments.Recipe {
	r := sftTable()
	r.Name, r.Doc = sftGRPO, "fine-tuning, then reinforcement learning; arms of a seed share the first"
	r.Params = append(r.Params, under("RL", rlParams())...)
	r.Work = func(p experiments.Params) float64 { return work(p) + rlWork(p) }
	r.Reports, r.Shared = reportsRL, stageWork
	r.Check = func(p experiments.Params) []string { return append(check(p), checkRL(p)...) }
	return r
}

// stageWork is the fine-tuning that arms of one seed share.
func stageWork(p experiments.Params) (name string, flops float64) {
	name, err := stageName(experiments.Run{Params: p})
	if err != nil {
		return "", 0
	}
	p = maps.Clone(p)
	p["eval_samples"] = int64(0)
	return name, work(p)
}

// grpoTable has what fine-tuning and training by reward share, and init.
func grpoTable() experiments.Recipe {
	shared := []string{"clip", "dim", "layers", "heads", "context", "vocab", "checkpoint_every", "keep_every", "at", "trace"}
	params := slices.DeleteFunc(sftTable().Params, func(p experiments.Param) bool {
		return !slices.Contains(shared, p.Name) && !strings.HasPrefix(p.Name, "eval_")
	})
	params = append(params, experiments.Param{
		Name: "init", Kind: experiments.String, Group: "RL",
		Doc: "the run that training goes on from, as EXPERIMENT/CELL/sSEED or, with the run's own seed, EXPERIMENT/CELL; @STEP for weights that keep_every kept",
	})
	return experiments.Recipe{
		Name: onlyGRPO, Version: Version, Doc: "reinforcement learning from the weights of another run",
		Work: rlWork, Speed: lm.Speed(), Reports: reportsRL, Params: append(params, under("RL", rlParams())...),
		Check: func(p experiments.Params) []string {
			mistakes := slices.Concat(checkShape(p), checkSamples(p), checkRL(p))
			if _, _, err := parseInit(p.Text("init")); err != nil {
				mistakes = append(mistakes, err.Error())
			}
			return mistakes
		},
	}
}

func checkRL(p experiments.Params) (mistakes []string) {
	if updates, prompts := p.Int("updates"), p.Int("prompts"); updates > prompts {
		mistakes = append(mistakes, fmt.Sprintf("updates = %d is more than prompts = %d: an update takes whole groups", updates, prompts))
	}
	return mistakes
}

// rlWork estimates the FLOPs of training by reward as work does: what the start's
// opinion of the rollouts takes is a third of an update.
func rlWork(p experiments.Params) float64 {
	d, l, v := p.Float("dim"), p.Float("layers"), p.Float("vocab")
	rollouts := float64(p.Int("rl_steps") * p.Int("prompts") * p.Int("rollouts"))
	trained := 6 * (12*l*d*d + v*d/2) * tokensPerRow * 4 / 3
	sampled := 2 * (12*l*d*d*tokensPerRow + v*d*rolloutTokens)
	return rollouts * (trained + sampled)
}
