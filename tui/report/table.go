// Package report shows on paper and in a pipe what the screens show: tables,
// progress lines, JSON, Markdown and HTML. What both say is worked out here, so that
// a comparison has the same words and digits everywhere:
//
//	names or files of results -> Comparer -> Comparison -> Contrast   whether B beats A
//	runs that are done        -> SeeOf    -> See                      what a plan could see
//	[cost], runs              -> CostOf   -> CostTable                what it costs
//
// Bundles, and results of evaluations made elsewhere, go in and out here, too.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/chart"
)

// table writes rows under a head in columns two spaces apart. Columns whose head
// begins with ">" are set right, as numbers are; without a head all are set left.
func table(w io.Writer, head []string, rows [][]string) error {
	if len(rows) == 0 && head == nil {
		return nil
	}
	right := make([]bool, max(len(head), longest(rows)))
	all := rows
	if head != nil {
		titles := make([]string, len(head))
		for i, h := range head {
			titles[i], right[i] = strings.CutPrefix(h, ">")
		}
		all = append([][]string{titles}, rows...)
	}
	widths := make([]int, len(right))
	for _, row := range all {
		for i := range row {
			row[i] = plain(row[i])
			widths[i] = max(widths[i], ansi.StringWidth(row[i]))
		}
	}
	for _, row := range all {
		if _, err := fmt.Fprintln(w, line(row, widths, right)); err != nil {
			return err
		}
	}
	return nil
}

func line(row []string, widths []int, right []bool) string {
	var b strings.Builder
	for i, cell := range row {
		pad := strings.Repeat(" ", widths[i]-ansi.StringWidth(cell))
		if i > 0 {
			b.WriteString("  ")
		}
		if right[i] {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// maxCell is how many columns a text may take that a trainer wrote.
const maxCell = 160

// plain is a text in one line that harms no terminal: what a trainer printed last
// may be a reason, with its colours and line ends.
func plain(s string) string { return ansi.Truncate(chart.Harmless(s), maxCell, "…") }

func longest(rows [][]string) (n int) {
	for _, row := range rows {
		n = max(n, len(row))
	}
	return n
}
