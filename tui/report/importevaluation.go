package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// importDoc is what `import FILE --json` prints of a file.
type importDoc struct {
	ID       string            `json:"id"` // of the run that it is
	New      bool              `json:"new"`
	Format   string            `json:"format"`
	Points   int               `json:"points"` // tasks whose outcomes were read
	Warnings []string          `json:"warnings"`
	Metrics  store.Values      `json:"metrics"`
	Source   map[string]string `json:"source"` // of metrics: what they were made of in the file

	file, experiment, model string
}

// importRecord is import.json in the folder of a run: where its results came from.
type importRecord struct {
	File     string   `json:"file"` // its name
	SHA256   string   `json:"sha256"`
	Format   string   `json:"format"`
	Hash     string   `json:"hash,omitempty"` // of the data set
	Warnings []string `json:"warnings,omitempty"`
	Time     float64  `json:"time"`
}

const importName = "import.json"

// importer makes runs of results, cells of one experiment.
type importer struct {
	store      *store.Store
	experiment string
	read       ReadEvaluation
}

func newImporter(s *store.Store, o ImportOptions) (*importer, error) {
	in := &importer{store: s, experiment: cmp.Or(o.As, experiments.Imported), read: o.Read}
	if err := experiments.CheckName(in.experiment); err != nil {
		return nil, fmt.Errorf("import: --as %s: %w", in.experiment, err)
	}
	return in, nil
}

// add makes a run of a file, unless one is made of the same bytes.
func (in *importer) add(file string) (importDoc, error) {
	e, err := in.read(file)
	if err != nil {
		return importDoc{}, err
	}
	sum, err := sumOf(file)
	if err != nil {
		return importDoc{}, fmt.Errorf("import %s: %w", file, err)
	}
	held, err := in.lock()
	if err != nil {
		return importDoc{}, fmt.Errorf("import %s: %w", file, err)
	}
	doc, err := in.take(file, sum, e)
	if err = errors.Join(err, held.Close()); err != nil {
		err = fmt.Errorf("import %s: %w", file, err)
	}
	return doc, err
}

func sumOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// lock keeps another import out of the experiment.
func (in *importer) lock() (*store.Held, error) {
	if err := in.store.Writable(); err != nil {
		return nil, err
	}
	dir := filepath.Dir(in.store.PlanFile(in.experiment))
	if err := store.MkdirAll(dir); err != nil {
		return nil, err
	}
	held, err := store.Lock(filepath.Join(dir, "import.lock"), 10*time.Second)
	if errors.Is(err, store.ErrLocked) {
		err = fmt.Errorf("another import into %s goes on: try again when it is done", in.experiment)
	}
	return held, err
}

// take is add under the lock.
func (in *importer) take(file, sum string, e store.Evaluation) (importDoc, error) {
	doc := importDoc{Format: e.Format, Points: len(e.Sets[0].Items), Warnings: append([]string{}, e.Warnings...),
		Metrics: evaluationMetrics(e), Source: sourcesOf(e), file: file, experiment: in.experiment}
	p, err := in.plan(e)
	if err != nil {
		return doc, err
	}
	ids, err := in.store.RunIDs(in.experiment)
	if err != nil {
		return doc, err
	}
	for _, id := range ids {
		var before importRecord
		if store.ReadRunJSON(in.store.RunDir(id), 1, importName, &before) == nil && before.SHA256 == sum {
			doc.ID, doc.model = id, in.modelOfRun(id)
			return doc, nil
		}
	}
	_, cell := p.WithModel(modelOf(file), evaluationParams(e), 0)
	seed := nextSeed(ids, in.experiment+"/"+cell.Name+"/s")
	p, cell = p.WithModel(modelOf(file), evaluationParams(e), seed)
	run := experiments.Run{
		ID: fmt.Sprintf("%s/%s/s%d", in.experiment, cell.Name, seed), Experiment: in.experiment, Cell: cell.Name, Axes: cell.Axes,
		Params: cell.Params, Seed: seed, Recipe: experiments.Imported, PlanHash: p.Hash,
	}
	doc.ID, doc.New, doc.model = run.ID, true, cell.Params.Text("model")
	if err := in.store.WritePlan(p); err != nil {
		return doc, err
	}
	record := importRecord{File: filepath.Base(file), SHA256: sum, Format: e.Format, Hash: e.Hash, Warnings: e.Warnings, Time: store.Now()}
	return doc, in.write(run, record, e, doc.Metrics)
}

