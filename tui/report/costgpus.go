package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/gpu"
)

// TypeCost is what the runs of a CostTable take on GPUs of one type; a null is
// what nobody knows.
type TypeCost struct {
	Type      string   `json:"type"`
	MFU       *float64 `json:"mfu"`      // share of the dense BF16 peak
	From      string   `json:"mfu_from"` // what it was measured in, or "stated"; "" where nobody knows it
	GPUHours  *float64 `json:"gpu_hours"`
	Watts     *float64 `json:"watts"` // that a GPU draws
	KWh       *float64 `json:"kwh"`
	AtMost    bool     `json:"at_most"` // watts are the board's limit: kWh are no more
	HourPrice *float64 `json:"gpu_hour"`
	Price     *float64 `json:"price"`

	spec *gpu.Spec
}

// texts are the column of a type.
func (c TypeCost) texts() []string {
	show := func(v *float64, before string) string {
		if v == nil {
			return "–"
		}
		text := amountText(*v)
		if strings.HasPrefix(text, "<") {
			return text
		}
		return before + text
	}
	mfu, before := "–", ""
	if c.MFU != nil {
		mfu = percentage(c.MFU, 100)
		if c.From == "stated" {
			mfu += " stated"
		} else {
			mfu += " measured"
		}
	}
	if c.AtMost {
		before = "at most "
	}
	return []string{mfu, show(c.GPUHours, ""), show(c.KWh, before), show(c.Price, "")}
}

