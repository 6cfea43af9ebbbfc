package report

import (
	"errors"
	"flag"
	"math"
	"strconv"

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
	f.Func("margin", "", func(text string) (err error) {
		o.margin, err = strconv.ParseFloat(text, 64)
		if err != nil || !(o.margin > 0) || math.IsInf(o.margin, 1) { // 0 is one, too, and no way to say none
			err = errors.New("want a number above 0, in the unit of the metric: 0.02 of a rate are 2 points")
		}
		return err
	})
	f.BoolVar(&o.markdown, "md", false, "")
}

// With completes them by names, by who reads results of evaluations, and by prices.
func (o CompareFlags) With(names []string, read ReadEvaluation, cost *experiments.Cost) CompareOptions {
	return CompareOptions{Names: names, Metric: o.metric, Margin: o.margin, Markdown: o.markdown, Read: read, Cost: cost}
}
