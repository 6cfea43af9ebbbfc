package form

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// maxCellLines is how many lines the cells take before the rest is counted.
const maxCellLines = 16

// viewPreview is what comes of the draft, from the line that was scrolled to.
func (f *Form) viewPreview(l look.Look, w, h int) []string {
	lines := f.consequences(l, w)
	from := min(f.scroll, max(len(lines)-h, 0))
	if f.preview && w < f.width { // beside the fields: it has the keys
		lines[from] = l.Cursor.Render(look.Fit(ansi.Strip(lines[from]), w))
	}
	if more := len(lines) - from - h; more > 0 && h > 1 {
		lines = append(slices.Clone(lines[from:from+h-1]), l.Muted.Render(fmt.Sprintf(" %d more lines", more+1)))
		from = 0
	}
	return look.Box(lines[from:], w, h)
}

// consequences are the runs, what they take, the cells and the difference.
func (f *Form) consequences(l look.Look, w int) []string {
	o := f.seen
	var lines []string
	tell := func(style func(...string) string, text string) {
		for _, t := range look.Wrap(look.Harmless(text), w-2) {
			lines = append(lines, " "+style(t))
		}
	}
	switch {
	case o.plan != nil:
		tell(l.Bold.Render, f.runs())
		tell(l.Bold.Render, f.cost())
		if f.sees != "" {
			tell(l.Bold.Render, f.sees)
		}
		for _, t := range f.news() {
			tell(l.Accent.Render, t)
		}
	case f.absent != "":
		tell(l.Bad.Render, "✗ "+f.absent)
	case len(o.mistakes) == 0 && o.trouble == "":
		tell(l.Muted.Render, "working it out")
	}
	for _, m := range o.mistakes {
		tell(l.Bad.Render, "✗ "+m.Words())
	}
	if o.trouble != "" {
		tell(l.Bad.Render, "✗ "+o.trouble)
	}
	if f.theirs {
		tell(l.Bad.Render, "✗ "+f.from+" changed on disk meanwhile: saving writes what stands here. esc, and e again, begins with theirs")
	}
	for _, t := range o.left {
		tell(l.Accent.Render, t)
	}
	for _, m := range o.warnings {
		tell(l.Accent.Render, "! "+m.Words())
	}
	if o.plan != nil {
		lines = append(lines, "")
		lines = append(lines, f.cells(l, w)...)
	}
	if o.plan != nil && o.trouble == "" {
		lines = append(lines, "")
		lines = append(lines, f.difference(l)...)
	}
	return lines
}

// runs is how many there are, and how many are done already.
func (f *Form) runs() string {
	p, done := f.seen.plan, 0
	for _, c := range f.seen.planned.Cells {
		done += len(c.Done)
	}
	return fmt.Sprintf("%s × %s = %s, %s", report.Count(len(p.Cells), "cell"), report.Count(len(p.Seeds), "seed"), report.Count(len(p.Cells)*len(p.Seeds), "run"), reused(done))
}

// cost is what the runs that are not done will take.
func (f *Form) cost() string {
	e, slots := f.seen.planned.Estimate, report.Count(f.site.Slots, "slot")
	switch {
	case e.Minutes == nil:
		return "how long it takes is not known, " + slots
	case *e.Minutes == 0:
		return "nothing to go, " + slots
	case f.seen.plan.GPUs > 0:
		return fmt.Sprintf("about %s on %s, %.3g GPU-hours", report.Duration(*e.Minutes*60), slots, e.GPUHours)
	}
	return fmt.Sprintf("about %s on %s, no GPU-hours", report.Duration(*e.Minutes*60), slots)
}

// news is what the design runs anew, and the limits that it may go over.
func (f *Form) news() (list []string) {
	if d := f.seen.planned.Difference; d != nil {
		if f.place != page.Edit {
			list = append(list, "the store has runs of an earlier "+f.seen.plan.Experiment)
		}
		for _, words := range d.Words {
			list = append(list, "anew: "+words)
		}
		if len(d.Words) == 0 {
			list = append(list, "nothing is run anew")
		}
	}
	over := func(what string, limit report.Limit, show func(float64) string) {
		if limit.Over != nil && *limit.Over > 0 {
			list = append(list, fmt.Sprintf("may go over the %s by %s", what, show(*limit.Over)))
		}
	}
	p := f.seen.planned.Projected
	number := func(x float64) string { return fmt.Sprintf("%.3g", x) }
	over("wall limit", p.Wall, report.Duration)
	over("run limit", p.Runs, number)
	over("GPU-hour limit", p.GPUHours, number)
	return list
}