// amountText is an amount in three digits, from a thousand on in all of its own, and no
// smaller than anybody minds.
func amountText(v float64) string {
	switch {
	case v >= 1000 && v < 1e9:
		return fmt.Sprintf("%.0f", v)
	case v > 0 && v < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3g", v)
}

// gpus work out what runs take on each type of GPU: their FLOPs, by the MFU that runs had
// on it in this store, or else that which was stated.
func (t *CostTable) gpus(s *store.Store, p *experiments.Plan, records []store.Record, cost *experiments.Cost) {
	seen, own := measure(s, p, records)
	takes := remaining(p, records)
	if t.Of == wholeDesign {
		takes = remaining(p, nil)
		each := expected(p, records)
		for i, run := range p.Runs() {
			takes.waiting[i] = each[run.Cell]
		}
	}
	t.FLOPs = finite(flopsOfRuns(p, records, own, t.Of == wholeDesign))
	for _, name := range types(cost, seen) {
		c := t.onType(name, seen[name], cost)
		if t.FLOPs == nil && name == onlyType(own) {
			c.GPUHours = finite(takes.gpuHours(p.GPUs)) // at the speed of its own runs
		}
		t.Types = append(t.Types, c.priced())
	}
}

// onlyType is the type of all GPUs of some runs; "" if there are several, or none.
func onlyType(uses map[string]Use) (only string) {
	for _, u := range uses {
		for _, name := range u.Names {
			short := gpu.ShortName(name)
			if name == "" || only != "" && only != short {
				return ""
			}
			only = short
		}
	}
	return only
}

// types are those to set side by side: the two of the article, and what prices and runs
// name beside them.
func types(cost *experiments.Cost, seen map[string]*typeUse) []string {
	all := []string{"H20", "H200"}
	var more []string
	if cost != nil {
		more = append(sortedKeys(cost.GPUHour), sortedKeys(cost.MFU)...)
	}
	for _, name := range append(more, sortedKeys(seen)...) {
		if !slices.ContainsFunc(all, func(known string) bool { return strings.EqualFold(known, name) }) {
			all = append(all, name)
		}
	}
	return all
}

func (t *CostTable) onType(name string, m *typeUse, cost *experiments.Cost) TypeCost {
	c := TypeCost{Type: name}
	full := []string{"NVIDIA " + name, name}
	if m != nil {
		full = []string{m.name}
	}
	for _, n := range full {
		if spec, ok := gpu.SpecOf(n); ok && c.spec == nil {
			c.spec = &spec
		}
	}
	if m != nil {
		c.Watts = m.watts.value()
		if c.MFU = m.mfu.value(); c.MFU != nil {
			c.From = fmt.Sprintf("measured in %s of %s", Count(m.runs, "run"), strings.Join(m.of, ", "))
		}
	}
	if cost != nil {
		c.HourPrice = nullIfZero(cost.HourOf(name))
		if c.MFU == nil && cost.MFUOf(name) > 0 {
			c.MFU, c.From = new(cost.MFUOf(name)), "stated"
		}
	}
	if c.Watts == nil && c.spec != nil {
		c.Watts, c.AtMost = &c.spec.TDPW, true
	}
	if t.FLOPs != nil && c.MFU != nil && c.spec != nil {
		c.GPUHours = new(*t.FLOPs / (*c.MFU * c.spec.BF16) / 3600)
	}
	return c
}

// priced adds what the GPU-hours come to.
func (c TypeCost) priced() TypeCost {
	if c.GPUHours != nil && c.Watts != nil {
		c.KWh = new(*c.GPUHours * *c.Watts / 1000)
	}
	if c.GPUHours != nil && c.HourPrice != nil {
		c.Price = new(*c.GPUHours * *c.HourPrice)
	}
	return c
}

// typeUse is what runs made of GPUs of one type.
type typeUse struct {
	name       string // as the driver gives it
	mfu, watts mean   // by GPU-hours
	runs       int    // that have an MFU
	of         []string
}

// maxMeasured is how many runs are read for it at most.
const maxMeasured = 24

// measure reads the use of GPUs by runs of the plan, and then of others in the store, by
// type. A run on several types tells of none. own are those of the plan, by id.
func measure(s *store.Store, p *experiments.Plan, records []store.Record) (seen map[string]*typeUse, own map[string]Use) {
	seen = map[string]*typeUse{}
	left := maxMeasured
	add := func(of *experiments.Plan, records []store.Record) map[string]Use {
		done := slices.DeleteFunc(slices.Clone(records), func(r store.Record) bool { return r.Status != store.Done })
		done = done[:min(len(done), left)]
		left -= len(done)
		all, _, _ := readUses(of, done)
		for _, id := range sortedKeys(all) {
			noteType(seen, all[id], of.Experiment)
		}
		return all
	}
	if p.GPUs > 0 {
		own = add(p, records)
	}
	for _, other := range nearest(s, p, func(o *experiments.Plan) bool { return o.GPUs > 0 && o.Experiment != p.Experiment }) {
		if runs, err := s.Records(other.Experiment); err == nil && left > 0 {
			add(other, runs)
		}
	}
	return seen, own
}

// noteType adds what one run made of its GPUs.
func noteType(seen map[string]*typeUse, u Use, experiment string) {
	if len(u.Names) == 0 || u.Names[0] == "" || slices.ContainsFunc(u.Names, func(n string) bool { return n != u.Names[0] }) {
		return
	}
	short := gpu.ShortName(u.Names[0])
	m := seen[short]
	if m == nil {
		m = &typeUse{name: u.Names[0]}
		seen[short] = m
	}
	if u.KWh != nil && u.ReadHours > 0 {
		m.watts.add(new(*u.KWh/u.ReadHours*1000), u.ReadHours)
	}
	if u.MFU != nil && *u.MFU > 0 && MFUCanBe(*u.MFU) {
		m.mfu.add(u.MFU, u.Hours)
		if m.runs++; !slices.Contains(m.of, experiment) {
			m.of = append(m.of, experiment)
		}
	}
}

// flopsOfRuns are those of all runs, or of the ones that are not done, of a live one the
// part that is still to come; NaN: nobody knows.
func flopsOfRuns(p *experiments.Plan, records []store.Record, own map[string]Use, all bool) float64 {
	each := flopsOf(p, records, own)
	takes := expected(p, records)
	byID := map[string]store.Record{}
	for _, r := range records {
		byID[r.ID] = r
	}
	sum := 0.0
	for _, run := range p.Runs() {
		share := 1.0
		switch r := byID[run.ID]; {
		case all:
		case r.Status == store.Done:
			continue
		case r.Status == store.Running, r.Status == store.Stalled:
			if t := takes[run.Cell]; t > 0 {
				share = max(0, 1-r.Seconds/t)
			}
		}
		sum += share * each[run.Cell]
	}
	return sum
}

// flopsOf are the FLOPs of a run of each cell: as its recipe estimates them; of a
// command, those of its model for the tokens that the done runs of the cell trained, or
// else of all, or that a parameter says.
func flopsOf(p *experiments.Plan, records []store.Record, own map[string]Use) map[string]float64 {
	each := make(map[string]float64, len(p.Cells))
	byCell, all := map[string][]float64{}, []float64{}
	for _, r := range records {
		if n := tokensOf(r, own); n > 0 && r.Status == store.Done {
			byCell[r.Cell], all = append(byCell[r.Cell], n), append(all, n)
		}
	}
	for i, c := range p.Cells {
		switch {
		case len(p.FLOPs) == len(p.Cells):
			each[c.Name] = p.FLOPs[i]
		case p.Model == nil:
			each[c.Name] = math.NaN()
		case len(byCell[c.Name]) > 0:
			each[c.Name] = p.Model.FLOPsPerToken() * stats.Mean(byCell[c.Name])
		case c.Params.Float("tokens") > 0:
			each[c.Name] = p.Model.FLOPsPerToken() * c.Params.Float("tokens")
		default:
			each[c.Name] = p.Model.FLOPsPerToken() * stats.Mean(all) // NaN of none
		}
	}
	return each
}

// tokensOf are the tokens that a run trained: as it reports them, or by its rate; 0 where
// nobody knows.
func tokensOf(r store.Record, own map[string]Use) float64 {
	for _, name := range []string{"tokens", "train/tokens"} {
		if v := r.Metrics[name]; v > 0 && !math.IsInf(v, 0) {
			return v
		}
	}
	if u := own[r.ID]; u.TokensPerS != nil {
		return *u.TokensPerS * r.Seconds
	}
	return 0
}
