package recipe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"ablate/engine/lm"
	"ablate/engine/synth"
	"ablate/experiments"
	"ablate/experiments/store"
)

// dataTable is the recipe that makes and verifies tasks and trains nothing: its
// steps are tasks.
func dataTable() experiments.Recipe {
	return experiments.Recipe{
		Name: onlyData, Version: Version, Doc: "makes and verifies tasks, trains nothing",
		Work: makingWork, Speed: lm.Speed(), Check: checkData, Reports: reportsData,
		Params: under("data", slices.Concat([]experiments.Param{
			whole("tasks", "tasks", 1024, 1, 100_000, "tasks that are made; the sets of one seed are nested"),
		}, makingParams())),
	}
}

func checkData(p experiments.Params) []string { return append(checkStyles(p), checkVote(p)...) }

// makeData takes so many tasks through the pipeline and writes down what became
// of them. It begins anew after a kill: it takes seconds.
func makeData(ctx context.Context, run experiments.Run, out *store.Attempt, m Means) error {
	c, n := newMakingConfig(run.Params), run.Params.Int("tasks")
	fmt.Fprintln(m.Log, "phase data")
	tasks := synth.Train(run.Seed, n, c.options())
	if len(tasks) < n {
		return fmt.Errorf("make data: there are only %d tasks with these parameters; lower tasks = %d", len(tasks), n)
	}
	if err := out.Point(0, store.Values{"train/total_steps": float64(n)}); err != nil {
		return err
	}
	var all []synth.Verified
	for chunk := range slices.Chunk(tasks, max(64, n/20)) {
		verified, _, err := c.pipeline(run.Seed).Make(ctx, m.Pool, chunk)
		if ctx.Err() != nil {
			return fmt.Errorf("%w at task %d of %d", ErrStopped, len(all), n)
		}
		if err != nil {
			return fmt.Errorf("make data: %w", err)
		}
		all = append(all, verified...)
		if err := out.Point(int64(len(all)), making(synth.FunnelOf(all))); err != nil {
			return err
		}
	}
	funnel := synth.FunnelOf(all)
	fmt.Fprint(m.Log, funnel)
	if err := out.Items("labels", 0, labelItems(all)); err != nil {
		return err
	}
	sum, err := sumOf(all)
	if err != nil {
		return err
	}
	return out.Finish(making(funnel), sum)
}

// labelItems says of each task with labels how many it has and how many of them
// are right.
func labelItems(all []synth.Verified) []store.Item {
	var items []store.Item
	for _, v := range all {
		n := len(v.Cases())
		if n == 0 {
			continue
		}
		c := int(math.Round(float64(v.Truth.Labels * float64(n))))
		items = append(items, store.Item{ID: v.Task.ID, N: n, C: c, Stratum: stratum(v.Task)})
	}
	return items
}

// sumOf is the SHA-256 of all that was made: what the weights' is of a run that
// trains.
func sumOf(all []synth.Verified) (string, error) {
	h := sha256.New()
	lines := json.NewEncoder(h)
	for _, v := range all {
		err := lines.Encode(struct {
			ID, Statement, Dropped string
			Cases                  any
			Programs               []string
		}{v.Task.ID, v.Task.Statement, v.Decision.Dropped, v.Cases(), v.Programs()})
		if err != nil {
			return "", fmt.Errorf("sum data: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
