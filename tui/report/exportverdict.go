package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// sentence is the verdict on a study in one sentence, and of what it speaks.
func (s *study) sentence() string {
	done, planned := s.done()
	base, metric := s.compared.Sides[0].Units[0], ShortName(s.compared.Metric)
	against := s.against()
	switch {
	case done == 0:
		return fmt.Sprintf("No run is done yet, of %s.", Count(planned, "run"))
	case !s.hasResults() && done == planned:
		return fmt.Sprintf("All of %s are done, and none has a result in %s.", Count(planned, "run"), metric)
	case !s.hasResults():
		return fmt.Sprintf("No cell has a result in %s yet.", metric)
	case len(against) == 0:
		return fmt.Sprintf("One cell, and nothing to set it against: %s in %s.", s.meanWords(base), metric)
	case !s.picked:
		return fmt.Sprintf("Nobody said whether more or less %s is better; every cell is set against %s, with %s.", metric, base.Label, s.meanWords(base))
	}
	label := base.Label
	if len(s.plan.Axes) > 1 {
		label += " (" + strings.Join(s.plan.Axes, "×") + ")"
	}
	text := fmt.Sprintf("%s is ahead in %s with %s", label, metric, s.meanWords(base))
	if next := s.compared.Sides[1].Units[0]; s.level() {
		text = fmt.Sprintf("%s and %s have the best mean of %s, %s", label, next.Label, metric, s.meanWords(base))
	}
	return fmt.Sprintf("%s: %s.%s", text, strings.Join(s.shares(against), "; "), levelOf(against))
}

// level reports whether no cell is better by its mean than the next one.
func (s *study) level() bool {
	return s.means[s.compared.Sides[0].Units[0]].Mean == s.means[s.compared.Sides[1].Units[0]].Mean
}

// shares say against how many cells there is which verdict.
func (s *study) shares(against []Contrast) (parts []string) {
	n := map[string]int{}
	for _, x := range against {
		switch {
		case x.resultless():
			n["resultless"]++
		case x.Refused != "":
			n["refused"]++
		default:
			n[x.Verdict]++
		}
	}
	say := func(count int, format, after string) {
		if count > 0 {
			parts = append(parts, fmt.Sprintf(format, ofOthers(count, len(against)))+after)
		}
	}
	say(n[Worse], "better than %s", "")
	say(n[Better], "by its mean, not seed by seed, against %s", "")
	say(n[Equivalent], "equivalent to %s", " within "+against[0].size(s.compared.Margin))
	could := ""
	if x := against[0]; x.Verdict == NoEvidence && !math.IsNaN(x.MDE()) {
		could = fmt.Sprintf(", which against %s %s", s.compared.Sides[1].Label, strings.Trim(couldSee(x.MDE(), IsRate(x.Metric)), " ()"))
	}
	if every := len(against); n[NoEvidence] == every && every > 1 {
		return []string{fmt.Sprintf("no evidence of a difference from any of the %d others%s", every, could)}
	}
	say(n[NoEvidence], "no evidence of a difference from %s", could)
	say(n["refused"], "no verdict against %s, whose data or evaluation are others", "")
	say(n["resultless"], "no result in %s", "")
	return parts
}

// resultless is true where one of the two cells has no run that is done: then nothing was
// compared, which is less than to find no evidence.
func (x *Contrast) resultless() bool { return x.SeedsA == 0 || x.SeedsB == 0 }

// levelOf says of what comparisons speak, in a sentence.
func levelOf(against []Contrast) string {
	for _, x := range against[1:] {
		if x.Level() == against[0].Level() {
			continue
		}
		if slices.ContainsFunc(against, func(x Contrast) bool { return x.Seeds == 1 }) {
			return " Where there is one seed, this speaks of two checkpoints, not of two recipes."
		}
		least, most := against[0].Seeds, against[0].Seeds
		for _, x := range against {
			least, most = min(least, x.Seeds), max(most, x.Seeds)
		}
		if least < most {
			return fmt.Sprintf(" Recipe level, %d to %d seeds.", least, most)
		}
		return fmt.Sprintf(" Recipe level, %d seeds.", most)
	}
	level := against[0].Level()
	return " " + strings.ToUpper(level[:1]) + level[1:] + "."
}

// ofOthers is "the other cell", "all 5 others" or "3 of the 5 others".
func ofOthers(n, all int) string {
	switch {
	case all == 1:
		return "the other cell"
	case n == all:
		return fmt.Sprintf("all %d others", all)
	}
	return fmt.Sprintf("%d of the %d others", n, all)
}