// plan is the design so far. It holds results that can be compared: of one program and
// one data set.
func (in *importer) plan(e store.Evaluation) (*experiments.Plan, error) {
	p, err := in.store.ReadPlan(in.experiment)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return experiments.NewImports(in.experiment, elsewhere), nil
	case err != nil:
		return nil, err
	case p.Recipe != experiments.Imported:
		return nil, fmt.Errorf("%s is an experiment whose runs are made here (recipe %s): name another with --as EXP", in.experiment, p.Recipe)
	}
	own := evaluationParams(e)
	for _, cell := range p.Cells {
		for _, name := range []string{"eval_format", "eval_data"} {
			if cell.Params.Text(name) != own.Text(name) {
				return nil, fmt.Errorf("%s holds results with %s %q, and these have %q: give them a name of their own with --as EXP", in.experiment, name, cell.Params.Text(name), own.Text(name))
			}
		}
	}
	return p, nil
}

func (in *importer) modelOfRun(id string) string {
	var run experiments.Run
	if store.ReadJSON(filepath.Join(in.store.RunDir(id), "run.json"), &run) != nil {
		return experiments.CellOf(id)
	}
	return run.Params.Text("model")
}

// nextSeed is the one after the greatest of the runs whose ids begin so.
func nextSeed(ids []string, prefix string) int64 {
	next := int64(1)
	for _, id := range ids {
		digits, ok := strings.CutPrefix(id, prefix)
		if n, err := strconv.ParseInt(digits, 10, 64); ok && err == nil && n >= next {
			next = n + 1
		}
	}
	return next
}

// write makes the folder of a run that is done. run.json comes last: with it the folder
// is a run.
func (in *importer) write(run experiments.Run, record importRecord, e store.Evaluation, metrics store.Values) error {
	dir := in.store.RunDir(run.ID)
	attempt := store.AttemptDir(dir, 1)
	if err := store.MkdirAll(attempt); err != nil {
		return fmt.Errorf("make run folder: %w", err)
	}
	held, err := store.Lock(store.LockFile(dir), time.Second)
	if err != nil {
		return err
	}
	host, _ := os.Hostname() // nobody needs it
	out := store.Attempt{Dir: attempt}
	steps := []func() error{func() error { return askedOnce(dir, record.Time) }}
	for i, set := range e.Sets {
		name := set.Name
		if i == 0 {
			name = currentSet
		}
		steps = append(steps, func() error { return out.Items(name, 0, set.Items) })
	}
	steps = append(steps,
		func() error { return store.WriteJSON(filepath.Join(attempt, importName), record) },
		func() error {
			return store.WriteJSON(filepath.Join(attempt, "start.json"), store.Start{Launcher: "import", Host: host, Time: record.Time})
		},
		func() error {
			return store.WriteExit(attempt, store.Exit{Outcome: store.Outcome{Metrics: metrics, Time: record.Time}})
		},
		func() error { return store.WriteJSON(filepath.Join(dir, "run.json"), run) },
	)
	for _, step := range steps {
		if err := step(); err != nil {
			return errors.Join(err, held.Close())
		}
	}
	return held.Close()
}

// askedOnce says in a run's folder that it was asked for, unless an import that did not
// come to its end has said so.
func askedOnce(dir string, now float64) error {
	if asked, err := store.ReadAsked(dir); err != nil || len(asked) > 0 {
		return err
	}
	l, err := store.AppendTo(filepath.Join(dir, "asked.jsonl"))
	if err != nil {
		return err
	}
	err = l.Append(store.Asked{Time: now, Verb: "run", By: "import", Attempt: 1})
	return errors.Join(err, l.Sync(), l.Close())
}

// sourcesOf says of each metric of what in the file it was made.
func sourcesOf(e store.Evaluation) map[string]string {
	from := map[string]string{
		"livecodebench": "graded_list", "livecodebench places": "results by place", "evalplus": "base_status, plus_status", "evalplus base": "base_status",
		"humaneval": "passed", "lm-eval": "the metric of its samples", "items": "c",
	}[e.Format]
	source := map[string]string{}
	for name := range evaluationMetrics(e) {
		source[name] = cmp.Or(from, e.Format)
	}
	return source
}
