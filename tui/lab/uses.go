package lab

import (
	"fmt"
	"slices"

	"ablate/tui/query"
	"ablate/tui/report"
	"ablate/tui/table"
)

// useColumn is a column that tells what runs made of their GPUs.
type useColumn struct {
	key, head string
	share     bool                      // the value is one
	of        func(report.Use) *float64 // nil: nobody knows it
	text      func(report.Use, float64) string
	unknown   string // stands for a value of a run on GPUs that nobody knows
}

var useColumns = []useColumn{
	{key: "gpu_h", head: "GPU-h", of: hoursOf, text: plainly("%.3g", 1)},
	{key: "kwh", head: "kWh", of: func(u report.Use) *float64 { return u.KWh }, text: kilowattHours},
	{key: "idle", head: "idle", share: true, of: idleOf, text: plainly("%.3g %%", 100)},
	{key: "mfu", head: "MFU", share: true, of: func(u report.Use) *float64 { return u.MFU }, text: mfuText, unknown: "n/a"},
	{key: "busy", head: "busy", share: true, of: busyOf, text: plainly("%.0f %%", 100)},
}

// useKeys are the keys of those columns, and the names of the fields.
func useKeys() (keys []string) {
	for _, c := range useColumns {
		keys = append(keys, c.key)
	}
	return keys
}

// plainly is a value times a factor in words.
func plainly(format string, factor float64) func(report.Use, float64) string {
	return func(_ report.Use, v float64) string { return fmt.Sprintf(format, v*factor) }
}

func hoursOf(u report.Use) *float64 {
	if u.Hours == 0 {
		return nil
	}
	return &u.Hours
}

func kilowattHours(u report.Use, v float64) string {
	if u.AtLeast {
		return fmt.Sprintf("≥%.3g", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func idleOf(u report.Use) *float64 {
	if share, known := u.Idle(); known {
		return &share
	}
	return nil
}

func busyOf(u report.Use) *float64 {
	if u.BusyPct == nil {
		return nil
	}
	return new(*u.BusyPct / 100)
}

// mfuText is a share of what the GPUs can do, with a ? where it cannot be.
func mfuText(_ report.Use, v float64) string {
	if report.MFUCanBe(v) {
		return fmt.Sprintf("%.3g %%", 100*v)
	}
	return fmt.Sprintf("%.0f%% ?", 100*v)
}

// say is the value of a use in words; "" where there is none.
func (c useColumn) say(u report.Use) string {
	switch v := c.of(u); {
	case v != nil:
		return c.text(u, *v)
	case u.Any():
		return c.unknown
	}
	return ""
}

// useColumn is the column of a key: a run's value, and what the runs of a cell come to
// together.
func (t *columns) useColumn(key string) (table.Column, bool) {
	i := slices.IndexFunc(useColumns, func(c useColumn) bool { return c.key == key })
	if i < 0 {
		return table.Column{}, false
	}
	c := useColumns[i]
	return table.Column{
		Key: key, Head: c.head, Width: 6, Right: true, Priority: 1, Down: true, Paint: t.quiet,
		Cell: func(id string) string { return c.say(t.study.uses[id]) },
		Fold: func(ids []string) string { return c.say(t.together(ids)) },
		Num: func(id string) (float64, bool) {
			if v := c.of(t.study.uses[id]); v != nil {
				return *v, true
			}
			return 0, false
		},
	}, true
}

// used is what a run made of its GPUs, as a filter asks for it: hours and kWh as they
// are, shares as per cent.
func (s *study) used(id, name string) (query.Value, bool) {
	i := slices.IndexFunc(useColumns, func(c useColumn) bool { return c.key == name })
	if i < 0 {
		return query.Value{}, false
	}
	v := useColumns[i].of(s.uses[id])
	if v == nil {
		return query.Value{}, false
	}
	x := number(*v)
	x.Percent = useColumns[i].share
	return x, true
}

// together is what runs made of their GPUs, those that somebody distrusts too: they
// took what they took.
func (t *columns) together(ids []string) report.Use {
	all := make([]report.Use, 0, len(ids))
	for _, id := range ids {
		all = append(all, t.study.uses[id])
	}
	return report.Together(all)
}

// onGPUs reports whether the runs have GPUs, or are to have some.
func (t *columns) onGPUs() bool {
	return len(t.study.uses) > 0 || t.study.plan != nil && t.study.plan.GPUs > 0
}

// hearUses takes in what was read of GPUs.
func (t *runTable) hearUses(msg billMsg) {
	if msg.experiment != t.study.name || len(msg.cost.Uses) == 0 {
		return
	}
	t.study.uses = msg.cost.Uses
	t.take()
}
