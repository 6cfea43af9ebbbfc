package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ablate/engine/lm"
	"ablate/experiments"
	"ablate/experiments/store"
)

// errNotDone says that a run or a stage has no weights yet.
var errNotDone = errors.New("no attempt at it is done: run it to its end first")

// origin is where training by reward begins.
type origin struct {
	name  string // for people
	model *lm.Model
	tok   *lm.Tokenizer
	// What it was trained on are the first so many tasks of that seed.
	seed  int64
	tasks int
}

// parseInit tells a run's name from the step after its @, -1 if there is none.
func parseInit(text string) (name string, step int, err error) {
	name, digits, found := strings.Cut(text, "@")
	if name == "" {
		return "", 0, fmt.Errorf("init = %q names no run: want EXPERIMENT/CELL/sSEED or EXPERIMENT/CELL, and @STEP after it if you like", text)
	}
	if !found {
		return name, -1, nil
	}
	if step, err = strconv.Atoi(digits); err != nil || step < 1 {
		return "", 0, fmt.Errorf("init = %q: %q after the @ is no step", text, digits)
	}
	return name, step, nil
}

// initial is the model that a run says it goes on from.
func initial(run experiments.Run, m Means) (origin, error) {
	o, err := namedWeights(run, m)
	if err == nil {
		err = o.check(newConfig(run).modelConfig)
	}
	if err != nil {
		return origin{}, fmt.Errorf("init = %q: %w", run.Params.Text("init"), err)
	}
	return o, nil
}

func namedWeights(run experiments.Run, m Means) (o origin, err error) {
	name, step, err := parseInit(run.Params.Text("init"))
	if err != nil {
		return o, err
	}
	if m.Store == "" {
		return o, errors.New("there is no store to find it in")
	}
	s, err := store.Open(m.Store)
	if err != nil {
		return o, err
	}
	id, err := findRun(s, name, run.Seed)
	if err != nil {
		return o, err
	}
	if id == run.ID {
		return o, errors.New("that is this run itself; name another")
	}
	seed, tasks, err := learnedFrom(s, id, 0)
	if err != nil {
		return o, err
	}
	dir := s.RunDir(id)
	if step < 0 {
		o, err = lastWeights(dir)
	} else {
		o, err = keptWeights(dir, step)
	}
	if err != nil {
		return o, fmt.Errorf("%s: %w", id, err)
	}
	o.name += " of " + id
	o.seed, o.tasks = seed, max(o.tasks, tasks)
	return o, nil
}

