package report

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// elsewhere is by what results that were made elsewhere are judged.
var elsewhere = experiments.Objective{Metric: "eval/pass@1", Goal: experiments.Max}

// evaluationMetrics are the means of an evaluation over its tasks: pass@k for k of 1, 2,
// 4, 8 and so on, as far as every task has samples, by the unbiased estimator, and
// avg@n where every task has n samples, more than one. It is the same number as pass@1,
// by the name under which papers report it. Those of sets but the first have its name
// in theirs.
func evaluationMetrics(e store.Evaluation) store.Values {
	m := store.Values{}
	for i, set := range e.Sets {
		prefix := "eval/"
		if i > 0 {
			prefix += set.Name + "/"
		}
		least, most := samplesIn(set.Items)
		names := []string{}
		for k := 1; k <= least; k *= 2 {
			names = append(names, fmt.Sprintf("%spass@%d", prefix, k))
		}
		if least == most && most > 1 {
			names = append(names, fmt.Sprintf("%savg@%d", prefix, most))
		}
		for _, name := range names {
			if o, ok := outcomeOf(name); ok {
				m[name], _ = o.mean(set.Items)
			}
		}
	}
	return m
}

// samplesIn are the fewest and the most samples that a task has.
func samplesIn(items []store.Item) (least, most int) {
	least = math.MaxInt
	for _, i := range items {
		least, most = min(least, i.N), max(most, i.N)
	}
	return least, most
}

// evaluationParams are what decides the numbers of an evaluation, as far as its file
// says.
func evaluationParams(e store.Evaluation) experiments.Params {
	least, _ := samplesIn(e.Sets[0].Items)
	p := experiments.Params{"eval_format": e.Format, samplesParam: int64(least)}
	if e.Hash != "" {
		p["eval_data"] = e.Hash
	}
	return p
}

// given is a run that is a file of results.
type given struct {
	record     store.Record
	evaluation store.Evaluation
	info       os.FileInfo // nil: no file is there
}

// itemsBehind are what became of single tasks behind its metric, as of runs in the
// store.
func (g given) itemsBehind(_ store.Record, metric string) ([]store.Item, func(store.Item) (float64, bool), error) {
	o, ok := outcomeOf(metric)
	if !ok {
		return nil, nil, nil
	}
	for i, set := range g.evaluation.Sets {
		if set.Name != o.tasks && (i > 0 || o.tasks != currentSet) {
			continue
		}
		if mean, enough := o.mean(set.Items); !enough || math.IsNaN(mean) {
			break
		}
		return slices.Clone(set.Items), o.score, nil
	}
	return nil, nil, nil
}

// currentSet is the set of tasks whose name metrics leave out.
const currentSet = "current"

// fileSide is the side that files of results are, one run each: "a.json", or
// "a1.json,a2.json,a3.json" for the seeds of one recipe. False: the name is not of
// files.
func (c *Comparer) fileSide(name string, read ReadEvaluation) (Side, bool, error) {
	files := filesOf(name)
	if read == nil || files == nil {
		return Side{}, false, nil
	}
	u := &Unit{Label: modelOf(files[0]), Planned: len(files)}
	var notes []string
	for i, file := range files {
		g, err := c.give(file, read)
		if err != nil {
			return Side{}, true, fmt.Errorf("compare: %w", err)
		}
		note, err := copied(name, files[:i], file, g.evaluation.Format)
		if err != nil {
			return Side{}, true, err
		}
		if note != "" {
			notes = append(notes, note)
		}
		if i == 0 {
			u.Cell.Params = maps.Clone(g.record.Params)
		}
		if apart := paramsApart(u.Cell.Params, g.record.Params); apart != "" {
			return Side{}, true, fmt.Errorf("compare %q: %s and %s are no seeds of one recipe: %s", name, files[0], file, apart)
		}
		u.Runs = append(u.Runs, g.record)
		for _, warning := range g.evaluation.Warnings {
			notes = append(notes, file+": "+warning)
		}
	}
	if few, many := samplesOf(u.Runs); few < many {
		u.Cell.Params[samplesParam] = int64(few) // no metric is there that needs more
		notes = append(notes, fmt.Sprintf("%s: from %d to %d samples a task; pass@1 of any number is the same thing, to another precision", name, few, many))
	}
	u.Cell.Name = name
	u.Cell.Axes = []experiments.Setting{{Name: "model", Value: u.Label}}
	p := &experiments.Plan{
		Experiment: u.Label, Title: name, Recipe: experiments.Imported, Objective: elsewhere,
		Axes: []string{"model"}, Cells: []experiments.Cell{u.Cell}, Seeds: make([]int64, len(files)),
	}
	return Side{Name: name, Label: u.Label, Plan: p, Units: []*Unit{u}, Notes: notes}, true, nil
}

