package look

import "slices"

// Tail is the end of a text that grows, such as a log. It does not slide with every
// line, which would draw all of it again: when it is full it jumps by half of what
// is shown.
type Tail struct {
	lines []string
	gone  int // lines that stood before these and are not kept any more
}

// Set takes in what the end of the text is now.
func (t *Tail) Set(lines []string) {
	t.gone += dropped(t.lines, lines)
	t.lines = lines
}

// Lines is what was set.
func (t *Tail) Lines() []string { return t.lines }

// dropped is how many lines of an earlier state a later one does not have any more.
func dropped(was, is []string) int {
	for n := range was {
		if rest := was[n:]; len(rest) <= len(is) && slices.Equal(rest, is[:len(rest)]) {
			return n
		}
	}
	return len(was)
}

// Rows are the last rows, at most h of w cells, of the lines and of what stands
// under them.
func (t *Tail) Rows(w, h int, under ...string) []string {
	var rows []string
	starts := make([]int, 0, h) // where in rows lines begin
	text := append(slices.Clone(t.lines[max(0, len(t.lines)-max(h, 1)):]), under...)
	first := t.gone + len(t.lines) - (len(text) - len(under)) // of the text, counted from its beginning
	for _, line := range text {
		starts = append(starts, len(rows))
		rows = append(rows, Wrap(Harmless(line), w)...)
	}
	if len(rows) <= h && first == 0 {
		return rows
	}
	step := max(h/2, 1)
	for i, at := range starts {
		if (first+i)%step == 0 && len(rows)-at <= h {
			return rows[at:]
		}
	}
	return rows[max(0, len(rows)-h):]
}