// meanWords are a mean with its interval.
func (s *study) meanWords(u *Unit) string {
	m := s.means[u]
	if interval := span(m.Lo, m.Hi); interval != "–" {
		return number(m.Mean) + " " + interval
	}
	return number(m.Mean)
}

// verdictTable is every cell against the baseline.
func (s *study) verdictTable() Table {
	against := s.against()
	if len(against) == 0 {
		return Table{}
	}
	p := ">p"
	if n := against[0].Family; n > 1 {
		p = fmt.Sprintf(">p (Holm over %d)", n)
	}
	t := Table{Head: []string{strings.Join(s.plan.Axes, "×"), ">less " + s.compared.Sides[0].Label, ">95 % interval", p, ">could have seen", "against " + s.compared.Sides[0].Label}}
	for i, x := range against {
		row := []string{s.compared.Sides[i+1].Label, "–", "–", "–", "–", x.Word()}
		if x.resultless() {
			row[5] = "no result"
		}
		if why := x.nothing(); why != "" && row[5] == "" {
			row[5] = why
		}
		if finite(x.Mean) != nil {
			row[1] = x.Amount(x.Mean)
		}
		if finite(x.Lo) != nil && x.Lo != x.Hi {
			row[2] = x.bracketed(x.Lo, x.Hi)
		}
		if !math.IsNaN(x.PHolm) {
			row[3] = pText(x.PHolm)
		}
		if !math.IsNaN(x.MDE()) {
			row[4] = mdeText(x.MDE(), IsRate(x.Metric))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// notes are the comparisons in words, and how to read them.
func (s *study) notes() (lines []string) {
	const most = 12
	against := s.against()
	for _, x := range against[:min(most, len(against))] {
		lines = append(lines, x.Words)
	}
	if more := len(against) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("%s more: the table has them", Count(more, "comparison")))
	}
	if s.picked && len(against) > 0 && !s.level() {
		lines = append(lines, fmt.Sprintf("%s was picked after looking, as the best mean: the best of several cells looks better than it is, the more so the nearer they are", s.compared.Sides[0].Label))
	}
	return lines
}

// flips are the tasks that came out otherwise in the cell behind the baseline, by
// their kind.
func (s *study) flips() (title string, t Table, err error) {
	if s.compared.Chosen == nil {
		return "", t, nil
	}
	units := s.compared.Chosen.Units
	f, _, err := s.comparer.flips(units[0], units[1], s.compared.Metric, s.plan.Objective.Metric)
	if f == nil || err != nil {
		return "", t, err
	}
	a, b := units[0].Label, units[1].Label
	x := Contrast{Metric: f.Metric}
	t.Head = []string{"kind of task", ">tasks", fmt.Sprintf(">%s less %s", b, a), ">95 % interval", ">more often by " + a, ">more often by " + b}
	for _, k := range f.Strata {
		interval := "–"
		if finite(k.Diff.Lo) != nil && k.Diff.Lo != k.Diff.Hi {
			interval = x.bracketed(k.Diff.Lo, k.Diff.Hi)
		}
		t.Rows = append(t.Rows, []string{k.Name, fmt.Sprint(k.Tasks), x.Amount(k.Change), interval, fmt.Sprint(k.Lost), fmt.Sprint(k.Gained)})
	}
	over := ""
	if f.Seeds > 1 {
		over = fmt.Sprintf(", over %d seeds", f.Seeds)
	}
	return fmt.Sprintf("%s against %s in %s%s: of %s %d are solved more often by %s, %d more often by %s, %d alike and %d by neither; the intervals are each by itself",
		b, a, ShortName(f.Metric), over, Count(f.Tasks, "task"), f.Lost, a, f.Gained, b, f.Both, f.Neither), t, nil
}

// costTable is what the runs of each cell took.
func (s *study) costTable() (Table, error) {
	var t Table
	names := make([]string, len(s.units))
	d := CompareDetail{}
	for i, u := range s.units {
		cost, err := s.comparer.cost(u, s.plan.Model)
		if err != nil {
			return t, err
		}
		names[i], d.Cost = u.Label, append(d.Cost, cost)
	}
	t.Head, t.Rows = []string{strings.Join(s.plan.Axes, "×")}, make([][]string, len(names))
	for i, name := range names {
		t.Rows[i] = []string{name}
	}
	for _, line := range d.CostLines() {
		t.Head = append(t.Head, ">"+line[0])
		for i := range names {
			t.Rows[i] = append(t.Rows[i], line[i+1])
		}
	}
	return t, nil
}
