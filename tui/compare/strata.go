package compare

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
	"ablate/tui/table"
)

// strata are the kinds of tasks in full: where the difference is.
type strata struct {
	table table.Table
	flips *report.Flips
	kinds map[string]report.Stratum
	names [2]string // of the sides
	scale forest
}

// strataHead is how many lines stand above the table.
const strataHead = 1

// openStrata shows the kinds of tasks.
func (p *Compare) openStrata() tea.Cmd {
	switch {
	case p.data == nil || p.data.Chosen == nil:
		return page.Answer("nothing is compared yet")
	case p.data.Detail.Flips == nil:
		return page.Answer("no tasks to sort by kind: " + p.data.Detail.NoFlips)
	case unsorted(p.data.Detail.Flips):
		return page.Answer("these tasks are of no kinds: enter lists those that flipped")
	}
	p.strata = &strata{}
	p.strata.take(p)
	return nil
}

// unsorted is true where nobody sorted the tasks by kind.
func unsorted(f *report.Flips) bool { return len(f.Strata) == 1 && f.Strata[0].Name == "" }

// take brings in the kinds as they are now.
func (s *strata) take(p *Compare) {
	s.flips, s.kinds = p.data.Detail.Flips, map[string]report.Stratum{}
	s.names = [2]string{"A", p.data.Sides[p.side()].Letter}
	s.table.Empty = p.data.Detail.NoFlips
	s.scale = forest{}
	var ids []string
	if s.flips != nil {
		for _, k := range s.flips.Strata {
			ids = append(ids, k.Name)
			s.kinds[k.Name] = k
			s.scale.add(k.Diff)
		}
	}
	s.table.SetColumns(s.columns())
	s.table.SetRows(ids)
}

func (s *strata) columns() []table.Column {
	number := func(key, head string, priority int, of func(report.Stratum) string) table.Column {
		return table.Column{Key: key, Head: head, Priority: priority, Right: true, Cell: func(id string) string { return of(s.kinds[id]) }}
	}
	count := func(n int) string { return fmt.Sprint(n) }
	a, b := s.names[0], s.names[1]
	const longest = 24 // that a name of a kind takes before columns go
	nameW := 12
	for name := range s.kinds {
		nameW = max(nameW, min(look.Width(look.Harmless(name)), longest))
	}
	return []table.Column{
		{Key: "kind", Head: "kind of task", Width: nameW, Min: nameW, Cell: func(id string) string {
			if id == "" {
				return "of no kind"
			}
			return look.Harmless(id)
		}},
		number("tasks", "tasks", 2, func(k report.Stratum) string { return count(k.Tasks) }),
		number("a", a, 3, func(k report.Stratum) string { return report.Decimals(k.A) }),
		number("b", b, 3, func(k report.Stratum) string { return report.Decimals(k.B) }),
		number("diff", b+" - A", 1, func(k report.Stratum) string {
			return report.Contrast{Metric: s.flips.Metric, Effect: k.Diff}.Text()
		}),
		number("gained", "gained", 4, func(k report.Stratum) string { return count(k.Gained) }),
		number("lost", "lost", 4, func(k report.Stratum) string { return count(k.Lost) }),
		{Key: "plot", Head: s.scale.head(), Width: forestCells, Min: forestCells, Priority: 5, Cell: func(id string) string { return s.scale.line(s.kinds[id].Diff) }},
	}
}

func (s *strata) keys(p *Compare) []page.Key {
	keys := []page.Key{
		{Keys: "enter", Name: "flips", Hint: "flips", Help: "the tasks that flipped, with the programs where they were kept", Do: p.openTasks},
		{Keys: "H", Hint: "all of it", Help: "back to the comparison", Do: page.Do(func() { p.strata = nil })},
		{Keys: "]", Name: "next side", Help: "the next side against A", Do: func() tea.Cmd { return p.turnSide(1) }},
		{Keys: "[", Name: "side before", Help: "the side before against A", Do: func() tea.Cmd { return p.turnSide(-1) }},
	}
	return append(keys, page.Moves(&s.table, nil)...)
}

// view draws the table between what was counted and the verdict.
func (s *strata) view(p *Compare, l look.Look, w, h int) []string {
	p.places = nil
	if s.flips == nil {
		return look.Box([]string{"", " " + p.data.Detail.NoFlips}, w, h)
	}
	f := s.flips
	of := report.Count(f.Tasks, "task")
	if f.Seeds > 1 {
		of += fmt.Sprintf(" × %d seeds", f.Seeds)
	}
	head := fmt.Sprintf(" %s by kind of task  %s gained %d  lost %d", look.Harmless(report.ShortName(f.Metric)), s.names[1], f.Gained, f.Lost)
	if look.Width(head)+5+look.Width(of) <= w {
		head += "  of " + of
	}
	lines := []string{l.Bold.Render(look.Fit(head, w))}
	verdict := p.verdict(l, w, verdictRoom(h))
	note := l.Muted.Render(look.Fit(" each interval by itself: of many, some miss 0 by chance", w))
	room := max(h-len(lines)-len(verdict)-1, 1)
	n := min(len(f.Strata)+1, room)
	lines = append(lines, s.table.View(l, w, n)...)
	lines = append(lines, note)
	lines = look.Box(lines, w, h-len(verdict))
	return look.Box(append(lines, verdict...), w, h)
}
