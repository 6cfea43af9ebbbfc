package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// See is what a design could see of a difference in its objective between two cells, and
// what it would take to see a smaller one: "see" of `plan EXP --json`.
type See struct {
	Metric    string    `json:"metric"`
	MDE       *float64  `json:"mde"`     // that it finds in 80 of 100 cases; null: nobody can say
	Range     []float64 `json:"range"`   // the same of single pairs of cells, from and to; null with one
	AtBest    bool      `json:"at_best"` // nobody knows the spread between seeds: as if there were none
	From      string    `json:"from"`    // the experiment whose runs tell; "": it was assumed
	Read      int       `json:"read"`    // of its runs
	Seeds     int       `json:"seeds"`
	Tasks     int       `json:"tasks"`      // 0: the metric has one value a seed
	Samples   int       `json:"samples"`    // of a task
	SeedSD    *float64  `json:"seed_sd"`    // of a difference between seeds; null: nobody knows
	TaskSD    *float64  `json:"task_sd"`    // between tasks
	OutcomeSD *float64  `json:"outcome_sd"` // in single outcomes
	Delta     *float64  `json:"delta"`      // that is to be seen; null: nobody asked
	Ways      []Way     `json:"ways"`       // to it, by more of one thing
	Words     []string  `json:"words"`

	design stats.Design
	spread stats.Components
}

// Way is how many of one thing a design needs, all else as it is, and what that takes.
type Way struct {
	By       string   `json:"by"`      // "seeds", "tasks" or "samples"
	Has      int      `json:"has"`     // the design
	Needed   *int     `json:"needed"`  // null: no number is enough
	Add      int      `json:"add"`     // runs beyond those of the design, or anew
	Minutes  *float64 `json:"minutes"` // of these; null: nobody knows
	GPUHours *float64 `json:"gpu_hours"`
	Words    string   `json:"words"`
}

// SeeOf works out what a plan could see, from runs that are done, at the speed of those
// on that many slots. A delta above 0 asks what it takes to see that.
func SeeOf(s *store.Store, p *experiments.Plan, records []store.Record, delta float64, slots int) (See, error) {
	if err := checkDelta(p.Objective.Metric, delta); err != nil {
		return See{}, err
	}
	if slices.ContainsFunc(p.Cells, func(c experiments.Cell) bool { return TooFew(p.Objective.Metric, c.Params) }) {
		words := fmt.Sprintf("it sees nothing in %s: %s", ShortName(p.Objective.Metric), FewSamples)
		return See{Metric: p.Objective.Metric, Seeds: len(p.Seeds), Ways: []Way{}, Words: []string{words}}, nil
	}
	known, ok := learn(s, p, records)
	out := newSee(p, known, ok)
	if mde := out.spread.MDE(out.design); mde > 0 && (ok || out.Tasks > 0) {
		out.MDE = &mde
	}
	out.AtBest = out.AtBest && out.MDE != nil
	out.Range = out.byPair(known.pairs)
	out.Words = []string{out.words(p)}
	if delta == 0 {
		return out, nil
	}
	out.Delta = &delta
	if out.MDE != nil {
		out.ways(p, records, delta, slots)
	}
	return out, nil
}

// checkDelta says why a difference cannot be asked for; 0 asks for none.
func checkDelta(metric string, delta float64) error {
	switch {
	case math.IsNaN(delta) || math.IsInf(delta, 0) || delta < 0:
		return fmt.Errorf("plan what to see: a difference of %v is none; it must be above 0", delta)
	case delta >= 1 && IsRate(metric):
		return fmt.Errorf("plan what to see: a difference of %v in %s is more than all of it; %v points are %v", delta, metric, delta, delta/100)
	}
	return nil
}

