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
	A       meanDoc            `json:"a"`
	B       meanDoc            `json:"b"`
	Axes    experiments.Params `json:"axes,omitempty"` // by which the cells were matched
	Diff    *float64           `json:"diff"`           // B less A
	CI      *[2]float64        `json:"ci"`             // 95 %
	P       *float64           `json:"p"`              // two-sided, of the interval
	N       int                `json:"n"`              // tasks; 0: the interval is over seeds alone
	Seeds   int                `json:"seeds"`
	Paired  bool               `json:"paired"` // by seed
	Flips   *flipsDoc          `json:"flips"`
	MDE     *float64           `json:"mde"`     // found in 80 of 100 cases
	Verdict *string            `json:"verdict"` // of B; null: nobody said which is better
	Words   string             `json:"words"`
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
	x := row.Against[i]
	d := contrastDoc{
		A: meanOf(row, 0, out.Sides[0]), B: meanOf(row, i, out.Sides[i]), Diff: finite(x.Mean), CI: between(x.Lo, x.Hi),
		N: x.Tasks, Seeds: x.Seeds, Paired: x.Pairing == bySeed, P: finite(x.P()), MDE: finite(x.MDE()), Words: x.Words,
	}
	if x.Verdict != "" {
		d.Verdict = &x.Verdict
	}
	if len(out.Shared) > 0 {
		d.Axes = experiments.Params{}
		for _, a := range row.Units[0].Cell.Axes {
			d.Axes[a.Name] = a.Value
		}
	}
	f, _, err := c.flips(row.Units[0], row.Units[i], out.Metric, out.Plan.Objective.Metric)
	if f != nil {
		d.Flips = &flipsDoc{f.Gained, f.Lost, f.Both, f.Neither}
	}
	return d, err
}

func meanOf(row *CompareRow, i int, s Side) meanDoc {
	e, u := row.Means[i], row.Units[i]
	if e.Lo == e.Hi { // no spread tells of none
		e.Lo = math.NaN()
	}
	return meanDoc{Side: s.Name, Cell: u.Cell.Name, Mean: finite(e.Mean), CI: between(e.Lo, e.Hi), Runs: len(u.Done)}
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