// cells are a matrix of two axes, or a list, each with its runs that are done.
func (f *Form) cells(l look.Look, w int) []string {
	if d := f.drawnDraft(); d.Cells == nil && len(d.Axes) == 2 {
		if lines := f.matrix(l, d, w); lines != nil {
			return lines
		}
	}
	p := f.seen.plan
	var lines []string
	for i, c := range p.Cells {
		if i == maxCellLines-1 && len(p.Cells) > maxCellLines {
			lines = append(lines, l.Muted.Render(fmt.Sprintf(" and %d more", len(p.Cells)-i)))
			break
		}
		words := make([]string, len(c.Axes))
		for j, a := range c.Axes {
			words[j] = a.Name + " " + short(a.Value)
		}
		lines = append(lines, " "+f.done(i)+"  "+look.Harmless(strings.Join(words, "  ")))
	}
	return lines
}

// drawnDraft is the draft that the outcome is of, as good as it is known.
func (f *Form) drawnDraft() *experiments.Draft {
	if f.typing.on && f.typing.draft != nil {
		return f.typing.draft
	}
	return f.draft
}

// done is how many of a cell's runs are.
func (f *Form) done(cell int) string {
	n := 0
	if cell < len(f.seen.planned.Cells) {
		n = len(f.seen.planned.Cells[cell].Done)
	}
	return fmt.Sprintf("%d/%d", n, len(f.seen.plan.Seeds))
}

// matrix has a row for each value of the first axis; nil where it does not fit or
// is not of this outcome.
func (f *Form) matrix(l look.Look, d *experiments.Draft, w int) []string {
	rows, columns := d.Axes[0], d.Axes[1]
	if len(rows.Values)*len(columns.Values) != len(f.seen.plan.Cells) || len(rows.Values) > maxCellLines {
		return nil
	}
	head := look.Harmless(rows.Name + " × " + columns.Name)
	first, width := look.Width(head), len(f.done(0))
	for _, v := range rows.Values {
		first = max(first, look.Width(short(v)))
	}
	for _, v := range columns.Values {
		width = max(width, look.Width(short(v)))
	}
	if first+1+len(columns.Values)*(width+2) > w {
		return nil
	}
	var line strings.Builder
	line.WriteString(" " + l.Muted.Render(look.Fit(head, first)))
	for _, v := range columns.Values {
		line.WriteString("  " + right(look.Harmless(short(v)), width))
	}
	lines := []string{line.String()}
	for i, v := range rows.Values {
		var line strings.Builder
		line.WriteString(" " + look.Fit(look.Harmless(short(v)), first))
		for j := range columns.Values {
			line.WriteString("  " + right(f.done(i*len(columns.Values)+j), width))
		}
		lines = append(lines, line.String())
	}
	return lines
}

func right(text string, w int) string { return strings.Repeat(" ", max(w-look.Width(text), 0)) + text }

// difference is the change of the file as it will be written.
func (f *Form) difference(l look.Look) []string {
	if len(f.seen.diff) == 0 {
		return []string{l.Muted.Render(" the experiment file stays as it is")}
	}
	name := filepath.Base(f.site.Path)
	if f.seen.fresh {
		name += ", which is new; what ships stays in the list"
	}
	lines := []string{" " + l.Bold.Render(look.Harmless(name))}
	for _, d := range f.seen.diff {
		text := look.Harmless(strings.ReplaceAll(d.Text, "\t", "    "))
		switch d.Sign {
		case '+':
			lines = append(lines, " "+l.Good.Render("+"+text))
		case '-':
			lines = append(lines, " "+l.Bad.Render("-"+text))
		case '@':
			lines = append(lines, " "+l.Muted.Render(text))
		default:
			lines = append(lines, " "+string(d.Sign)+text)
		}
	}
	return lines
}
