package experiments

import (
	"fmt"
	"strings"
)

// DiffLine is a line of the difference of two texts, without its line's end.
type DiffLine struct {
	Sign byte // '-' only in the old, '+' only in the new, ' ' in both, '@' where lines are left out
	Text string
}

// maxCompared bounds the lines, old times new, that are compared one by one:
// beyond it all old ones go and all new ones come.
const maxCompared = 4_000_000

// Diff is a unified difference with that many lines around each change; nothing
// for equal texts. The text of an '@' is as in "@@ -1,3 +1,4 @@".
func Diff(old, text []byte, around int) []DiffLine {
	all := compared(diffLines(string(old)), diffLines(string(text)))
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Sign == ' ' {
			continue
		}
		for j := max(0, i-around); j < min(len(all), i+around+1); j++ {
			near[j] = true
		}
	}
	var out []DiffLine
	was, is := 1, 1
	for i := range all {
		if near[i] && (i == 0 || !near[i-1]) {
			out = append(out, DiffLine{'@', hunk(all[i:], near[i:], was, is)})
		}
		if near[i] {
			out = append(out, DiffLine{all[i].Sign, strings.TrimRight(all[i].Text, "\r\n")})
			if !strings.HasSuffix(all[i].Text, "\n") {
				out = append(out, DiffLine{'\\', " No newline at end of file"})
			}
		}
		was, is = was+count(all[i:i+1], '-'), is+count(all[i:i+1], '+')
	}
	return out
}

// Unified is Diff with three lines around, as the tool diff -u writes it; "" for
// equal texts.
func Unified(name string, old, text []byte) string {
	list := Diff(old, text, 3)
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", name, name)
	for _, l := range list {
		if l.Sign != '@' {
			b.WriteByte(l.Sign)
		}
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// hunk is the head of the lines that are near.
func hunk(all []DiffLine, near []bool, was, is int) string {
	n := 0
	for n < len(all) && near[n] {
		n++
	}
	side := func(at int, sign byte) string {
		lines := count(all[:n], sign)
		if lines == 0 {
			at--
		}
		return fmt.Sprintf("%d,%d", at, lines)
	}
	return fmt.Sprintf("@@ -%s +%s @@", side(was, '-'), side(is, '+'))
}

// count is the lines of the old text ('-') or the new one ('+').
func count(list []DiffLine, sign byte) int {
	n := 0
	for _, l := range list {
		if l.Sign == sign || l.Sign == ' ' {
			n++
		}
	}
	return n
}

func diffLines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		list = append(list, line)
	}
	return list
}

// compared are the lines of both, those that are in both once: a longest common
// subsequence, found after what is the same at both ends is set aside.
func compared(old, text []string) []DiffLine {
	from, to, end := middle(old, text, func(a, b string) bool { return a == b })
	out := make([]DiffLine, 0, len(old)+end-from)
	same := func(lines []string, sign byte) {
		for _, l := range lines {
			out = append(out, DiffLine{sign, l})
		}
	}
	same(old[:from], ' ')
	a, b := old[from:to], text[from:end]
	if len(a)*len(b) > maxCompared {
		same(a, '-')
		same(b, '+')
	} else {
		out = append(out, longest(a, b)...)
	}
	same(old[to:], ' ')
	return out
}

// longest walks the table of the longest common subsequences of all tails.
func longest(a, b []string) []DiffLine {
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	var out []DiffLine
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, DiffLine{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[(i+1)*width+j] >= length[i*width+j+1]:
			out = append(out, DiffLine{'-', a[i]})
			i++
		default:
			out = append(out, DiffLine{'+', b[j]})
			j++
		}
	}
	return out
}
