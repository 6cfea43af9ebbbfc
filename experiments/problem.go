package experiments

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Problem is one mistake in an experiment file.
type Problem struct {
	Line    int    `json:"line"`    // from 1
	Col     int    `json:"col"`     // from 1, in characters
	Len     int    `json:"len"`     // characters marked, at least 1
	Message string `json:"message"` // what is wrong, in one sentence
	Hint    string `json:"hint"`    // what to do about it; may be empty
}

// Problems are all the mistakes in one experiment file, in the order of the
// text. It is an error whose text shows each with its line and a mark.
type Problems struct {
	Name string // of the file
	Text []byte // its content
	List []Problem
}

// maxShown bounds the problems in an error's text; List has them all.
const maxShown = 25

// Error lists the problems with the lines they stand in.
func (p *Problems) Error() string { return p.list("problem") }

// Warning lists them as something that works all the same.
func (p *Problems) Warning() string { return p.list("warning") }

func (p *Problems) list(word string) string {
	var b strings.Builder
	if len(p.List) != 1 {
		word += "s"
	}
	fmt.Fprintf(&b, "%s: %d %s\n", p.Name, len(p.List), word)
	for i := range p.List[:min(len(p.List), maxShown)] {
		b.WriteString("\n")
		b.WriteString(p.Excerpt(i))
	}
	if more := len(p.List) - maxShown; more > 0 {
		fmt.Fprintf(&b, "\n... and %d more\n", more)
	}
	return b.String()
}

// Excerpt shows problem i: the header of its table, its line, a mark under what
// is wrong, and the words. It ends with a newline.
func (p *Problems) Excerpt(i int) string {
	q := p.List[i]
	lines := bytes.Split(p.Text, []byte("\n"))
	var b strings.Builder
	if n := headerAbove(lines, q.Line); n > 0 {
		text, _ := window(string(lines[n-1]), 1)
		fmt.Fprintf(&b, "%4d │ %s\n", n, text)
	}
	text, mark := "", 0
	if q.Line >= 1 && q.Line <= len(lines) {
		text, mark = window(string(lines[q.Line-1]), q.Col)
	}
	fmt.Fprintf(&b, "%4d │ %s\n", q.Line, text)

	// The words stand behind the mark if there is room, else below it.
	shown := []rune(text)
	mark = min(mark, len(shown))
	pad := blank(shown[:mark])
	carets := strings.Repeat("^", max(1, min(q.Len, len(shown)-mark)))
	words := wrap(q.Message, wrapAt)
	if q.Hint != "" {
		words = append(words, wrap(q.Hint, wrapAt)...)
	}
	indent := pad + strings.Repeat(" ", len(carets)+1)
	if mark+len(carets) > wordsAt {
		fmt.Fprintf(&b, "     │ %s%s\n", pad, carets)
		indent = "  "
	} else {
		fmt.Fprintf(&b, "     │ %s%s %s\n", pad, carets, words[0])
		words = words[1:]
	}
	for _, w := range words {
		fmt.Fprintf(&b, "     │ %s%s\n", indent, w)
	}
	return b.String()
}

const (
	lineShown = 100 // characters of a source line
	wordsAt   = 40  // last column behind which the words may begin
	wrapAt    = 90  // characters of a line of words
)

// headerAbove is the line, from 1, of the table header that governs line n; 0 if
// there is none or n is one itself.
func headerAbove(lines [][]byte, n int) int {
	n = min(n, len(lines))
	if n < 1 || isHeader(lines[n-1]) {
		return 0
	}
	for n--; n > 0; n-- {
		if isHeader(lines[n-1]) {
			return n
		}
	}
	return 0
}

// isHeader is a guess from one line: an element of a list over several lines may
// look like a header too, and then it is shown instead.
func isHeader(line []byte) bool {
	head, _, _ := strings.Cut(string(line), "#")
	head = strings.TrimSpace(head)
	return strings.HasPrefix(head, "[") && strings.HasSuffix(head, "]") && !strings.ContainsAny(head, ",=")
}

// window is a source line made safe for a terminal and cut around column col
// (from 1), and the index in it of that column.
func window(line string, col int) (string, int) {
	r := []rune(strings.TrimRight(strings.ToValidUTF8(line, "\uFFFD"), "\r"))
	for i, c := range r {
		if c != '\t' && !unicode.IsPrint(c) {
			r[i] = '\uFFFD'
		}
	}
	mark := min(max(col-1, 0), len(r))
	if len(r) <= lineShown {
		return string(r), mark
	}
	from := max(0, min(mark-lineShown/3, len(r)-lineShown))
	to := min(len(r), from+lineShown)
	cut := slices.Clone(r[from:to])
	if from > 0 {
		cut[0] = '…'
	}
	if to < len(r) {
		cut[len(cut)-1] = '…'
	}
	return string(cut), mark - from
}

// blank is as wide as text: tabs stay tabs.
func blank(text []rune) string {
	b := make([]rune, len(text))
	for i, c := range text {
		if b[i] = ' '; c == '\t' {
			b[i] = c
		}
	}
	return string(b)
}

// wrap breaks words into lines of at most width characters where blanks allow.
func wrap(words string, width int) []string {
	var lines []string
	line := ""
	for w := range strings.FieldsSeq(words) {
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) > width:
			lines = append(lines, line)
			line = w
		default:
			line += " " + w
		}
	}
	return append(lines, line)
}

// sorted puts problems in the order of the text and drops repeated ones.
func sorted(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(list)
}
