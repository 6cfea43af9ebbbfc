package report

import (
	"flag"

	"ablate/experiments"
)

// CompareFlags are those of `compare`.
type CompareFlags struct {
	metric   string
	margin   float64
	markdown bool
}

func (o *CompareFlags) flags(f *flag.FlagSet) {
	f.StringVar(&o.metric, "metric", "", "")
	f.Float64Var(&o.margin, "margin", 0, "")
	f.BoolVar(&o.markdown, "md", false, "")
}

// With completes them by names, by who reads results of evaluations, and by the prices
// of the experiment file, if it can be read.
func (o CompareFlags) With(names []string, read ReadEvaluation, from experiments.Origin) CompareOptions {
	return CompareOptions{Names: names, Metric: o.metric, Margin: o.margin, Markdown: o.markdown, Read: read, Cost: pricesOf(from)}
}

// pricesOf are those of an experiment file; nil where it has none, or mistakes.
func pricesOf(from experiments.Origin) *experiments.Cost {
	f, err := from.Load()
	if err != nil {
		return nil
	}
	return f.Cost
}
