package lab

import (
	"slices"
	"testing"

	"ablate/experiments/store"
	"ablate/tui/query"
	"ablate/tui/report"
)

// bill is what the first runs of an experiment made of their GPUs: 2 GPU-hours each with
// half a kWh and a quarter of the time idle, of the second one in part.
func bill(s *study) billMsg {
	use := report.Use{Hours: 2, ReadHours: 2, IdleHours: new(0.5), KWh: new(0.5), BusyPct: new(61.0), MFU: new(0.385)}
	part := use
	part.AtLeast, part.MFU, part.MFUWords = true, nil, "n/a: no datasheet"
	a, b := s.id(0, 0), s.id(0, 1)
	return billMsg{
		experiment: s.name, version: s.version,
		cost: report.Cost{Spent: report.Spent{Wall: 7200, GPUHours: 4}, Uses: map[string]report.Use{a: use, b: part}, Use: report.Together([]report.Use{use, part})},
	}
}

// Columns are offered once there is a GPU; a cell has the sum, and means by hours.
func TestColumnsOfGPUs(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	r.send(data(p.study.plan, store.Done, store.Done, store.Done))
	r.press("i").lacks("[ ] kwh").press("esc").lacks("kWh")
	r.send(bill(p.study)).sees("4 GPU-hours", "≥ 1 kWh", "25 % idle, MFU 38.5 %")
	for _, key := range []string{"gpu_h", "kwh", "idle", "mfu", "busy"} {
		r.press("i").press(keys(key)...).press("enter", "esc")
	}
	for key, want := range map[string][4]string{ // of the first two runs, of one without GPUs, of their cell
		"gpu_h": {"2", "2", "", "4"}, "kwh": {"0.5", "≥0.5", "", "≥1"}, "idle": {"25 %", "25 %", "", "25 %"}, "mfu": {"38.5 %", "n/a", "", "38.5 %"},
		"busy": {"61 %", "61 %", "", "61 %"},
	} {
		c, ok := p.runs.say.special(key)
		if !ok {
			t.Fatalf("no column %s", key)
		}
		a, b, none := p.study.id(0, 0), p.study.id(0, 1), p.study.id(0, 2)
		if got := [4]string{c.Cell(a), c.Cell(b), c.Cell(none), c.Fold([]string{a, b, none})}; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	c, _ := p.runs.say.special("mfu")
	too := p.study.uses[p.study.id(0, 0)]
	too.MFU = new(3.99)
	p.study.uses[p.study.id(0, 0)] = too
	if got := c.Cell(p.study.id(0, 0)); got != "399% ?" {
		t.Errorf("an MFU that cannot be is %q", got)
	}
	too.MFU = new(0.385)
	p.study.uses[p.study.id(0, 0)] = too
	r.sees("GPU-h", "kWh", "idle", "MFU", "busy", "≥0.5", "38.5 %")
}

// A filter asks for what the columns show, once a run had a GPU.
func TestFilterOfGPUs(t *testing.T) {
	t.Parallel()
	r, p := open(t, "grid", 200, 60)
	r.send(data(p.study.plan, store.Done, store.Done, store.Done))
	f := &fields{study: p.study}
	if slices.Contains(f.candidates().Fields, "kwh") {
		t.Error("kwh is offered where no run had a GPU")
	}
	r.send(bill(p.study))
	for text, want := range map[string]int{
		"kwh > 1": 0, "kwh >= 0.5": 2, "gpu_h = 2": 2, "idle > 20": 2, "idle > 20%": 2, "idle > 30%": 0, "mfu > 38%": 1, "busy < 70": 2, "kwh < 1": 2,
	} {
		q, err := query.Parse(text)
		if err == nil {
			err = q.Check(f.candidates())
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n := 0
		for _, id := range p.study.rows {
			if q.Match(f.row(id)) {
				n++
			}
		}
		if n != want {
			t.Errorf("%q matches %d runs, want %d", text, n, want)
		}
	}
}
