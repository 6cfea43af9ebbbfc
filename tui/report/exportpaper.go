package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
	"ablate/experiments/reference"
	"ablate/experiments/stats"
	"ablate/experiments/store"
	"ablate/tui/chart"
)

// paper is the report of one experiment in texts, whatever they are written as.
type paper struct {
	Name, Title, Question string
	Sentence              string   // the verdict
	Answers               []string // to the questions of the design
	Facts                 [][2]string
	Fixed                 [][2]string // parameters with one value in all cells
	Cells                 Table
	Verdicts              Table
	Notes                 []string // on the verdicts: each comparison in words, then what else has to be known
	Findings              Table
	FlipsOf               string
	Flips                 Table
	Laws                  []string // along axes
	Cost                  Table
	Prices                []string // of the design
	Types                 Table    // what it takes on types of GPU
	Published             Table
	Origin                [][2]string
	Missing               []string // runs that are not done or not trusted
}

// paper puts a study into words.
func (s *study) paper() (paper, error) {
	p := s.plan
	out := paper{
		Name: p.Experiment, Title: p.Title, Question: p.Question, Sentence: s.sentence(), Facts: s.facts(),
		Cells: s.cellTable(), Verdicts: s.verdictTable(), Notes: s.notes(), Published: publishedTable(p), Origin: s.origin().lines(), Missing: s.missing(),
	}
	if s.see != nil {
		out.Facts = append(out.Facts, [2]string{"resolution", s.see.Words[0]})
	}
	if c := s.cost; c != nil {
		if out.Prices, out.Types = c.lines(), c.table(); len(out.Types.Rows) > 0 {
			out.Prices = append(out.Prices, c.notes()...)
		}
	}
	out.Laws = s.laws()
	if out.Title == "" {
		out.Title = p.Experiment
	}
	fixed, _ := s.params()
	for _, name := range sortedKeys(fixed) {
		if text := fmt.Sprint(fixed[name]); text != "" {
			out.Fixed = append(out.Fixed, [2]string{name, text})
		}
	}
	if len(s.answers) > 0 {
		out.Findings.Head = []string{"", "claim", ">effect", ">95 % interval", ">seeds x tasks", "paper", "verdict"}
		for _, a := range s.answers {
			out.Answers = append(out.Answers, a.standing().Line())
			const minutes = 5
			out.Findings.Rows = append(out.Findings.Rows, slices.Delete(a.row(), minutes, minutes+1))
		}
	}
	var flips, cost error
	out.FlipsOf, out.Flips, flips = s.flips()
	out.Cost, cost = s.costTable()
	out.harmless()
	return out, errors.Join(flips, cost)
}

// harmless leaves out of all texts what turns the direction of those behind it, or moves
// the cursor of a terminal: they come from files, trainers and colleagues.
func (p *paper) harmless() {
	for _, text := range []*string{&p.Name, &p.Title, &p.Question, &p.Sentence, &p.FlipsOf} {
		*text = chart.Harmless(*text)
	}
	rows := [][]string{p.Answers, p.Notes, p.Missing}
	for _, t := range []Table{p.Cells, p.Verdicts, p.Findings, p.Flips, p.Cost, p.Published} {
		rows = append(append(rows, t.Head), t.Rows...)
	}
	for _, pairs := range [][][2]string{p.Facts, p.Fixed, p.Origin} {
		for i := range pairs {
			rows = append(rows, pairs[i][:])
		}
	}
	for _, row := range rows {
		for i, text := range row {
			row[i] = chart.Harmless(text)
		}
	}
}

// facts are the design in names and texts.
func (s *study) facts() [][2]string {
	p := s.plan
	var facts [][2]string
	for _, axis := range p.Axes {
		facts = append(facts, [2]string{axis, strings.Join(s.values(axis), ", ")})
	}
	done, planned := s.done()
	facts = append(facts, [2]string{"runs", fmt.Sprintf("%s x %s = %s, %d done", Count(len(s.units), "cell"), seedCount(p.Seeds), Count(planned, "run"), done)})
	if p.Equal != "" {
		facts = append(facts, [2]string{"equal budget", "the same " + p.Equal + " in every cell"})
	}
	judged := p.Objective.Metric + goalWords(p.Objective.Goal)
	if s.compared.Metric != p.Objective.Metric {
		judged = s.compared.Metric + goalWords(s.compared.Goal) + "; the objective is " + p.Objective.Metric
	}
	facts = append(facts, [2]string{"judged by", judged})
	if s.compared.Margin > 0 {
		x := Contrast{Metric: s.compared.Metric}
		facts = append(facts, [2]string{"equivalent", "within " + x.size(s.compared.Margin)})
	}
	_, differing := s.params()
	if more := slices.DeleteFunc(differing, func(name string) bool { return slices.Contains(p.Axes, name) }); len(more) > 0 {
		facts = append(facts, [2]string{"changes along", strings.Join(more, ", ")})
	}
	if held := p.Holds(); held != "" {
		facts = append(facts, [2]string{"each run holds", held})
	}
	return facts
}

