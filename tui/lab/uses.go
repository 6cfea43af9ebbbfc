package lab

import (
	"fmt"

	"ablate/tui/report"
	"ablate/tui/table"
)

// useColumns are the columns that tell what runs made of their GPUs. A value that nobody
// knows is null.
var useColumns = []struct {
	key, head string
	of        func(report.Use) (text string, v *float64)
}{
	{"gpu_h", "GPU-h", func(u report.Use) (string, *float64) {
		if u.Hours == 0 {
			return "", nil
		}
		return fmt.Sprintf("%.3g", u.Hours), &u.Hours
	}},
	{"kwh", "kWh", func(u report.Use) (string, *float64) {
		if u.AtLeast {
			return shown(u.KWh, "≥%.3g", 1)
		}
		return shown(u.KWh, "%.3g", 1)
	}},
	{"idle", "idle", func(u report.Use) (string, *float64) {
		share, ok := u.Idle()
		if !ok {
			return "", nil
		}
		return shown(&share, "%.3g %%", 100)
	}},
	{"mfu", "MFU", func(u report.Use) (string, *float64) {
		if u.Any() && u.MFU == nil {
			return "n/a", nil
		}
		return shown(u.MFU, "%.3g %%", 100)
	}},
	{"busy", "busy", func(u report.Use) (string, *float64) { return shown(u.BusyPct, "%.0f %%", 1) }},
}

// useColumn is one of them: a run's value, and what the runs of a cell come to
// together.
func (t *columns) useColumn(key string) (table.Column, bool) {
	for _, c := range useColumns {
		if c.key != key {
			continue
		}
		return table.Column{
			Key: key, Head: c.head, Width: 6, Right: true, Priority: 1, Down: true, Paint: t.quiet,
			Cell: func(id string) string { text, _ := c.of(t.uses[id]); return text },
			Fold: func(ids []string) string { text, _ := c.of(t.together(ids)); return text },
			Num: func(id string) (float64, bool) {
				if _, v := c.of(t.uses[id]); v != nil {
					return *v, true
				}
				return 0, false
			},
		}, true
	}
	return table.Column{}, false
}

// shown is a value times a factor in words; "" where nobody knows it.
func shown(v *float64, format string, factor float64) (string, *float64) {
	if v == nil {
		return "", nil
	}
	return fmt.Sprintf(format, *v*factor), v
}

// together is what runs made of their GPUs, those that somebody distrusts too: they
// took what they took.
func (t *columns) together(ids []string) report.Use {
	all := make([]report.Use, 0, len(ids))
	for _, id := range ids {
		all = append(all, t.uses[id])
	}
	return report.Together(all)
}

// onGPUs reports whether the runs have GPUs, or are to have some.
func (t *columns) onGPUs() bool {
	return len(t.uses) > 0 || t.study.plan != nil && t.study.plan.GPUs > 0
}

// hearUses takes in what was read of GPUs.
func (t *runTable) hearUses(msg billMsg) {
	if msg.experiment != t.study.name || len(msg.cost.Uses) == 0 {
		return
	}
	t.say.uses = msg.cost.Uses
	t.take()
}