// findRun is the one run that a name means, with the seed of the run that asks
// unless the name has one: another seed's would make runs that are to be
// independent go on from one, and which one by what happens to be in the store.
func findRun(s *store.Store, name string, seed int64) (string, error) {
	ids, err := s.Find(name)
	if err != nil {
		return "", err
	}
	if !hasSeed(name) {
		ids = slices.DeleteFunc(ids, func(id string) bool { return !strings.HasSuffix(id, fmt.Sprintf("/s%d", seed)) })
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("none of its runs has seed %d; name a seed, as in %s/s1, or run it with seed %d", seed, name, seed)
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("it means %d runs; name one, such as %s", len(ids), ids[0])
}

// hasSeed says whether a name ends in that of a seed, as EXPERIMENT/CELL/s1 does.
func hasSeed(name string) bool {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	digits, found := strings.CutPrefix(parts[len(parts)-1], "s")
	_, err := strconv.ParseInt(digits, 10, 64)
	return found && err == nil && len(parts) > 2
}

// learnedFrom is which tasks a run was trained on, those of its own init among
// them.
func learnedFrom(s *store.Store, id string, deep int) (seed int64, tasks int, err error) {
	var run experiments.Run
	if err := store.ReadJSON(filepath.Join(s.RunDir(id), "run.json"), &run); err != nil {
		return 0, 0, err
	}
	p := run.Params
	switch run.Recipe {
	case onlySFT:
		tasks, err := taken(s.RunDir(id), run)
		return run.Seed, tasks, err
	case sftGRPO:
		name, err := stageName(run)
		if err != nil {
			return 0, 0, err
		}
		tasks, err := taken(filepath.Join(s.Dir, stagesName, name), run)
		return run.Seed, tasks + p.Int("rl_tasks"), err
	case onlyGRPO:
		const deepest = 16
		name, _, err := parseInit(p.Text("init"))
		if err == nil && deep == deepest {
			err = fmt.Errorf("%s goes on from a run that goes on from a run, %d times", id, deep)
		}
		if err != nil {
			return 0, 0, err
		}
		if name, err = findRun(s, name, run.Seed); err != nil {
			return 0, 0, err
		}
		seed, tasks, err := learnedFrom(s, name, deep+1)
		return seed, tasks + p.Int("rl_tasks"), err
	}
	return 0, 0, fmt.Errorf("%s is of recipe %q, whose weights are not of this program", id, run.Recipe)
}

// taken is how many tasks of its seed the fine-tuning in dir took: more than it
// was trained on where verification dropped some.
func taken(dir string, run experiments.Run) (tasks int, err error) {
	tasks = run.Params.Int("tasks")
	if run.Params.Text("source") != fromVerified {
		return tasks, nil
	}
	h, err := store.ReadHistory(dir)
	if err != nil {
		return 0, err
	}
	made := h.Series["data/made"]
	if made == nil || len(made.Values) == 0 {
		return 0, fmt.Errorf("%s does not say how many tasks its fine-tuning took (data/made): run it to its end first", dir)
	}
	return max(tasks, int(made.Values[len(made.Values)-1])), nil
}

// lastWeights loads what the newest attempt that is done left, and errNotDone if
// none is.
func lastWeights(dir string) (origin, error) {
	newest, err := store.Attempts(dir)
	if err != nil {
		return origin{}, err
	}
	for n := newest; n > 0; n-- {
		var result store.Outcome
		place := store.AttemptDir(dir, n)
		if store.ReadRunJSON(dir, n, "result.json", &result) != nil {
			continue
		}
		o, err := loadModel(filepath.Join(place, "checkpoint"))
		o.tasks = int(result.Metrics["data/made"]) // if any gate dropped some
		if err == nil && o.model.WeightsSHA256() != result.WeightsSHA256 {
			err = fmt.Errorf("the weights of attempt a%d are %.12s and its result says %.12s", n, o.model.WeightsSHA256(), result.WeightsSHA256)
		}
		o.name = fmt.Sprintf("attempt a%d", n)
		return o, err
	}
	return origin{}, errNotDone
}

// keptWeights loads what some attempt kept of a step.
func keptWeights(dir string, step int) (origin, error) {
	places, err := store.Kept(dir)
	if err != nil {
		return origin{}, err
	}
	var steps []int
	for _, place := range slices.Backward(places) {
		n, err := strconv.Atoi(filepath.Base(place))
		if err != nil {
			continue
		}
		if n == step {
			o, err := loadModel(place)
			o.name = fmt.Sprintf("step %d", step)
			return o, err
		}
		steps = append(steps, n)
	}
	slices.Sort(steps)
	if len(steps) == 0 {
		return origin{}, fmt.Errorf("it kept no weights on the way: give it keep_every, or leave out @%d for its last", step)
	}
	return origin{}, fmt.Errorf("it kept no weights of step %d, but of %v", step, slices.Compact(steps))
}

// loadModel loads the model that fillModel wrote into dir.
func loadModel(dir string) (o origin, err error) {
	err = readFrom(filepath.Join(dir, weightsName), func(r io.Reader) (err error) {
		o.model, err = lm.Load(r)
		return err
	})
	if err != nil {
		return o, err
	}
	text, err := os.ReadFile(filepath.Join(dir, tokenizerName))
	if err != nil {
		return o, fmt.Errorf("load tokenizer: %w", err)
	}
	o.tok = new(lm.Tokenizer)
	if err := json.Unmarshal(text, o.tok); err != nil {
		return o, fmt.Errorf("load tokenizer: %w", err)
	}
	if n := o.model.Config().Vocab; n != o.tok.Size() {
		return o, fmt.Errorf("load model: the weights are for %d units and the tokenizer has %d", n, o.tok.Size())
	}
	return o, nil
}

// check says whether the model has the shape that the run's parameters say. Its
// vocabulary may be smaller: the text that it learned from may have had no more.
func (o origin) check(want modelConfig) error {
	has := o.model.Config()
	var differ []string
	for _, p := range []struct {
		name      string
		has, want int
		same      bool
	}{
		{"dim", has.Dim, want.Dim, has.Dim == want.Dim},
		{"layers", has.Layers, want.Layers, has.Layers == want.Layers},
		{"heads", has.Heads, want.Heads, has.Heads == want.Heads},
		{"context", has.Context, want.Context, has.Context == want.Context},
		{"vocab", has.Vocab, want.Vocab, has.Vocab <= want.Vocab},
	} {
		if !p.same {
			differ = append(differ, fmt.Sprintf("%s = %d and the parameters say %d", p.name, p.has, p.want))
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return fmt.Errorf("its weights have another shape: %s; set them to its", strings.Join(differ, ", "))
}
