package report

import (
	"math"

	"ablate/experiments"
)

// Compared is what `compare A B --json` prints. With one comparison its keys stand at the
// top, too.
type Compared struct {
	*contrastDoc
	Metric      string        `json:"metric"`
	Sides       []sideDoc     `json:"sides"`
	Comparisons []contrastDoc `json:"comparisons"`
	Unmatched   []string      `json:"unmatched"` // cells without a partner
	LeftOut     []LeftOut     `json:"left_out"`
}

type sideDoc struct {
	Letter string `json:"letter"`
	Name   string `json:"name"`
	Cells  int    `json:"cells"`
	Runs   int    `json:"runs"`
	Done   int    `json:"done"`
}

// contrastDoc is B against A in one cell of each. What nobody worked out is null.
type contrastDoc struct {
	A         meanDoc            `json:"a"`
	B         meanDoc            `json:"b"`
	Axes      experiments.Params `json:"axes,omitempty"` // by which the cells were matched
	Diff      *float64           `json:"diff"`           // B less A
	CI        *[2]float64        `json:"ci"`             // 95 %
	P         *float64           `json:"p"`              // two-sided, of the interval
	PHolm     *float64           `json:"p_holm"`         // adjusted over the family
	Family    int                `json:"family"`         // comparisons with a p
	PSignFlip *float64           `json:"p_sign_flip"`
	PMcNemar  *float64           `json:"p_mcnemar"` // one seed each, tasks right or wrong
	N         int                `json:"n"`         // tasks; 0: the interval is over seeds alone
	Clusters  int                `json:"clusters"`  // of them; 0: none
	Dropped   int                `json:"dropped"`   // tasks that not all runs have
	Seeds     int                `json:"seeds"`
	Paired    bool               `json:"paired"` // by seed
	Failed    failedDoc          `json:"failed"` // runs that ended without a result
	Flips     *flipsDoc          `json:"flips"`
	Strata    []stratumDoc       `json:"strata"` // kinds of tasks
	Bootstrap *Bootstrap         `json:"bootstrap"`
	MDE       *float64           `json:"mde"` // found in 80 of 100 cases
	Equal     *equivalenceDoc    `json:"equivalence"`
	Refused   *string            `json:"refused"` // why there is no verdict
	Verdict   *string            `json:"verdict"` // of B; null: refused, or nobody said which is better
	Words     string             `json:"words"`
	PerPoint  *PointCost         `json:"per_point"` // null: neither is better, or nobody knows what they took
}

type meanDoc struct {
	Side string      `json:"side"`
	Cell string      `json:"cell"`
	Mean *float64    `json:"mean"`
	CI   *[2]float64 `json:"ci"`
	Runs int         `json:"runs"` // that are done
}

type flipsDoc struct {
	Gained  int `json:"gained"`
	Lost    int `json:"lost"`
	Both    int `json:"both"`
	Neither int `json:"neither"`
}

type failedDoc struct {
	A int `json:"a"`
	B int `json:"b"`
}

type stratumDoc struct {
	Name   string      `json:"name"`
	N      int         `json:"n"` // tasks
	Gained int         `json:"gained"`
	Lost   int         `json:"lost"`
	Diff   *float64    `json:"diff"`
	CI     *[2]float64 `json:"ci"`
}

type equivalenceDoc struct {
	Margin float64  `json:"margin"`
	P      *float64 `json:"p"` // of two one-sided tests, adjusted over the family
}

