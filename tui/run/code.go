package run

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/look"
)

// quiet is what of a program stands back, so that names and numbers stand out.
var quiet = regexp.MustCompile(`#.*|\b(def|return|for|while|in|if|elif|else|import|from|and|or|not|is|lambda|pass|break|continue|try|except|with|as|class)\b`)

// program is a program with the numbers of its lines; long lines go on below.
func program(l look.Look, text string, w int) []string {
	const numberW = 4
	var lines []string
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")
		number := fmt.Sprintf("%*d ", numberW-1, n)
		for part := range strings.SplitSeq(ansi.Hardwrap(look.Harmless(line), max(w-numberW, 1), true), "\n") {
			lines = append(lines, l.Muted.Render(number)+dimmed(l, part))
			number = strings.Repeat(" ", numberW)
		}
	}
	if n == 0 {
		lines = append(lines, l.Muted.Render("    no program"))
	}
	return lines
}

// dimmed is a line with its keywords and comments dim.
func dimmed(l look.Look, line string) string {
	return quiet.ReplaceAllStringFunc(line, func(word string) string { return l.Muted.Render(word) })
}
