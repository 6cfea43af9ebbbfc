package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Standing is what the runs of an experiment say so far to one question, in the
// parts of a line.
type Standing struct {
	Claim  string // "(a) more tasks beat more solutions"; of two cells "2048×1 over 512×4"
	Amount string // "+37.0 points [+28.0, +46.0]"; "" without runs
	Words  string // "holds", "no evidence (could only have seen 8.1 points)", "not run yet"
	Basis  string // what the interval is over: "8 seeds x 1024 tasks"
	Paper  string // what was published, in words; "" for nothing
	Tone   int    // 1: as expected, -1: against it, 0: neither
}

// Line is the standing in one line.
func (s Standing) Line() string {
	return s.Claim + ": " + answer(s.Words, s.Amount)
}

// Brief are standings in one line whose end may be cut, so the answers come first:
// "holds, +37.0 points [+28.0, +46.0]: (a) more tasks beat more solutions"; of two cells
// "2048×1 over 512×4: better, +37.0 points [+28.0, +46.0]"; of several claims "(g1) no
// evidence · (g2) holds, +3.0 points".
func Brief(said []Standing) string {
	parts := make([]string, len(said))
	for i, s := range said {
		letter, _, lettered := strings.Cut(s.Claim, ") ")
		words, aside, more := strings.Cut(s.Words, " (")
		if more {
			aside = " (" + aside
		}
		amount, _, _ := strings.Cut(s.Amount, " [")
		switch lettered = lettered && strings.HasPrefix(letter, "("); {
		case len(said) > 1 && lettered:
			parts[i] = letter + ") " + answer(words, amount)
		case len(said) > 1:
			parts[i] = s.Claim + ": " + answer(words, amount)
		case lettered:
			parts[i] = answer(words, s.Amount) + aside + ": " + s.Claim
		default:
			parts[i] = s.Claim + ": " + answer(words, s.Amount) + aside
		}
	}
	return strings.Join(parts, " · ")
}

// answer is what is said to the claim.
func answer(words, amount string) string {
	if amount == "" {
		return words
	}
	return words + ", " + amount
}

// Standings are what the runs of a plan say to its findings; of one that asks
// nothing, how its two best cells compare, which were picked after looking. Runs
// that somebody distrusts count in nothing. It reads what became of single tasks,
// which takes a while.
func Standings(s *store.Store, p *experiments.Plan, records []store.Record) ([]Standing, error) {
	if len(p.Findings) > 0 {
		x, err := ask(s, p, records, &provenance{})
		out := make([]Standing, len(x.Findings))
		for i, a := range x.Findings {
			out[i] = a.standing()
		}
		return out, err
	}
	records, _, err := trusted(s, p, records)
	if err != nil {
		return nil, err
	}
	e := newEvidence(NewComparer(s), p, records)
	f, ok := bestTwo(e)
	if !ok {
		return nil, nil
	}
	a, err := e.answer(f)
	if err != nil {
		return nil, err
	}
	out := a.standing()
	agree := a.Lo != nil && *a.Lo == *a.Hi && *a.Lo != 0 && a.Tasks < fewTasks
	switch {
	case agree: // a comparison says so, too
		out.Words, out.Tone = "no evidence: all seeds agree to the last digit, and nothing tells of the spread", 0
	case a.found.Equivalence(p.Objective.Margin) < alpha, a.inPoints() && a.found.Unchanged(p.Objective.Margin) < alpha:
		out.Words, out.Tone = "equivalent within "+size(p.Objective.Margin, a.inPoints()), 0
	case a.Verdict == holds:
		out.Words = "better"
	case a.Verdict == opposite: // over the seeds that both have, the other one is ahead
		out.Words = "worse"
	}
	if len(a.Seeds) == 1 {
		out.Words = strings.TrimSuffix(out.Words, ofCheckpoints) + ofCheckpoints
	}
	out.Basis = strings.TrimPrefix(out.Basis+"; the two best, picked after looking", "; ")
	return []Standing{out}, nil
}

// standing puts an answer into words.
func (a *Answer) standing() Standing {
	out := Standing{Claim: plain(a.Claim), Words: a.Words, Paper: plain(a.Paper)}
	if a.Letter != "" {
		out.Claim = "(" + plain(a.Letter) + ") " + out.Claim
	}
	if a.Effect != nil {
		out.Amount = a.amount(*a.Effect)
		if a.inPoints() {
			out.Amount += " points"
		}
		if a.Slope != "" {
			out.Amount += " a doubling"
		}
		if a.Lo != nil {
			out.Amount += " " + a.interval(a.Lo, a.Hi)
		}
		out.Basis = Count(len(a.Seeds), "seed")
		if a.Tasks > 0 {
			out.Basis += fmt.Sprintf(" x %s", Count(a.Tasks, "task"))
		}
		if a.Lo != nil {
			out.Basis += ", 95 %"
		}
	}
	if a.Missing > 0 && a.Effect != nil {
		out.Basis += fmt.Sprintf(", %d of %s to come", a.Missing, Count(a.Needed, "run"))
	}
	switch a.Verdict {
	case holds, nothing:
		out.Tone = 1
	case opposite, something:
		out.Tone = -1
	}
	return out
}

// bestTwo asks how the two cells that are ahead compare: by the same means as those of
// the matrix.
func bestTwo(e *evidence) (experiments.Finding, bool) {
	aim := e.plan.Objective
	in := contest{e, aim.Metric, aim.Goal}
	means := make([]float64, len(e.plan.Cells))
	var cells []int
	for c := range e.plan.Cells {
		if means[c] = in.mean([]int{c}); !math.IsNaN(means[c]) {
			cells = append(cells, c)
		}
	}
	sign, side := -1.0, experiments.Above
	if aim.Goal == experiments.Min {
		sign, side = 1, experiments.Below
	}
	slices.SortStableFunc(cells, func(a, b int) int { return cmp.Compare(sign*means[a], sign*means[b]) })
	if len(cells) < 2 {
		return experiments.Finding{}, false
	}
	plus, minus := e.plan.Cells[cells[0]].Axes, e.plan.Cells[cells[1]].Axes
	return experiments.Finding{
		Claim: CellLabel(plus) + " over " + CellLabel(minus), Metric: aim.Metric, Expect: side,
		Plus: [][]experiments.Setting{plus}, Minus: [][]experiments.Setting{minus},
	}, true
}
