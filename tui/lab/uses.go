package lab

import (
	"fmt"

	"ablate/tui/query"
	"ablate/tui/report"
	"ablate/tui/table"
)

// useColumns are the keys of the columns that tell what runs made of their GPUs.
var useColumns = []string{"gpu_h", "kwh", "idle", "mfu", "busy"}

// useColumn is one of them: a run's value, and what the runs of a cell come to
// together.
func (t *columns) useColumn(key string) (table.Column, bool) {
	var of func(report.Use) (text string, v float64, ok bool)
	head := key
	switch key {
	case "gpu_h":
		head = "GPU-h"
		of = func(u report.Use) (string, float64, bool) {
			if u.Hours == 0 {
				return "", 0, false
			}
			return shown(&u.Hours, "%.3g", 1)
		}
	case "kwh":
		head = "kWh"
		of = func(u report.Use) (string, float64, bool) {
			if u.AtLeast && u.KWh != nil {
				return fmt.Sprintf("≥%.3g", *u.KWh), *u.KWh, true
			}
			return shown(u.KWh, "%.3g", 1)
		}
	case "idle":
		of = func(u report.Use) (string, float64, bool) {
			share, ok := u.Idle()
			if !ok {
				return "", 0, false
			}
			return shown(&share, "%.3g %%", 100)
		}
	case "mfu":
		head = "MFU"
		of = func(u report.Use) (string, float64, bool) {
			if u.Any() && u.MFU == nil {
				return "n/a", 0, false
			}
			return shown(u.MFU, "%.3g %%", 100)
		}
	case "busy":
		of = func(u report.Use) (string, float64, bool) { return shown(u.BusyPct, "%.0f %%", 1) }
	default:
		return table.Column{}, false
	}
	return table.Column{
		Key: key, Head: head, Width: 6, Right: true, Priority: 1, Down: true, Paint: t.quiet,
		Cell: func(id string) string { text, _, _ := of(t.study.uses[id]); return text },
		Fold: func(ids []string) string { text, _, _ := of(t.together(ids)); return text },
		Num:  func(id string) (float64, bool) { _, v, ok := of(t.study.uses[id]); return v, ok },
	}, true
}

// shown is a value times a factor in words; "" where nobody knows it.
func shown(v *float64, format string, factor float64) (string, float64, bool) {
	if v == nil {
		return "", 0, false
	}
	return fmt.Sprintf(format, *v*factor), *v, true
}

// used is what a run made of its GPUs, as a filter asks for it: hours and kWh as they
// are, shares as per cent.
func (s *study) used(id, name string) (query.Value, bool) {
	u := s.uses[id]
	of := map[string]*float64{"kwh": u.KWh, "mfu": u.MFU}
	switch idle, known := u.Idle(); {
	case name == "gpu_h" && u.Hours > 0:
		of[name] = &u.Hours
	case name == "idle" && known:
		of[name] = &idle
	case name == "busy" && u.BusyPct != nil:
		of[name] = new(*u.BusyPct / 100)
	}
	v := of[name]
	if v == nil {
		return query.Value{}, false
	}
	x := number(*v)
	x.Percent = name != "gpu_h" && name != "kwh"
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
