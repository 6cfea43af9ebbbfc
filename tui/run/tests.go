package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// tested is what came of a program on its tests: a table of those that are known,
// or the first that failed.
func tested(l look.Look, x store.Sample, w int) []string {
	if len(x.Tests) == 0 {
		return failed(l, x, w)
	}
	var table []string
	if told := func(t store.SampleTest) bool { return t.Error != "" }; x.Error != "" && !slices.ContainsFunc(x.Tests, told) {
		for _, t := range wrapped(look.Harmless(x.Error), w) {
			table = append(table, l.Bad.Render(t))
		}
		table = append(table, "")
	}
	table = append(table, testTable(l, x.Tests, w)...)
	if n := x.Total - len(x.Tests); n > 0 {
		table = append(table, l.Muted.Render(fmt.Sprintf("and %d more tests", n)))
	}
	return table
}

// testTable has a line for each test, more where a text does not fit its column.
func testTable(l look.Look, tests []store.SampleTest, w int) []string {
	const mark, gap = 4, 2
	rows := [][3]string{{"input", "expected", "got"}}
	for _, t := range tests {
		rows = append(rows, [3]string{look.Harmless(t.Input), look.Harmless(t.Want), gotOf(t)})
	}
	var widths [3]int
	for _, r := range rows {
		for i, text := range r {
			widths[i] = max(widths[i], look.Width(text))
		}
	}
	widths = fitted(widths, w-mark-2*gap)
	var lines []string
	for n, r := range rows {
		lead := look.Fit("", mark)
		if n > 0 {
			lead = verdictMark(l, tests[n-1].Verdict, mark)
		}
		lines = append(lines, testRow(l, lead, r, widths, n == 0)...)
	}
	return lines
}

// fitted are widths that share a room: each has what it needs, and where that is too
// much the widest give way.
func fitted(widths [3]int, room int) [3]int {
	const least = 4
	for widths[0]+widths[1]+widths[2] > room {
		widest := 0
		for i, n := range widths {
			if n > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= least {
			break
		}
		widths[widest]--
	}
	return widths
}

// gotOf is what a program gave, or why it gave nothing.
func gotOf(t store.SampleTest) string {
	switch {
	case t.Verdict == "AC":
		return "the same"
	case t.Verdict == "":
		return "not run"
	case t.Got == "" && t.Error != "":
		return look.Harmless(t.Error)
	default:
		return look.Harmless(t.Got)
	}
}

// verdictMark is a verdict in a few cells.
func verdictMark(l look.Look, verdict string, w int) string {
	switch verdict {
	case "AC":
		return l.Good.Render(look.Fit("✓", w))
	case "":
		return l.Muted.Render(look.Fit("·", w))
	default:
		return l.Bad.Render(look.Fit(look.Harmless(verdict), w))
	}
}

// testRow is a row of the table on as many lines as it takes.
func testRow(l look.Look, lead string, texts [3]string, widths [3]int, head bool) []string {
	var columns [3][]string
	n := 1
	for i, text := range texts {
		columns[i] = wrapped(text, widths[i])
		n = max(n, len(columns[i]))
	}
	lines := make([]string, n)
	for at := range lines {
		var line strings.Builder
		line.WriteString(lead)
		for i, c := range columns {
			text := ""
			if at < len(c) {
				text = c[at]
			}
			text = look.Fit(text, widths[i])
			if head || i == 2 && (texts[2] == "the same" || texts[2] == "not run") {
				text = l.Muted.Render(text)
			}
			if i > 0 {
				line.WriteString("  ")
			}
			line.WriteString(text)
		}
		lines[at] = line.String()
		lead = look.Fit("", look.Width(lead))
	}
	return lines
}

// wrapped is a text in lines of at most w cells, all of it.
func wrapped(text string, w int) []string {
	lines := strings.Split(ansi.Wrap(text, max(w, 1), ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// failed is the first test that failed, of files that know of no other.
func failed(l look.Look, x store.Sample, w int) (lines []string) {
	add := func(name, value string) {
		if value == "" {
			return
		}
		for i, t := range wrapped(look.Harmless(value), w-6) {
			lead := "      "
			if i == 0 {
				lead = look.Fit(name, 6)
			}
			lines = append(lines, l.Muted.Render(lead)+t)
		}
	}
	if x.Input+x.Want+x.Got != "" {
		lines = append(lines, l.Muted.Render("the first test that failed"))
	}
	add("in", x.Input)
	add("want", x.Want)
	add("got", x.Got)
	add("error", x.Error)
	return lines
}

// course is how the task of a program that was evaluated went along training: the
// verdict at every step, as much round the one that is shown as fits.
func (s *samples) course(l look.Look, w int) string {
	steps, at := s.along()
	if len(steps) < 2 {
		return ""
	}
	word := func(i int) string {
		m := s.marks[steps[i]]
		text := fmt.Sprintf("%d ", m.Step)
		style := l.Muted
		if i == at {
			style = l.Bold
		}
		if m.Verdict == "AC" {
			return style.Render(text) + l.Good.Render("✓")
		}
		return style.Render(text) + l.Bad.Render("✗") + l.Muted.Render(look.Harmless(m.Verdict))
	}
	from, to := at, at+1
	line := word(at)
	for room := w - look.Width("along training  ") - 4; ; {
		grown := false
		if to < len(steps) {
			if t := line + "  " + word(to); look.Width(t) <= room {
				line, to, grown = t, to+1, true
			}
		}
		if from > 0 {
			if t := word(from-1) + "  " + line; look.Width(t) <= room {
				line, from, grown = t, from-1, true
			}
		}
		if !grown {
			break
		}
	}
	if from > 0 {
		line = l.Muted.Render("… ") + line
	}
	if to < len(steps) {
		line += l.Muted.Render(" …")
	}
	return l.Muted.Render("along training  ") + line
}

// along are the programs for the same task at all steps, and which of them is shown;
// evaluations take the same tasks in the same order, rollouts never the same.
func (s *samples) along() (found []int, at int) {
	if s.at >= len(s.found) || s.marks[s.found[s.at]].Rollout {
		return nil, 0
	}
	shown := s.found[s.at]
	if c := &s.same; c.shown != shown || c.of != len(s.marks) || c.found == nil {
		c.found, c.at = s.sameTask(shown)
		c.shown, c.of = shown, len(s.marks)
	}
	return s.same.found, s.same.at
}

// sameTask looks for them among all.
func (s *samples) sameTask(shown int) (found []int, at int) {
	rank, n := -1, 0
	for i := range s.marks {
		if i == 0 || s.marks[i].Step != s.marks[i-1].Step {
			n = 0
		}
		if i == shown {
			rank = n
			break
		}
		if !s.marks[i].Rollout {
			n++
		}
	}
	n = 0
	for i := range s.marks {
		if i == 0 || s.marks[i].Step != s.marks[i-1].Step {
			n = 0
		}
		if s.marks[i].Rollout {
			continue
		}
		if n == rank {
			if i == shown {
				at = len(found)
			}
			found = append(found, i)
		}
		n++
	}
	return found, at
}