// newSee is the design and the spread that it is up against. Where no run tells of the
// spread, outcomes of tasks are taken to be independent at a pass rate of a half, which
// makes them vary by 1/4 in each cell.
func newSee(p *experiments.Plan, known learnt, ok bool) See {
	metric := p.Objective.Metric
	out := See{Metric: metric, From: known.from, Read: known.runs, Seeds: len(p.Seeds), Tasks: known.tasks, Ways: []Way{}, spread: known.spread}
	o, tasks := outcomeOf(metric)
	if asked := evalTasks(p); tasks && asked > 0 && (known.tasks > 0 || !ok) {
		out.Tasks = asked
	}
	if out.Samples = min(out.Tasks, 1); averages(metric) && out.Tasks > 0 {
		out.Samples = o.k
	}
	switch {
	case !ok && averages(metric):
		out.spread, out.AtBest = stats.Components{Samples: 0.5}, true
	case !ok:
		out.spread, out.AtBest = stats.Components{Outcomes: 0.5}, true
	case math.IsNaN(out.spread.Seeds):
		out.spread.Seeds, out.AtBest = 0, out.Seeds > 1
	}
	sd := func(variance float64) *float64 { return new(math.Sqrt(variance)) }
	if ok && !math.IsNaN(known.spread.Seeds) {
		out.SeedSD = sd(known.spread.Seeds)
	}
	if ok && out.Tasks > 0 {
		one := out.spread.Outcomes + out.spread.Samples/float64(out.Samples)
		out.TaskSD, out.OutcomeSD = sd(out.spread.Tasks), sd(one)
	}
	out.design = stats.Design{Seeds: out.Seeds, Tasks: out.Tasks, Samples: out.Samples}
	return out
}

// averages is true of avg@k, which gets better with more samples of the same.
func averages(metric string) bool {
	kind, _, ok := kindOf(metric)
	return ok && kind == "avg"
}

// evalTasks is the fewest tasks that a cell is tested on; 0: the design does not say.
func evalTasks(p *experiments.Plan) int {
	least := 0
	for _, c := range p.Cells {
		n, ok := c.Params["eval_tasks"].(int64)
		if !ok {
			return 0
		}
		if least == 0 || int(n) < least {
			least = int(n)
		}
	}
	return least
}

// byPair is from what to what single pairs of cells can be seen: some vary by more.
func (s *See) byPair(pairs []stats.Components) []float64 {
	if s.MDE == nil || len(pairs) < 2 {
		return nil
	}
	lo, hi := math.Inf(1), 0.0
	for _, v := range pairs {
		if math.IsNaN(v.Seeds) {
			v.Seeds = 0
		}
		if mde := v.MDE(s.design); mde > 0 {
			lo, hi = min(lo, mde), max(hi, mde)
		}
	}
	if hi == 0 {
		return nil
	}
	return []float64{lo, hi}
}

// words are what a design could see, in a sentence.
func (s *See) words(p *experiments.Plan) string {
	if s.MDE == nil {
		switch {
		case s.From != "" && s.Seeds == 1 && s.Tasks == 0:
			return "with one seed, and one value of " + plain(s.Metric) + " a seed, it could see nothing"
		case s.From != "":
			return fmt.Sprintf("what it could see is not known: the %d runs of %s that were read differ in nothing", s.Read, plain(s.From))
		}
		return "what it could see is not known: no run tells how " + plain(s.Metric) + " varies"
	}
	var source string
	what := "could see " + s.amount(*s.MDE)
	if s.AtBest {
		what = "could at best see " + s.amount(*s.MDE)
	}
	switch {
	case s.From == "":
		source = "no run tells of the spread between seeds: as if there were none, with independent outcomes at a pass rate of 50 %"
	case s.AtBest:
		source = fmt.Sprintf("no run tells of the spread between seeds: as if there were none; that of tasks taken from %s", s.source(p))
	default:
		source = "spread taken from " + s.source(p)
	}
	if *s.MDE > 1 && IsRate(s.Metric) {
		what = "could see no difference, however large"
	}
	if s.Range != nil {
		what += fmt.Sprintf(", %s to %s by the pair of cells", strings.TrimSuffix(s.amount(s.Range[0]), " points"), strings.TrimSuffix(s.amount(s.Range[1]), " points"))
	}
	if s.Seeds == 1 {
		if s.Range != nil {
			what += ","
		}
		what += " between two checkpoints, and says nothing of two recipes"
	}
	return fmt.Sprintf("%s (80 %% power, %s; %s)", what, s.size(), source)
}

// Short is the same in a few words; "" where nobody can say.
func (s *See) Short() string {
	switch {
	case s.MDE == nil:
		return ""
	case *s.MDE > 1 && IsRate(s.Metric):
		return "could see no difference, however large"
	case s.AtBest:
		return "could at best see " + s.amount(*s.MDE) + ": no spread between seeds is known"
	}
	return "could see " + s.amount(*s.MDE) + ", by the spread of " + plain(s.From)
}

func (s *See) source(p *experiments.Plan) string {
	text := fmt.Sprintf("%s of %s", Count(s.Read, "run"), plain(s.From))
	if s.From == p.Experiment {
		text = fmt.Sprintf("%s of its own", Count(s.Read, "run"))
	}
	return text
}

