package look

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// width is how many columns a line of text has, where it can be helped.
const width = 80

// page is text for people, in the making.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.WriteByte('\n')
}

// title begins a section, after an empty line if anything stands before it.
func (p *page) title(format string, args ...any) {
	if p.Len() > 0 {
		p.WriteByte('\n')
	}
	p.line(format, args...)
}

// table writes rows under a head in columns two spaces apart, two spaces in.
// Columns whose head begins with ">" are set right.
func (p *page) table(head []string, rows [][]string) {
	right := make([]bool, len(head))
	titles := make([]string, len(head))
	for i, h := range head {
		titles[i], right[i] = strings.CutPrefix(h, ">")
	}
	all := append([][]string{titles}, rows...)
	widths := make([]int, len(head))
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if strings.Join(titles, "") == "" {
		all = rows
	}
	for _, row := range all {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			b.WriteString("  ")
			if right[i] {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		p.line("%s", b.String())
	}
}

// prose writes words, indented, in lines of at most width columns.
func (p *page) prose(indent int, text string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && indent+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			p.line("%*s%s", indent, "", line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line("%*s%s", indent, "", line)
}

// code writes a program, indented.
func (p *page) code(indent int, text string) {
	for line := range strings.Lines(text) {
		p.line("%*s%s", indent, "", strings.TrimRight(line, "\n"))
	}
}

// cut shortens a text to n columns, with the number of what a list has left.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-3]) + "..."
}

// percent is a share for people; digits stand after the point.
func percent(share float64, digits int) string { return fmt.Sprintf("%.*f %%", digits, 100*share) }

// plural gives a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// hang writes a label and words after it; further lines stand below the words.
func (p *page) hang(indent int, label, text string) {
	if label != "" {
		label += "  "
	}
	room := width - indent - utf8.RuneCountInString(label)
	var q page
	for part := range strings.SplitSeq(text, ", ") {
		start := max(strings.LastIndexByte(q.String(), '\n')+1, 0)
		used := utf8.RuneCountInString(q.String()[start:])
		if used > 0 && used+2+utf8.RuneCountInString(part)+1 > room {
			q.WriteString(",\n")
		} else if used > 0 {
			q.WriteString(", ")
		}
		q.WriteString(part)
	}
	for line := range strings.Lines(q.String()) {
		p.line("%*s%s%s", indent, "", label, strings.TrimSuffix(line, "\n"))
		label = strings.Repeat(" ", utf8.RuneCountInString(label))
	}
}
