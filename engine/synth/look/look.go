// Package look is `ablate synth`: the stages of package synth as a person looks at
// them, and the data set that they make as files that trainers of real models
// read. It computes nothing of its own that a training run depends on.
//
//	settings  the parameters, by the names that the recipes have for them
//	corpus    extract, with evolve and tree beside it: the features
//	draw      sample and select: from features to sets of them
//	tasks     write, solve and test: from sets to tasks with candidates and inputs
//	funnel    verify: what was kept, and what each gate dropped
//	export    the kept tasks as files; prompt words them for a model that knows nothing of this program
//	page      aligned text of 80 columns
package look

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"ablate/engine/judge"
	"ablate/experiments"
)

// Request is what the flags of `ablate synth` ask for.
type Request struct {
	Stage  string
	N      int   // of what the stage shows; 0: as many as suits it
	Seed   int64 // of a run: the same seed and number give the tasks that it trains on
	All    bool  // verify shows every task rather than examples
	Corpus string
	Export string

	// Recipes have the names, ranges and defaults of the parameters.
	Recipes []experiments.Recipe
}

// Flags lets a command line fill in the request.
func (r *Request) Flags(f *flag.FlagSet, recipes []experiments.Recipe) {
	r.Recipes = recipes
	f.StringVar(&r.Stage, "stage", "verify", "")
	f.StringVar(&r.Corpus, "corpus", "", "")
	f.StringVar(&r.Export, "export", "", "")
	f.BoolVar(&r.All, "tasks", false, "")
	f.Int64Var(&r.Seed, "seed", 1, "")
	f.Func("n", "", func(v string) (err error) {
		if r.N, err = strconv.Atoi(v); err != nil || r.N < 1 || r.N > mostTasks {
			err = fmt.Errorf("want a number from 1 to %d", mostTasks)
		}
		return err
	})
}

const mostTasks = 100_000

// result is what a stage has to show: fields for JSON, and text.
type result interface{ text(p *page) }

// stage is one of the stages that can be looked at.
type stage struct {
	name string
	n    int // of what it shows, if nobody says
	look func(context.Context, *session) (result, error)
}

func stages() []stage {
	return []stage{
		{"extract", 1, lookExtract},
		{"evolve", 1, lookEvolve},
		{"tree", 1, lookTree},
		{"sample", 3, lookSample},
		{"select", 1000, lookSelect},
		{"write", 5, lookWrite},
		{"solve", 3, lookSolve},
		{"test", 2, lookTest},
		{"verify", 1000, lookVerify},
	}
}

// session is a request with all that it takes to answer it.
type session struct {
	Request
	making
}

// header begins the JSON of every stage.
type header struct {
	Stage  string             `json:"stage"`
	Seed   int64              `json:"seed"`
	N      int                `json:"n"`
	Params experiments.Params `json:"params"`
}

func (s *session) header() header { return header{s.Stage, s.Seed, s.N, s.params} }

// Run answers the request with parameters set by key=value. What names is, on the
// command line, is no flag, and wrong. Errors are mistakes of the user's, but for
// those of the judge and the disk.
func (r Request) Run(ctx context.Context, w io.Writer, names, set []string, asJSON bool) error {
	if len(names) > 0 {
		return fmt.Errorf("read command line: synth takes flags alone, not %q", names[0])
	}
	st, err := find(r.Stage)
	if err != nil {
		return err
	}
	if r.Export != "" && r.Stage != "verify" {
		return fmt.Errorf("export data: only verified tasks are exported; leave out --stage %s", r.Stage)
	}
	s := &session{Request: r}
	if s.N == 0 {
		s.N = st.n
	}
	if s.making, err = settings(r.Recipes, set, r.Seed, s.N); err != nil {
		return err
	}
	found, err := st.look(ctx, s)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Stage, err)
	}
	if asJSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(found)
	}
	p := &page{}
	found.text(p)
	_, err = io.WriteString(w, p.String())
	return err
}

func find(name string) (stage, error) {
	all := stages()
	names := make([]string, len(all))
	for i, s := range all {
		if s.name == name {
			return s, nil
		}
		names[i] = s.name
	}
	return stage{}, fmt.Errorf("read command line: there is no stage %q; the stages are %s", name, strings.Join(names, ", "))
}

// withPool gives work a judge of this program's own.
func withPool(work func(*judge.Pool) error) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find program: %w", err)
	}
	pool, err := judge.Open([]string{self, "judge"}, min(runtime.GOMAXPROCS(0), 8), judge.DefaultLimits())
	if err != nil {
		return err
	}
	return errors.Join(work(pool), pool.Close())
}
