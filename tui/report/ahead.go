package report

import (
	"flag"

	"ablate/experiments"
)

// PlanFlags are those of `plan`.
type PlanFlags struct{ See float64 }

func (o *PlanFlags) flags(f *flag.FlagSet) { f.Float64Var(&o.See, "see", 0, "") }

// Ahead is what `plan` knows beside the design.
type Ahead struct {
	Flags PlanFlags
	Slots int
	Cost  *experiments.Cost // nil: nobody said
}
