package report

import "flag"

// Own are the flags of the commands that report, beside those that commands share.
type Own struct {
	Filter  Filter
	GPUs    GPUFlags
	Compare CompareFlags
	Fit     FitFlags
	Plan    PlanFlags
	Export  ExportFlags
	Import  ImportFlags
}

// Flags adds those of the command called name to a command line.
func (o *Own) Flags(f *flag.FlagSet, name string) {
	switch name {
	case "ls":
		o.Filter.Flags(f)
	case "gpu":
		o.GPUs.Flags(f)
	case "compare":
		o.Compare.flags(f)
	case "fit":
		o.Fit.flags(f)
	case "plan":
		o.Plan.flags(f)
	case "export":
		o.Export.flags(f)
	case "import":
		o.Import.flags(f)
	}
}
