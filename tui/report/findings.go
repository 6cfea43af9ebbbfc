package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// FindingsOptions say what `findings` reports and where.
type FindingsOptions struct {
	Names []string // of experiments; none: all that ask something
	Path  string   // of the file that is written; "": to the writer
	JSON  bool
}

// findings is `findings --json`.
type findings struct {
	From        provenance `json:"from"`
	Experiments []asked    `json:"experiments"`
}

// asked is one experiment with what its runs answer.
type asked struct {
	Experiment string     `json:"experiment"`
	Cells      []cellMean `json:"cells"`
	Findings   []Answer   `json:"findings"`
	LeftOut    []LeftOut  `json:"left_out"` // runs that somebody distrusts
	plan       *experiments.Plan
	metrics    []string // of its findings
	done       int      // runs
}

// cellMean is what a cell came to over the seeds that are done.
type cellMean struct {
	Axes    experiments.Params `json:"axes"`
	Metrics map[string]average `json:"metrics"`
}

// average is a mean over seeds with their standard deviation.
type average struct {
	Mean   *float64 `json:"mean"` // null: none is done, or n < k
	SD     *float64 `json:"sd"`
	N      int      `json:"n"`
	TooFew bool     `json:"too_few"` // samples a task: n < k
}

// Findings is `findings [EXP]...`: what the runs in the store answer to the
// questions that the file asks, as Markdown or JSON.
func Findings(w io.Writer, s *store.Store, f *experiments.File, o FindingsOptions) error {
	plans, err := asking(f, o.Names)
	if err != nil {
		return err
	}
	out := findings{Experiments: []asked{}}
	for _, p := range plans {
		records, err := s.Records(p.Experiment)
		if err != nil {
			return err
		}
		x, err := ask(s, p, records, &out.From)
		if err != nil {
			return fmt.Errorf("answer %s: %w", p.Experiment, err)
		}
		out.Experiments = append(out.Experiments, x)
	}
	var text bytes.Buffer
	if o.JSON {
		if err := writeJSON(&text, out); err != nil {
			return err
		}
	} else {
		out.markdown(&text)
	}
	if o.Path == "" {
		_, err := text.WriteTo(w)
		return err
	}
	if err := os.WriteFile(o.Path, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return nil
}

// asking are the plans of the named experiments, or of all that ask something.
func asking(f *experiments.File, names []string) ([]*experiments.Plan, error) {
	var plans []*experiments.Plan
	for _, name := range names {
		e, err := f.Experiment(name)
		if err != nil {
			return nil, err
		}
		if len(e.Findings) == 0 {
			return nil, fmt.Errorf("answer %s: it asks nothing; write [[experiment.%[1]s.finding]] with claim, metric, plus and minus", name)
		}
		plans = append(plans, e.Plan())
	}
	if len(names) > 0 {
		return plans, nil
	}
	for _, e := range f.Experiments {
		if len(e.Findings) > 0 {
			plans = append(plans, e.Plan())
		}
	}
	if len(plans) == 0 {
		return nil, fmt.Errorf("answer findings: no experiment in %s asks anything; write [[experiment.NAME.finding]]", f.Name)
	}
	return plans, nil
}

// ask answers the findings of one plan.
func ask(s *store.Store, p *experiments.Plan, records []store.Record, from *provenance) (asked, error) {
	records, left, err := trusted(s, p, records)
	if err != nil {
		return asked{}, err
	}
	e := newEvidence(NewComparer(s), p, records)
	x := asked{
		Experiment: p.Experiment, plan: p, Findings: []Answer{}, Cells: make([]cellMean, len(p.Cells)),
		LeftOut: append([]LeftOut{}, left...),
	}
	for _, f := range p.Findings {
		for _, m := range []string{f.Metric, f.MinusMetric} {
			if m != "" && !slices.Contains(x.metrics, m) {
				x.metrics = append(x.metrics, m)
			}
		}
		a, err := e.answer(f)
		if err != nil {
			return x, err
		}
		x.Findings = append(x.Findings, a)
	}
	for i, c := range p.Cells {
		x.Cells[i] = cellMean{Axes: experiments.Params{}, Metrics: map[string]average{}}
		for _, a := range c.Axes {
			x.Cells[i].Axes[a.Name] = a.Value
		}
		for _, m := range x.metrics {
			x.Cells[i].Metrics[m] = e.average(i, m)
		}
		for _, seed := range p.Seeds {
			if r, ok := e.run(i, seed); ok {
				from.add(r, fmt.Sprintf("%s version %d", p.Recipe, p.RecipeVersion))
				x.done++
			}
		}
	}
	return x, nil
}

func (e *evidence) average(cell int, metric string) average {
	if TooFew(metric, e.plan.Cells[cell].Params) {
		return average{TooFew: true}
	}
	values := e.values(cell, metric)
	return average{Mean: finite(stats.Mean(values)), SD: finite(stats.SD(values)), N: len(values)}
}

// values are those of a metric in the runs of a cell that are done.
func (e *evidence) values(cell int, metric string) (values []float64) {
	for _, seed := range e.plan.Seeds {
		if r, ok := e.run(cell, seed); ok && reports(r, metric) {
			values = append(values, r.Metrics[metric])
		}
	}
	return values
}

// amount is an effect with its sign: in points where both metrics are rates.
func (a *Answer) amount(x float64) string {
	if a.inPoints() {
		return signed(100*x, 1)
	}
	return signed(x, 3)
}

func (a *Answer) inPoints() bool {
	return IsRate(a.Metric) && (a.MinusMetric == "" || IsRate(a.MinusMetric))
}

// signed is a number with its sign; what rounds to 0 has none.
func signed(x float64, decimals int) string {
	if math.Abs(x) < 0.5*math.Pow10(-decimals) {
		x = 0
		return fmt.Sprintf("%.*f", decimals, x)
	}
	if math.Abs(x) >= 1e9 {
		return fmt.Sprintf("%+.3g", x)
	}
	return fmt.Sprintf("%+.*f", decimals, x)
}

// Verdict is what the runs of an experiment say to its findings, in a line for
// people; "" if it asks nothing or they cannot be read.
func Verdict(s *store.Store, experiment string) string {
	p, err := s.ReadPlan(experiment)
	if err != nil || len(p.Findings) == 0 {
		return ""
	}
	records, err := s.Records(experiment)
	if err != nil {
		return ""
	}
	x, err := ask(s, p, records, &provenance{})
	if err != nil {
		return ""
	}
	parts := make([]string, len(x.Findings))
	for i, a := range x.Findings {
		parts[i] = strings.TrimSpace(a.Letter+" "+a.Claim) + ": " + a.Words
		if a.Effect != nil {
			parts[i] += " (" + a.amount(*a.Effect) + ")"
		}
	}
	return strings.Join(parts, "; ")
}
