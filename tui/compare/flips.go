package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
	"ablate/tui/table"
)

// flipsPane says how many tasks flipped either way, and where.
func (p *Compare) flipsPane(l look.Look, w, h int) []string {
	f := p.data.Detail.Flips
	if f == nil {
		return look.Box([]string{l.Muted.Render(look.Fit(" "+p.marked(paneFlips)+"flips: "+p.data.Detail.NoFlips, w))}, w, h)
	}
	b := p.data.Sides[p.side()].Letter
	of := fmt.Sprintf("of %d tasks", f.Tasks)
	if f.Seeds > 1 {
		of += fmt.Sprintf(" × %d seeds", f.Seeds)
	}
	counts := fmt.Sprintf(" %sflips  %s gained %d  lost %d  both %d  neither %d", p.marked(paneFlips), b, f.Gained, f.Lost, f.Both, f.Neither)
	if look.Width(counts)+2+look.Width(of) <= w {
		counts += "  " + of
	}
	lines := []string{l.Bold.Render(look.Fit(counts, w))}
	if h < 3 || unsorted(f) {
		return look.Box(lines, w, h)
	}
	nameW := len("kind of task")
	for _, s := range f.Strata {
		nameW = max(nameW, look.Width(look.Harmless(s.Name)))
	}
	nameW = min(nameW, w/2)
	lines = append(lines, l.Muted.Render(look.Fit(fmt.Sprintf(" %s %6s %6s %6s %s - A", look.Fit("kind of task", nameW), "tasks", "gained", "lost", b), w)))
	for i, s := range f.Strata {
		if room := h - len(lines); room == 1 && i < len(f.Strata)-1 {
			lines = append(lines, l.Muted.Render(fmt.Sprintf(" and %d more: H", len(f.Strata)-i)))
			break
		}
		lines = append(lines, fmt.Sprintf(" %s %6d %6d %6d %6s", look.Fit(look.Harmless(s.Name), nameW), s.Tasks, s.Gained, s.Lost, signed(s.Change)))
	}
	return look.Box(lines, w, h)
}

// signed is a change with its sign; one that rounds to 0 has none.
func signed(x float64) string {
	if math.Abs(x) < 0.0005 {
		return "0.000"
	}
	return fmt.Sprintf("%+.3f", x)
}

// tasks is the list of tasks that flipped, with the programs of the one under the
// cursor.
type tasks struct {
	table table.Table
	flips *report.Flips
	byID  map[string]report.Flip
	names [2]string // of the sides
	task  string    // that the programs are of
	a, b  []store.Sample
	kept  map[string]bool // tasks with a program, which come first; nil: not read yet
}

// tasksHead is how many lines stand above the list.
const tasksHead = 1

// openTasks lists the tasks that flipped.
func (p *Compare) openTasks() tea.Cmd {
	if p.data == nil || p.data.Chosen == nil {
		return page.Answer("nothing is compared yet")
	}
	f := p.data.Detail.Flips
	switch {
	case f == nil:
		return page.Answer("no tasks to list: " + p.data.Detail.NoFlips)
	case len(f.List) == 0:
		return page.Answer("no task flipped")
	}
	p.tasks = &tasks{}
	p.tasks.take(p)
	p.reader.list, p.reader.task = true, ""
	return p.read()
}

