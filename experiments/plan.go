package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Plan is the design of an experiment with every cell resolved, before anything
// runs: the content of plan.json.
type Plan struct {
	Experiment    string     `json:"experiment"`
	Title         string     `json:"title"`
	Question      string     `json:"question"`
	Recipe        string     `json:"recipe"`
	RecipeVersion int        `json:"recipe_version"`
	Argv          []string   `json:"argv,omitempty"` // recipe Command only: the template
	Host          string     `json:"host"`
	Equal         string     `json:"equal"`
	Order         string     `json:"order"`
	Objective     Objective  `json:"objective"`
	Axes          []string   `json:"axes"` // in declared order
	Cells         []Cell     `json:"cells"`
	Seeds         []int64    `json:"seeds"`
	References    []string   `json:"references,omitempty"`
	Findings      []Finding  `json:"findings,omitempty"`
	Limits        Limits     `json:"limits,omitzero"`
	Stop          []StopRule `json:"stop,omitempty"`
	Retry         *Retry     `json:"retry,omitempty"` // nil: as DefaultRetry
	Pause         string     `json:"pause,omitempty"` // of a command; "": PauseHalt
	GPUs          int        `json:"gpus,omitempty"`  // that a run of a command holds
	Placement     *Placement `json:"placement,omitempty"`
	Model         *Model     `json:"model,omitempty"` // nil: nobody said
	// FLOPs estimates one run of each cell; empty if the recipe cannot say.
	FLOPs []float64 `json:"flops,omitempty"`
	// Costs are the FLOPs of one run of each cell by itself, by which the order
	// "cheap" goes: FLOPs leave out what a cell before does for it.
	Costs []float64 `json:"costs,omitempty"`
	Hash  string    `json:"hash"` // 12 hex digits over all of the above but FLOPs and Costs
	// Speed is the recipe's, on this machine.
	Speed float64 `json:"-"`
}

// Plan resolves every cell.
func (e *Experiment) Plan() *Plan {
	p := &Plan{
		Experiment:    e.Name,
		Title:         e.Title,
		Question:      e.Question,
		Recipe:        e.Recipe,
		RecipeVersion: e.recipe.Version,
		Argv:          slices.Clone(e.Argv),
		Host:          e.Host,
		Equal:         e.Equal,
		Order:         e.Order,
		Objective:     e.Objective,
		Axes:          make([]string, len(e.Axes)),
		Cells:         make([]Cell, len(e.points)),
		Seeds:         slices.Clone(e.Seeds),
		References:    slices.Clone(e.References),
		Findings:      slices.Clone(e.Findings),
		Limits:        e.rules.limits,
		Stop:          slices.Clone(e.rules.stop),
		Retry:         e.rules.retry,
		Pause:         e.rules.pause,
		GPUs:          e.rules.gpus,
		Model:         e.rules.model,
		Speed:         e.recipe.Speed,
	}
	if place := e.placement(); !place.empty() {
		p.Placement = &place
	}
	for i, a := range e.Axes {
		p.Axes[i] = a.Name
	}
	done := map[string]bool{} // of what is shared
	for i := range e.points {
		params := e.resolve(i)
		sum := sha256.Sum256([]byte(e.identity(params)))
		digits := hex.EncodeToString(sum[:])
		axes := e.settings(i)
		p.Cells[i] = Cell{Name: cellName(axes, digits), Axes: axes, Params: params, Hash: digits[:hashDigits]}
		if e.recipe.Work != nil {
			p.FLOPs = append(p.FLOPs, e.recipe.work(params, done))
			if e.Order == cheap {
				p.Costs = append(p.Costs, e.recipe.Work(params))
			}
		}
	}
	p.Hash = p.digest()
	return p
}

// digest is the hash of the plan. Every value in it was checked to be one that
// JSON can hold.
func (p *Plan) digest() string {
	q := *p
	q.Hash, q.FLOPs, q.Costs = "", nil, nil
	text, _ := json.Marshal(q)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:12]
}

// Runs are the runs of the plan in the order they should start. They share the
// plan's maps and slices, which nobody may change.
func (p *Plan) Runs() []Run {
	runs := make([]Run, 0, len(p.Cells)*len(p.Seeds))
	for _, t := range p.turns() {
		c := p.Cells[t.cell]
		runs = append(runs, Run{
			ID:            fmt.Sprintf("%s/%s/s%d", p.Experiment, c.Name, t.seed),
			Experiment:    p.Experiment,
			Cell:          c.Name,
			Axes:          c.Axes,
			Params:        c.Params,
			Seed:          t.seed,
			Recipe:        p.Recipe,
			RecipeVersion: p.RecipeVersion,
			Argv:          p.Argv,
			PlanHash:      p.Hash,
		})
	}
	return runs
}

// Work is the estimated FLOPs of every run, in the order of Runs; nil if the
// recipe cannot say.
func (p *Plan) Work() []float64 {
	if len(p.FLOPs) != len(p.Cells) {
		return nil
	}
	work := make([]float64, 0, len(p.Cells)*len(p.Seeds))
	for _, t := range p.turns() {
		work = append(work, p.FLOPs[t.cell])
	}
	return work
}