// samplesParam is how many samples a task has at least.
const samplesParam = "eval_samples"

// samplesOf are the fewest and the most that runs have.
func samplesOf(runs []store.Record) (few, many int) {
	few = math.MaxInt
	for _, r := range runs {
		few, many = min(few, r.Params.Int(samplesParam)), max(many, r.Params.Int(samplesParam))
	}
	return few, many
}

// paramsApart is where parameters that make two recipes of one first differ, "eval_format
// items and humaneval", or "".
func paramsApart(a, b experiments.Params) string {
	for _, name := range experiments.Differing([]experiments.Params{a, b}) {
		if name != samplesParam {
			return fmt.Sprintf("%s %v and %v", name, a[name], b[name])
		}
	}
	return ""
}

// give reads a file as a run that is done, once. Its seed is one that no other run has.
func (c *Comparer) give(file string, read ReadEvaluation) (given, error) {
	id := filepath.Clean(file)
	info, _ := os.Stat(file)
	for known, g := range c.given {
		if known == id || info != nil && g.info != nil && os.SameFile(info, g.info) {
			return g, nil
		}
	}
	e, err := read(file)
	if err != nil {
		return given{}, err
	}
	g := given{evaluation: e, info: info, record: store.Record{
		Run: experiments.Run{ID: id, Experiment: modelOf(file), Cell: file, Recipe: experiments.Imported, Params: evaluationParams(e), Seed: -1 - int64(len(c.given))},
		Dir: file, Status: store.Done, Attempt: 1, Seconds: math.NaN(), Metrics: evaluationMetrics(e),
	}}
	c.given[id] = g
	// There is nothing else to read of it.
	c.curves[id] = &followed{ended: true, attempt: 1}
	c.progs[runKey(g.record)] = map[string]store.Sample{}
	c.spent[runKey(g.record)+" "+string(store.Done)] = UnitCost{Minutes: math.NaN(), CoreHours: math.NaN(), GPUHours: math.NaN()}
	return g, nil
}

func runKey(r store.Record) string { return fmt.Sprintf("%s a%d", r.ID, r.Attempt) }

// filesOf are the files that a name means, nil if it means none: one that is there, or
// several with commas between, each with an ending that results have.
func filesOf(name string) []string {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return []string{name}
	}
	files := strings.Split(name, ",")
	for i, f := range files {
		files[i] = strings.TrimSpace(f)
		info, err := os.Stat(files[i])
		there := err == nil && info.Mode().IsRegular()
		if !there && !slices.Contains([]string{".json", ".jsonl", ".zst"}, filepath.Ext(files[i])) {
			return nil
		}
	}
	return files
}

// endings of names of results, and names that say nothing of the model, after which
// they are called by their folder.
var (
	endings = []string{
		".tar.zst", ".zst", ".jsonl", ".json", "_eval_all", "_eval_results", ".eval_results", "_results", ".jsonl", "_eval", ".raw", "-sanitized", "-calibrated",
	}
	nameless = regexp.MustCompile(`^(Scenario\.)?(codegeneration|selfrepair|testoutputprediction|codeexecution)_\d+_[\d.]+$|^(eval_|eval_all_)?results$|^samples(_.*)?$|^(current|items)(@\d+)?$|^$`)
)

// modelOf is what a file of results is called: by its name without endings, or by its
// folder's.
func modelOf(file string) string {
	name := filepath.Base(file)
	for _, ending := range endings {
		name = strings.TrimSuffix(name, ending)
	}
	if !nameless.MatchString(name) {
		return name
	}
	if abs, err := filepath.Abs(file); err == nil {
		if folder := filepath.Base(filepath.Dir(abs)); folder != "/" && folder != "." {
			return folder
		}
	}
	return "model"
}