// take brings in the flips as they are now, and the programs that were read.
func (t *tasks) take(p *Compare) {
	t.flips = p.data.Detail.Flips
	t.byID = map[string]report.Flip{}
	t.names = [2]string{"A", p.data.Sides[p.side()].Letter}
	var ids []string
	if t.flips != nil {
		for _, f := range t.flips.List {
			ids = append(ids, f.ID)
			t.byID[f.ID] = f
		}
	}
	got, first := p.reader.got, t.kept == nil
	t.kept, t.task, t.a, t.b = got.kept, got.task, got.a, got.b
	slices.SortStableFunc(ids, func(a, b string) int { return rank(t.kept[a]) - rank(t.kept[b]) })
	t.table.Empty = "no task flipped"
	t.table.SetColumns(t.columns())
	t.table.SetRows(ids)
	if first && t.kept != nil {
		t.table.Top()
	}
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

func (t *tasks) columns() []table.Column {
	change := func(f report.Flip) string {
		if f.B > f.A {
			return "gained"
		}
		return "lost"
	}
	score := func(v float64, verdicts []string) string {
		if words := counted(verdicts); words != "" {
			return look.Harmless(words)
		}
		return fmt.Sprintf("%.2f", v)
	}
	order := func(x, y string) int {
		a, b := t.byID[x], t.byID[y]
		return cmp.Compare(a.B-a.A, b.B-b.A)
	}
	head := "task"
	if len(t.kept) > 0 {
		head = fmt.Sprintf("task, %d with programs first", len(t.kept))
	}
	columns := []table.Column{
		{Key: "task", Head: head, Width: 12, Min: 24, Cell: func(id string) string { return look.Harmless(id) }},
		{Key: "change", Head: t.names[1], Priority: 1, Sort: order, Cell: func(id string) string { return change(t.byID[id]) }, Paint: func(l look.Look, id, text string) string {
			if f := t.byID[id]; f.B > f.A {
				return l.Good.Render(text)
			}
			return l.Bad.Render(text)
		}},
		{Key: "a", Head: t.names[0], Priority: 2, Cell: func(id string) string { return score(t.byID[id].A, t.byID[id].VerdictsA) }},
		{Key: "b", Head: t.names[1], Priority: 3, Cell: func(id string) string { return score(t.byID[id].B, t.byID[id].VerdictsB) }},
	}
	if t.flips != nil && unsorted(t.flips) {
		return columns
	}
	return append(columns, table.Column{Key: "kind", Head: "kind", Priority: 4, Cell: func(id string) string { return look.Harmless(t.byID[id].Stratum) }})
}

// counted are the verdicts of the seeds: one by one where they are few, else how many
// there are of each, what passed first and then the most frequent: "6 AC 2 WA".
func counted(verdicts []string) string {
	const few = 3
	if len(verdicts) <= few {
		return strings.TrimSpace(strings.Join(verdicts, " "))
	}
	n := map[string]int{}
	for _, v := range verdicts {
		n[v]++
	}
	delete(n, "")
	kinds := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		return cmp.Or(rank(a == "AC")-rank(b == "AC"), n[b]-n[a], cmp.Compare(a, b))
	})
	for i, v := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", n[v], v)
	}
	return strings.Join(kinds, " ")
}

// programs reads those of the task under the cursor.
func (p *Compare) programs() tea.Cmd {
	id := p.tasks.table.Cursor()
	if id == "" || id == p.tasks.task || p.tasks.kept == nil {
		return nil
	}
	p.reader.task = id
	return p.read()
}

func (p *Compare) taskKeys() []page.Key {
	keys := []page.Key{
		{Keys: "o", Name: "sort", Hint: "sort", Help: "sort by the next column", Do: func() tea.Cmd { p.tasks.sort(); return nil }},
		{Keys: "O", Help: "the other way round", Do: func() tea.Cmd {
			key, down := p.tasks.table.Sorted()
			p.tasks.table.Sort(key, !down)
			return nil
		}},
		{Keys: "Y", Name: "copy", Hint: "copy", Help: "copy the list of tasks", Do: p.copyTasks},
	}
	return append(page.Moves(&p.tasks.table, p.programs), keys...)
}

// sort goes on to the next column.
func (t *tasks) sort() {
	all := []string{"", "task", "change", "a", "b", "kind"}
	key, _ := t.table.Sorted()
	t.table.Sort(all[(slices.Index(all, key)+1)%len(all)], false)
}

// copyTasks puts the ids into the clipboard, a line each.
func (p *Compare) copyTasks() tea.Cmd {
	var b strings.Builder
	for _, f := range p.tasks.flips.List {
		word := "gained"
		if f.B < f.A {
			word = "lost"
		}
		fmt.Fprintf(&b, "%s\t%s\n", word, look.Harmless(f.ID))
	}
	return page.Send(page.Copy{Text: b.String(), What: fmt.Sprintf("%d tasks", len(p.tasks.flips.List))})
}