func (s *See) size() string {
	text := Count(s.Seeds, "seed")
	if s.Tasks > 0 {
		text += " x " + Count(s.Tasks, "task")
	}
	if s.Samples > 1 {
		text += " x " + Count(s.Samples, "sample")
	}
	return text
}

// amount is a difference without a sign, in points where the metric is a rate.
func (s *See) amount(v float64) string {
	if !IsRate(s.Metric) {
		return fmt.Sprintf("%.3g", v)
	}
	digits := 1
	if v < 0.01 {
		digits = 2
	}
	return strconv.FormatFloat(100*v, 'f', digits, 64) + " points"
}

// ways are how to see delta by more seeds, by more tasks and by more samples.
func (s *See) ways(p *experiments.Plan, records []store.Record, delta float64, slots int) {
	s.Ways = append(s.Ways, s.way("seeds", s.Seeds, s.spread.SeedsFor(s.design, delta)))
	if s.Tasks > 0 {
		s.Ways = append(s.Ways, s.way("tasks", s.Tasks, s.spread.TasksFor(s.design, delta)))
	}
	if averages(s.Metric) {
		s.Ways = append(s.Ways, s.way("samples", s.Samples, s.spread.SamplesFor(s.design, delta)))
	}
	takes := expected(p, records)
	for i := range s.Ways {
		w := &s.Ways[i]
		if w.Needed == nil || *w.Needed <= w.Has {
			w.Words = w.short()
			continue
		}
		seeds := len(p.Seeds) // another number of tasks or samples makes every run anew
		if w.By == "seeds" {
			seeds = *w.Needed - w.Has
		}
		var seconds []float64
		for range seeds {
			for _, c := range p.Cells {
				seconds = append(seconds, takes[c.Name])
			}
		}
		w.Add = len(seconds)
		w.price(rest{waiting: seconds}, p.GPUs, slots)
	}
	list := make([]string, 0, len(s.Ways))
	for _, w := range s.Ways {
		list = append(list, w.sentence())
	}
	s.Words = append(s.Words, fmt.Sprintf("to see %s: %s", s.amount(delta), strings.Join(list, " | ")))
}

func (s *See) way(by string, has, needed int) Way {
	w := Way{By: by, Has: has}
	if needed > 0 {
		w.Needed = &needed
	}
	return w
}

// short says of what needs no run that it is enough, or that nothing is.
func (w Way) short() string {
	most := map[string]int{"seeds": stats.MostSeeds, "tasks": stats.MostTasks, "samples": stats.MostSamples}[w.By]
	switch {
	case w.Needed == nil:
		return fmt.Sprintf("cannot do it, whatever their number (up to %d)", most)
	case *w.Needed == w.Has:
		return "as it is"
	}
	return "the design has more"
}

// price says what the runs to add take.
func (w *Way) price(left rest, gpus, slots int) {
	what := "+" + Count(w.Add, "run")
	if w.By != "seeds" {
		what = Count(w.Add, "run") + " anew"
	}
	wall, hours := left.seconds(slots), left.gpuHours(gpus)
	if math.IsNaN(wall) {
		w.Words = what + ", nobody knows how long"
		return
	}
	w.Minutes, w.GPUHours = new(wall/60), &hours
	w.Words = what + ", about " + Duration(wall)
	if w.By != "seeds" {
		w.Words = what + ", at least " + Duration(wall) // the evaluation gets longer
	}
	if hours > 0 {
		w.Words += fmt.Sprintf(" and %.3g GPU-hours", hours)
	}
}

func (w Way) sentence() string {
	if w.Needed == nil {
		return w.By + " " + w.Words
	}
	return fmt.Sprintf("%s (%s)", Count(*w.Needed, strings.TrimSuffix(w.By, "s")), w.Words)
}

// write says it under the table of a plan.
func (s *See) write(w io.Writer) error {
	if _, err := fmt.Fprintln(w, s.Words[0]); err != nil || len(s.Ways) == 0 {
		return err
	}
	rows := make([][]string, len(s.Ways))
	for i, way := range s.Ways {
		needed := "–"
		if way.Needed != nil {
			needed = strconv.Itoa(*way.Needed)
		}
		rows[i] = []string{way.By, strconv.Itoa(way.Has), needed, way.Words}
	}
	return table(w, []string{"to see " + s.amount(*s.Delta), ">has", ">needs", ""}, rows)
}
