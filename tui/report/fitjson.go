package report

import (
	"ablate/experiments"
	"ablate/experiments/stats"
)

// FitsDoc is what `fit EXP --json` prints. What nobody knows is null.
type FitsDoc struct {
	Experiment string    `json:"experiment"`
	Metric     string    `json:"metric"`
	Curves     []fitDoc  `json:"curves"`
	Diversity  *gammaDoc `json:"diversity"`
	Published  []fitDoc  `json:"published"`
	LeftOut    []LeftOut `json:"left_out"`
}

type fitDoc struct {
	Axis      string             `json:"axis"`
	Held      experiments.Params `json:"held"`
	Name      string             `json:"name,omitempty"` // of a published one
	Source    string             `json:"source,omitempty"`
	Quantity  string             `json:"quantity"`
	Points    []fitPointDoc      `json:"points"`
	Exponents []exponentDoc      `json:"exponents"`
	Laws      []lawDoc           `json:"laws"`
	Law       *string            `json:"law"` // the one that was chosen
	Holds     bool               `json:"holds"`
	Beyond    []beyondDoc        `json:"beyond"`
	NotBeyond *string            `json:"not_beyond"` // why there is none
	Draws     int                `json:"draws"`
	Seed      uint64             `json:"seed"`
	Words     string             `json:"words"`
	IsAtMost  bool               `json:"at_most"`
}

type fitPointDoc struct {
	X    float64     `json:"x"`
	Mean *float64    `json:"mean"`
	CI   *[2]float64 `json:"ci"`
	Y    *float64    `json:"y"`
	Runs int         `json:"runs"`
	N    int         `json:"n"`
	Miss *float64    `json:"residual"`
}

type exponentDoc struct {
	From  float64     `json:"from"`
	To    float64     `json:"to"`
	Value *float64    `json:"value"`
	CI    *[2]float64 `json:"ci"`
}

type lawDoc struct {
	Law   string      `json:"law"`
	E     *float64    `json:"e"`
	ECI   *[2]float64 `json:"e_ci"`
	A     *float64    `json:"a"`
	Alpha *float64    `json:"alpha"`
	CI    *[2]float64 `json:"alpha_ci"`
	Score *float64    `json:"left_out_error"`
}

type beyondDoc struct {
	X    float64     `json:"x"`
	Mean *float64    `json:"mean"`
	CI   *[2]float64 `json:"ci"`
}

type gammaDoc struct {
	Gamma   *float64    `json:"gamma"`
	By      *string     `json:"by"`
	CI      *[2]float64 `json:"gamma_ci"`
	Alpha   *float64    `json:"alpha"`
	AlphaCI *[2]float64 `json:"alpha_ci"`
	E       *float64    `json:"e"`
	Points  int         `json:"cells"`
	Draws   int         `json:"draws"`
	Seed    uint64      `json:"seed"`
	Words   string      `json:"words"`
}

func (f *Fits) document() FitsDoc {
	doc := FitsDoc{Experiment: f.Plan.Experiment, Metric: f.Metric, Curves: []fitDoc{}, Published: []fitDoc{}, LeftOut: append([]LeftOut{}, f.LeftOut...)}
	for _, c := range f.Curves {
		doc.Curves = append(doc.Curves, c.document())
	}
	for _, c := range f.Published {
		doc.Published = append(doc.Published, c.document())
	}
	if d := f.Diversity; d != nil {
		doc.Diversity = &gammaDoc{Points: d.Points, Draws: d.Draws, Seed: d.Seed, Words: d.Words()}
		if d.Unknown == "" {
			doc.Diversity.Gamma, doc.Diversity.CI = finite(d.Gamma), between(d.GammaLo, d.GammaHi)
			by := "law"
			if doc.Diversity.By = &by; d.ByCurve {
				by = "curve"
				return doc
			}
			doc.Diversity.Alpha, doc.Diversity.AlphaCI, doc.Diversity.E = finite(d.Alpha), between(d.AlphaLo, d.AlphaHi), finite(d.Floor)
		}
	}
	return doc
}

func (c FitCurve) document() fitDoc {
	f := c.Fitted
	doc := fitDoc{
		Axis: c.Axis, Held: experiments.Params{}, Name: c.Name, Source: c.Source, Quantity: c.Quantity, IsAtMost: c.AtMost, Words: f.Words(),
		Points: []fitPointDoc{}, Exponents: []exponentDoc{}, Laws: []lawDoc{}, Beyond: []beyondDoc{}, Draws: f.Draws, Seed: f.Seed,
		Holds: f.Holds(),
	}
	for _, a := range c.Held {
		doc.Held[a.Name] = a.Value
	}
	for i, p := range c.Points {
		one := fitPointDoc{X: p.X, Mean: finite(p.Mean), CI: between(p.Lo, p.Hi), Y: finite(c.turned(p.Mean)), Runs: len(p.Runs), N: p.Tasks}
		if i < len(f.Residuals) {
			one.Miss = finite(f.Residuals[i])
		}
		doc.Points = append(doc.Points, one)
	}
	for _, e := range f.Exponents {
		doc.Exponents = append(doc.Exponents, exponentDoc{e.From, e.To, finite(e.Value), between(e.Lo, e.Hi)})
	}
	for _, l := range f.Laws {
		doc.Laws = append(doc.Laws, lawOf(f, l))
	}
	if f.Unfit == "" {
		name := f.Law.Kind.String()
		doc.Law = &name
	}
	if why := f.Beyond(); why != "" {
		doc.NotBeyond = &why
		return doc
	}
	for _, x := range c.further() {
		mean, lo, hi := c.At(x)
		doc.Beyond = append(doc.Beyond, beyondDoc{x, finite(mean), between(lo, hi)})
	}
	return doc
}

// lawOf has the intervals of the law that was chosen, the only one that was drawn.
func lawOf(f stats.Fitted, l stats.Law) lawDoc {
	doc := lawDoc{Law: l.Kind.String(), Score: finite(l.Score)}
	if l.Kind != stats.Line {
		doc.E = finite(l.E)
	}
	if l.Kind != stats.Constant {
		doc.A, doc.Alpha = finite(l.A), finite(l.Alpha)
	}
	if l.Kind == f.Law.Kind {
		doc.ECI, doc.CI = between(f.FloorLo, f.FloorHi), between(f.AlphaLo, f.AlphaHi)
	}
	return doc
}

// further are the sizes that a law is asked about beyond the largest.
func (c FitCurve) further() []float64 {
	largest := c.Points[len(c.Points)-1].X
	return []float64{2 * largest, 4 * largest}
}
