package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// markdown writes the report as text to paste.
func (e *exporter) markdown(w io.Writer, names []string) error {
	all, err := e.studies(names, true)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for i, s := range all {
		p, err := s.paper()
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteString("\n")
		}
		p.markdown(&b)
	}
	_, err = b.WriteTo(w)
	return err
}

// markdown is one experiment.
func (p paper) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "# %s\n\n", inline(p.Title))
	if p.Question != "" {
		fmt.Fprintf(b, "%s\n\n", inline(p.Question))
	}
	fmt.Fprintf(b, "**%s**\n", inline(p.Sentence))
	section := func(title, words string, t Table) {
		if len(t.Rows) == 0 {
			return
		}
		fmt.Fprintf(b, "\n## %s\n\n", title)
		if words != "" {
			fmt.Fprintf(b, "%s\n\n", inline(words))
		}
		t.markdown(b)
	}
	list := func(lines []string) {
		for i, l := range lines {
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(b, "- %s\n", inline(l))
		}
	}
	list(p.Answers)
	b.WriteString("\n## Design\n\n")
	pairsMarkdown(b, p.Facts)
	if len(p.Fixed) > 0 {
		words := make([]string, len(p.Fixed))
		for i, x := range p.Fixed {
			words[i] = x[0] + " " + x[1]
		}
		fmt.Fprintf(b, "- fixed: %s\n", inline(strings.Join(words, ", ")))
	}
	section("Cells", "", p.Cells)
	section("Verdicts", "", p.Verdicts)
	list(p.Notes)
	section("Findings", "", p.Findings)
	section("Flips by kind of task", p.FlipsOf, p.Flips)
	if len(p.Laws) > 0 {
		b.WriteString("\n## Laws\n")
		list(p.Laws)
	}
	section("Cost", "", p.Cost)
	section("Cost of the design by type of GPU", "", p.Types)
	list(p.Prices)
	section("Published", "", p.Published)
	b.WriteString("\n## Provenance\n\n")
	pairsMarkdown(b, p.Origin)
	list(p.Missing)
	b.WriteString("\n## Method\n")
	list(method)
}

func pairsMarkdown(b *bytes.Buffer, pairs [][2]string) {
	for _, x := range pairs {
		fmt.Fprintf(b, "- %s: %s\n", inline(x[0]), inline(x[1]))
	}
}

// markdown writes the table; columns of numbers are set right.
func (t Table) markdown(b *bytes.Buffer) {
	head, rule := make([]string, len(t.Head)), make([]string, len(t.Head))
	for i, h := range t.Head {
		text, right := strings.CutPrefix(h, ">")
		if head[i], rule[i] = text, "---"; right {
			rule[i] = "---:"
		}
	}
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		for _, cell := range row {
			rows[i] = append(rows[i], inline(cell))
		}
	}
	b.WriteString(markdownTable(head, rule, rows))
}

// inline is a text in one line in which nothing is markup, as titles and reasons come
// from files and trainers; what is none anyway stays as it is.
func inline(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var b strings.Builder
	for i, c := range []byte(text) {
		before, after := byteAt(text, i-1), byteAt(text, i+1)
		switch {
		case c == '\\', c == '`', c == '*',
			c == '_' && !(wordly(before) && wordly(after)),
			c == '<' && (after > '9' || after == '/' || after == '!'), // a tag
			c == '(' && before == ']',
			i == 0 && strings.IndexByte("#>+-=~", c) >= 0 && !wordly(after):
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// byteAt is a space beyond the ends.
func byteAt(text string, i int) byte {
	if i < 0 || i >= len(text) {
		return ' '
	}
	return text[i]
}

func wordly(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// method is how the numbers were made.
var method = []string{
	"A mean is over seeds. Its 95 % interval speaks of the recipe: of new seeds and, where runs wrote down what became of single tasks, of new tasks as well; both vary, and tasks tried by several seeds are not counted as new ones. With one seed it speaks of new tasks alone.",
	"Two cells are compared task by task and seed by seed, as far as they have these in common. With one seed the interval speaks of two checkpoints, not of two recipes.",
	"p is two-sided, from the interval of the difference, and adjusted by Holm for all comparisons of the table: where nothing differs, any of them is below 0.05 in at most 5 of 100 such tables.",
	"\"Could have seen\" is the least true difference that such a comparison finds in 80 of 100 cases. No evidence of a difference is none of its absence: a smaller one may be there.",
	"Runs that somebody distrusts, failed or never ended count in no mean, and are named. Every number is worked out of the run folders; nothing is written by hand.",
}
