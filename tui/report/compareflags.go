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

// With completes them by names, by who reads results of evaluations, and by prices.
func (o CompareFlags) With(names []string, read ReadEvaluation, cost *experiments.Cost) CompareOptions {
	return CompareOptions{Names: names, Metric: o.metric, Margin: o.margin, Markdown: o.markdown, Read: read, Cost: cost}
}