// document is the comparison as JSON has it.
func (c *Comparer) document(out *Comparison) (Compared, error) {
	doc := Compared{
		Metric: out.Metric, Sides: []sideDoc{}, Comparisons: []contrastDoc{},
		Unmatched: append([]string{}, out.Unmatched...), LeftOut: append([]LeftOut{}, out.LeftOut...),
	}
	for _, s := range out.Sides {
		one := sideDoc{Letter: s.Letter, Name: s.Name, Cells: len(s.Units)}
		for _, u := range s.Units {
			one.Runs, one.Done = one.Runs+u.Planned, one.Done+len(u.Done)
		}
		doc.Sides = append(doc.Sides, one)
	}
	for _, row := range out.Rows {
		for i := 1; i < len(row.Units); i++ {
			if row.Against[i].Lacking {
				continue
			}
			one, err := c.contrastDoc(out, row, i)
			if err != nil {
				return doc, err
			}
			doc.Comparisons = append(doc.Comparisons, one)
		}
	}
	if len(doc.Comparisons) == 1 {
		doc.contrastDoc = &doc.Comparisons[0]
	}
	return doc, nil
}

func (c *Comparer) contrastDoc(out *Comparison, row *CompareRow, i int) (contrastDoc, error) {
	a, b := row.Units[0], row.Units[i]
	x := row.Against[i]
	if err := c.test(&x, a, b); err != nil {
		return contrastDoc{}, err
	}
	d := contrastDoc{
		A: meanOf(row, 0, out.Sides[0]), B: meanOf(row, i, out.Sides[i]), Diff: finite(x.Mean), CI: between(x.Lo, x.Hi),
		P: finite(x.P()), PHolm: finite(x.PHolm), Family: x.Family, PSignFlip: finite(x.PFlip), PMcNemar: finite(x.PMcNemar),
		N: x.Tasks, Clusters: x.Clusters, Dropped: x.Apart, Seeds: x.Seeds, Paired: x.Pairing == bySeed,
		Failed: failedDoc{x.FailedA, x.FailedB}, Strata: []stratumDoc{}, MDE: finite(x.MDE()), Words: x.Words,
	}
	if !math.IsNaN(x.alone) { // of tasks that all differ alike, too
		d.P = &x.alone
	}
	if x.Verdict != "" {
		d.Verdict = &x.Verdict
	}
	if x.Refused != "" {
		d.Refused = &x.Refused
	}
	if x.Margin > 0 {
		d.Equal = &equivalenceDoc{x.Margin, finite(x.PEquivalent)}
	}
	if len(out.Shared) > 0 {
		d.Axes = experiments.Params{}
		for _, s := range a.Cell.Axes {
			d.Axes[s.Name] = s.Value
		}
	}
	f, _, err := c.flips(a, b, out.Metric, out.Plan.Objective.Metric)
	if f != nil {
		d.Flips = &flipsDoc{f.Gained, f.Lost, f.Both, f.Neither}
		for _, s := range f.Strata {
			d.Strata = append(d.Strata, stratumDoc{s.Name, s.Tasks, s.Gained, s.Lost, finite(s.Diff.Mean), between(s.Diff.Lo, s.Diff.Hi)})
		}
	}
	if err == nil {
		d.Bootstrap, err = c.Bootstrap(x, a, b)
	}
	if err == nil {
		d.PerPoint, err = c.perPoint(out, x, a, b, i)
	}
	return d, err
}

// perPoint is what each point of a difference takes.
func (c *Comparer) perPoint(out *Comparison, x Contrast, a, b *Unit, side int) (*PointCost, error) {
	if x.Verdict != Better && x.Verdict != Worse {
		return nil, nil
	}
	ofA, err := c.cost(a, out.Sides[0].Plan.Model)
	if err != nil {
		return nil, err
	}
	ofB, err := c.cost(b, out.Sides[side].Plan.Model)
	return PerPoint(x, ofA, ofB, out.Cost), err
}

func meanOf(row *CompareRow, i int, s Side) meanDoc {
	e, u := row.Means[i], row.Units[i]
	return meanDoc{Side: s.Name, Cell: u.Cell.Name, Mean: finite(e.Mean), CI: between(e.Spread()), Runs: len(u.Done)}
}

// finite is x, nil where it is no number that JSON has.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func between(lo, hi float64) *[2]float64 {
	if finite(lo) == nil || finite(hi) == nil {
		return nil
	}
	return &[2]float64{lo, hi}
}