// seedCount is "8 seeds (101 to 108)".
func seedCount(seeds []int64) string {
	which := strings.TrimPrefix(strings.TrimPrefix(seedWords(seeds), "seeds "), "seed ")
	return fmt.Sprintf("%s (%s)", Count(len(seeds), "seed"), which)
}

func goalWords(goal string) string {
	switch goal {
	case experiments.Max:
		return ", more is better"
	case experiments.Min:
		return ", less is better"
	}
	return ", of which nobody said what is better"
}

// cellTable is what each cell came to.
func (s *study) cellTable() Table {
	t := Table{}
	numbers := s.grouped("").numericAxes()
	for _, axis := range s.plan.Axes {
		if slices.Contains(numbers, axis) {
			axis = ">" + axis
		}
		t.Head = append(t.Head, axis)
	}
	course := s.course()
	t.Head = append(t.Head, ">"+ShortName(s.compared.Metric), ">95 % interval", ">sd of seeds", ">seeds", ">tasks tried")
	if course != s.compared.Metric {
		t.Head = append(t.Head, ">"+CourseWord(course))
	}
	t.Head = append(t.Head, ">done")
	for _, u := range s.units {
		var row []string
		for _, axis := range s.plan.Axes {
			row = append(row, orDash(settingText(u.Cell.Axes, axis)))
		}
		m, runs := s.means[u], u.having(s.compared.Metric)
		mean, sd := number(m.Mean), stats.SD(finals(runs, s.compared.Metric))
		if m.TooFew {
			mean, sd = FewSamples, math.NaN()
		}
		row = append(row, mean, span(m.Lo, m.Hi), number(sd), strconv.Itoa(len(runs)), countText(m.Tasks))
		if course != s.compared.Metric {
			row = append(row, number(stats.Mean(finals(u.having(course), course))))
		}
		t.Rows = append(t.Rows, append(row, u.Words()))
	}
	return t
}

// settingText is the value of an axis, "" without one.
func settingText(axes []experiments.Setting, name string) string {
	for _, a := range axes {
		if a.Name == name {
			return fmt.Sprint(a.Value)
		}
	}
	return ""
}

// span is an interval of values, a dash where nothing tells of the spread.
func span(lo, hi float64) string {
	if finite(lo) == nil || finite(hi) == nil || lo == hi {
		return "–"
	}
	return fmt.Sprintf("[%s, %s]", Decimals(lo), Decimals(hi))
}

func countText(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

// missing are the runs that count in nothing, and why.
func (s *study) missing() (lines []string) {
	for _, u := range s.units {
		for _, r := range u.Runs {
			if r.Status != store.Done {
				lines = append(lines, plain(strings.TrimSuffix(fmt.Sprintf("%s is %s: %s", r.ID, r.Status, r.Reason), ": ")))
			}
		}
	}
	for _, l := range s.leftOut {
		lines = append(lines, l.String())
	}
	return lines
}

// publishedTable has the numbers that the design names, with the interval that their number
// of problems implies: each problem counted once, as right or wrong.
func publishedTable(p *experiments.Plan) Table {
	var t Table
	for _, name := range p.References {
		series, ok := reference.Lookup(name)
		if !ok {
			continue
		}
		t.Head = []string{"source", "of", ">at", ">%", ">n", ">95 % from n alone"}
		for _, x := range series.Points {
			value, interval := strconv.FormatFloat(x.Y, 'f', -1, 64), "–"
			if x.Err > 0 {
				value += " ± " + strconv.FormatFloat(x.Err, 'f', -1, 64)
			}
			if _, lo, hi, atMost := PublishedInterval(x); atMost {
				interval = fmt.Sprintf("[%.1f, %.1f]", 100*lo, 100*hi)
			}
			t.Rows = append(t.Rows, []string{series.Cite(), name, x.X, value, countText(x.N), interval})
		}
	}
	return t
}
