package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
)

// Compare is `compare A B...`: the verdict, side by side.
func Compare(w io.Writer, s *store.Store, o CompareOptions, force, asJSON bool) error {
	c := NewComparer(s)
	o.Force = force
	out, err := c.Compare(o)
	if err == nil && o.Metric != "" {
		err = out.unknownMetric()
	}
	if out == nil || err != nil {
		return err
	}
	if asJSON {
		doc, err := c.document(out)
		return errors.Join(err, writeJSON(w, doc), out.Unread)
	}
	if o.Markdown {
		_, err := io.WriteString(w, out.Markdown())
		return errors.Join(err, out.Unread)
	}
	return errors.Join(out.write(w), out.Unread)
}

// pageWidth is how wide lines for people are that wrap.
const pageWidth = 100

// write is the comparison for people: what it comes to, then the numbers.
func (c *Comparison) write(w io.Writer) error {
	var b bytes.Buffer
	for _, l := range c.Summary() {
		fmt.Fprintln(&b, wrapped(l, pageWidth))
	}
	fmt.Fprintln(&b)
	for _, s := range c.Sides {
		fmt.Fprintln(&b, plain(s.Letter+"  "+s.Words()))
	}
	for _, t := range c.Tables() {
		fmt.Fprintln(&b)
		if err := table(&b, t.Head, t.Rows); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// wrapped is a line that goes on in further ones, two columns in, where it is too long. It
// breaks at spaces alone, so that "--force" and "-0.8" stay whole.
func wrapped(line string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Split(line, " ") {
		w := ansi.StringWidth(word)
		switch {
		case i == 0:
		case at+1+w > width:
			b.WriteString("\n  ")
			at = 2
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += w
	}
	return b.String()
}

// Words are a side in a line: "quick/1024x1, 3 of 3 runs done".
func (s Side) Words() string {
	done, planned, failed := 0, 0, 0
	for _, u := range s.Units {
		done, planned, failed = done+len(u.Done), planned+u.Planned, failed+u.Count(store.Failed)+u.Count(store.Lost)
	}
	text := s.Name
	if n := len(s.Units); n > 1 {
		text += ", " + Count(n, "cell")
	}
	text += fmt.Sprintf(", %d of %s done", done, Count(planned, "run"))
	if failed > 0 {
		text += fmt.Sprintf(", %d failed or lost", failed)
	}
	return text
}

// Summary are the verdicts and what else has to be known, a line each.
func (c *Comparison) Summary() (lines []string) {
	switch {
	case c.Chosen == nil:
		return append(lines, "no cell of one side has a partner on another: "+c.Alone())
	case len(c.Rows) > 1:
		lines = c.Tally()
	default:
		lines = c.verdicts()
	}
	if len(c.Unmatched) > 0 {
		lines = append(lines, "without a partner: "+c.Alone())
	}
	for _, l := range c.LeftOut {
		lines = append(lines, l.String())
	}
	for _, s := range c.Sides {
		for _, note := range s.Notes {
			lines = append(lines, s.Letter+": "+note)
		}
	}
	for i, l := range lines {
		lines[i] = plainLong(l)
	}
	return lines
}

// verdicts are those of the only row, each with its caveats and tests below it.
func (c *Comparison) verdicts() (lines []string) {
	for i, x := range c.Chosen.Against {
		if i == 0 || x.Lacking {
			continue
		}
		lines = append(lines, ShortName(c.Metric)+": "+x.head)
		for _, text := range []string{strings.TrimPrefix(strings.TrimPrefix(x.Words, x.head), "; "), x.Tests()} {
			if text != "" {
				lines = append(lines, text)
			}
		}
	}
	if f := c.Detail.Flips; f != nil {
		lines = append(lines, f.Words(c.Chosen.Against[c.Detail.Side]))
	}
	return lines
}

// plainLong is plain without its end.
func plainLong(s string) string {
	var parts []string
	for len(s) > 0 {
		n := min(len(s), maxCell/2)
		for n < len(s) && s[n] != ' ' {
			n++
		}
		parts, s = append(parts, plain(s[:n])), s[n:]
	}
	return strings.Join(parts, "")
}

// Tally says in how many cells each side is better than A: "B better in 3 cells,
// worse in 1, no evidence in 8".
func (c *Comparison) Tally() (lines []string) {
	for i := 1; i < len(c.Sides); i++ {
		n := map[string]int{}
		for _, row := range c.Rows {
			if x := row.Against[i]; !x.Lacking {
				n[cmp.Or(x.Word(), "the same runs")]++
			}
		}
		var parts []string
		for _, word := range []string{"better", "better, 1 seed", "worse", "worse, 1 seed", "equivalent", "equivalent, 1 seed",
			"no evidence", "different", "different, 1 seed", "no verdict", "the same runs"} {
			if n[word] > 0 {
				parts = append(parts, fmt.Sprintf("%s in %s", strings.Replace(word, ", 1 seed", " (1 seed)", 1), Count(n[word], "cell")))
			}
		}
		if len(parts) == 0 {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s against %s in %s: %s", c.Sides[i].Letter, c.Sides[0].Letter, ShortName(c.Metric), strings.Join(parts, ", ")))
	}
	if n := c.family(); n > 1 && len(lines) > 0 {
		lines[len(lines)-1] += fmt.Sprintf("; Holm over %d", n)
	}
	return lines
}

// family is how many comparisons the verdicts were corrected for.
func (c *Comparison) family() (n int) {
	for _, row := range c.Rows {
		for _, x := range row.Against[1:] {
			n = max(n, x.Family)
		}
	}
	return n
}

// Words say how many tasks flipped either way.
func (f *Flips) Words(x Contrast) string {
	of := Count(f.Tasks, "task")
	if f.Seeds > 1 {
		of += fmt.Sprintf(" x %d seeds", f.Seeds)
	}
	in := ""
	if f.Metric != x.Metric {
		in = " in " + ShortName(f.Metric)
	}
	return fmt.Sprintf("flips%s over %s: %s gained %d, lost %d; %d alike, %d solved by neither", in, of, x.B, f.Gained, f.Lost, f.Both, f.Neither)
}

// Table is a table of a comparison: heads that begin with ">" are of columns of
// numbers.
type Table struct {
	Head []string
	Rows [][]string
}

// Tables are the matched cells where there are several, and else what differs, the
// metrics and the cost.
func (c *Comparison) Tables() []Table {
	if c.Chosen == nil {
		return nil
	}
	if len(c.Rows) > 1 {
		return []Table{c.cellsTable()}
	}
	tables := []Table{c.sidesTable()}
	if f := c.Detail.Flips; f != nil && len(f.Strata) > 1 {
		tables = append(tables, f.kinds(c.Chosen.Against[c.Detail.Side]))
	}
	return tables
}

// kinds are the flips by kind of task, each kind with its difference.
func (f *Flips) kinds(x Contrast) Table {
	t := Table{Head: []string{"kind of task", ">tasks", ">" + x.B + " gained", ">lost", x.B + " - " + x.A}}
	for _, s := range f.Strata {
		of := Contrast{Metric: f.Metric, Effect: s.Diff}
		t.Rows = append(t.Rows, []string{s.Name, fmt.Sprint(s.Tasks), fmt.Sprint(s.Gained), fmt.Sprint(s.Lost), of.Text()})
	}
	return t
}

func (c *Comparison) cellsTable() Table {
	t := Table{Head: []string{strings.Join(c.Shared, "×")}}
	if len(c.Shared) == 0 {
		t.Head[0] = "cell"
	}
	for _, s := range c.Sides {
		t.Head = append(t.Head, ">"+s.Letter+" "+ShortName(c.Metric))
	}
	for _, s := range c.Sides[1:] {
		t.Head = append(t.Head, s.Letter+" - A", s.Letter, ">could see")
	}
	for _, row := range c.Rows {
		line := []string{row.Label}
		for _, m := range row.Means {
			line = append(line, m.Text())
		}
		for _, x := range row.Against[1:] {
			line = append(line, x.Text(), x.Word(), x.seen())
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// sidesTable is one row in full.
func (c *Comparison) sidesTable() Table {
	t := Table{Head: []string{""}}
	for _, s := range c.Sides {
		t.Head = append(t.Head, ">"+s.Letter)
	}
	for _, s := range c.Sides[1:] {
		t.Head = append(t.Head, s.Letter+" - A")
	}
	add := func(name string, values, rest []string) {
		t.Rows = append(t.Rows, append(append([]string{name}, values...), rest...))
	}
	blank := make([]string, len(c.Sides)-1)
	for _, p := range c.Detail.Params[:c.Detail.Differ] {
		add(p.Name, p.Values, blank)
	}
	for _, m := range c.Detail.Metrics {
		var means, rest []string
		for _, e := range m.Means {
			means = append(means, e.Text())
		}
		for _, x := range m.Against[1:] {
			rest = append(rest, x.Text())
		}
		add(ShortName(m.Metric), means, rest)
	}
	for _, line := range c.Detail.CostLines() {
		add(line[0], line[1:], blank)
	}
	for _, line := range c.PointLines(false) {
		add(line[0], make([]string, len(c.Sides)), line[2:])
	}
	return t
}

// CostLines are what the sides took: a name and a text a side. What there is to say of
// GPUs only where there are some.
func (d CompareDetail) CostLines() [][]string {
	lines := [][]string{{"minutes a run"}, {"core-hours"}, {"GPU-hours"}}
	gpus := 0.0
	var uses []Use
	for _, cost := range d.Cost {
		cost.GPUHours = max(cost.GPUHours, cost.Use.Hours)
		uses = append(uses, cost.Use)
		for i, x := range []float64{cost.Minutes, cost.CoreHours, cost.GPUHours} {
			text := "–"
			if !math.IsNaN(x) {
				text = fmt.Sprintf("%.3g", x)
			}
			lines[i] = append(lines[i], text)
		}
		if cost.GPUHours > 0 {
			gpus += cost.GPUHours
		}
	}
	if gpus == 0 {
		return lines[:2]
	}
	return append(lines, costLines(uses)...)
}

// Markdown is the comparison as text to paste.
func (c *Comparison) Markdown() string {
	var b bytes.Buffer
	for i, line := range c.Summary() {
		if i == 0 {
			line = "**" + line + "**\n"
		} else {
			line = "- " + line
		}
		fmt.Fprintln(&b, line)
	}
	b.WriteString("\n")
	for _, s := range c.Sides {
		fmt.Fprintf(&b, "- %s: %s\n", s.Letter, plain(s.Words()))
	}
	for _, t := range c.Tables() {
		b.WriteString("\n")
		head := make([]string, len(t.Head))
		for i, h := range t.Head {
			head[i] = strings.TrimPrefix(h, ">")
		}
		for _, row := range t.Rows {
			for i := range row {
				row[i] = plain(row[i])
			}
		}
		b.WriteString(MarkdownTable(head, t.Rows))
	}
	return b.String()
}

// Alone names the cells without a partner: some of each side, and how many more
// there are.
func (c *Comparison) Alone() string {
	const most = 8
	shown, more := map[string]int{}, 0
	var words []string
	for _, name := range c.Unmatched {
		side, _, _ := strings.Cut(name, " ")
		if shown[side]++; shown[side] > max(most/len(c.Sides), 2) {
			more++
			continue
		}
		words = append(words, name)
	}
	text := strings.Join(words, ", ")
	if more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}
