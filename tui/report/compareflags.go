package report

import "flag"

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

// With completes them by names and by who reads results of evaluations.
func (o CompareFlags) With(names []string, read ReadEvaluation) CompareOptions {
	return CompareOptions{Names: names, Metric: o.metric, Margin: o.margin, Markdown: o.markdown, Read: read}
}