// view draws the list, and the two programs below it or beside it.
func (t *tasks) view(p *Compare, l look.Look, w, h int) []string {
	if t.flips == nil {
		return look.Box([]string{"", " " + p.data.Detail.NoFlips}, w, h)
	}
	p.places = nil
	head := l.Bold.Render(look.Fit(fmt.Sprintf(" %d tasks flipped in %s: %d gained by %s, %d lost", len(t.flips.List),
		look.Harmless(report.ShortName(t.flips.Metric)), t.flips.Gained, t.names[1], t.flips.Lost), w))
	room := h - tasksHead
	if t.kept != nil && len(t.kept) == 0 { // a line says so
		lines := append([]string{head}, t.table.View(l, w, max(room-1, 1))...)
		note := " no program of these tasks was kept"
		return look.Box(append(lines, l.Muted.Render(look.Fit(note, w))), w, h)
	}
	n := min(max(room/2, leastTable), room)
	if w >= wide {
		n = min(max(room/3, leastTable), room)
	}
	lines := append([]string{head}, t.table.View(l, w, n)...)
	if rest := room - n; rest > 1 {
		lines = append(lines, t.both(l, w, rest)...)
	}
	return look.Box(lines, w, h)
}

// both are the programs of both sides for the task under the cursor.
func (t *tasks) both(l look.Look, w, h int) []string {
	id := t.table.Cursor()
	lines := []string{l.Muted.Render(strings.Repeat("─", w))}
	switch {
	case id != t.task:
		lines = append(lines, l.Muted.Render(" reading the programs"))
	case len(t.a)+len(t.b) == 0:
		lines = append(lines, l.Muted.Render(look.Fit(" no program was kept for "+look.Harmless(id)+": an evaluation keeps those of its first tasks", w)))
	default:
		statement := ""
		for _, s := range append(slices.Clone(t.a), t.b...) {
			statement = cmp.Or(statement, s.Statement)
		}
		for _, text := range look.Wrap(look.Harmless(statement), w-2) {
			lines = append(lines, " "+text)
		}
		half := (w - gapWidth) / 2
		room := max(h-len(lines), 0)
		left := look.Box(program(l, t.names[0], t.a, half), half, room)
		right := look.Box(program(l, t.names[1], t.b, w-half-gapWidth), w-half-gapWidth, room)
		lines = append(lines, look.Beside(left, right, l.Muted.Render(" │ "))...)
	}
	return look.Box(lines, w, h)
}

// program are the programs of a side, one below the other.
func program(l look.Look, name string, samples []store.Sample, w int) (lines []string) {
	if len(samples) == 0 {
		return []string{l.Muted.Render(look.Fit(name+" kept none", w))}
	}
	for _, s := range samples {
		head := name + "  " + look.Harmless(s.Verdict)
		if s.Total > 0 {
			head += fmt.Sprintf(" %d/%d", s.Passed, s.Total)
		}
		head += fmt.Sprintf("  step %d", s.Step)
		style := l.Bad
		if s.Verdict == "AC" {
			style = l.Good
		}
		lines = append(lines, style.Render(look.Fit(head, w)))
		for text := range strings.SplitSeq(strings.TrimRight(s.Program, "\n"), "\n") {
			for _, part := range wrap(strings.ReplaceAll(text, "\t", "    "), w) {
				lines = append(lines, look.Fit(part, w))
			}
		}
		for _, pair := range [][2]string{{"in", s.Input}, {"want", s.Want}, {"got", s.Got}, {"error", s.Error}} {
			if pair[1] == "" {
				continue
			}
			for _, part := range wrap(pair[0]+" "+pair[1], w) {
				lines = append(lines, l.Muted.Render(look.Fit(part, w)))
			}
		}
		lines = append(lines, "")
	}
	return lines
}
