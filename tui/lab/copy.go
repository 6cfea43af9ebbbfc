package lab

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// copyArgs are what can be copied.
func copyArgs() []string { return []string{"name", "path", "table", "matrix", "verdict"} }

// copy copies the name of what is under the cursor, or the matrix.
func (p moves) copy() tea.Cmd {
	if p.focus == paneMatrix {
		return p.copyWhat("matrix")
	}
	return p.copyWhat("name")
}

// copyWhat copies one of copyArgs.
func (p moves) copyWhat(what string) tea.Cmd {
	ids := p.runs.picked(func(store.Record) bool { return true })
	if len(ids) == 0 && p.runs.cursor() != "" {
		ids = []string{p.runs.cursor()} // it has a name before it is run
	}
	switch what {
	case "table":
		head, rows := p.runs.table.Texts()
		return copied(report.MarkdownTable(head, rows), "the table as Markdown")
	case "matrix":
		head, rows := p.grid.texts()
		return copied(report.MarkdownTable(head, rows), "the matrix as Markdown")
	case "verdict":
		return copied(trimmed(p.verdict.view(plainLook(), 200, 200)), "the verdict")
	case "path":
		for i, id := range ids {
			if p.study.site.Store != nil {
				ids[i] = p.study.site.Store.RunDir(id)
			}
		}
		return copied(strings.Join(ids, "\n"), report.Count(len(ids), "path"))
	case "name":
		return copied(strings.Join(ids, "\n"), report.Count(len(ids), "name")+"; : copy path, copy table")
	}
	return page.Fail(fmt.Sprintf("%q cannot be copied: want %s", what, strings.Join(copyArgs(), ", ")))
}

func copied(text, what string) tea.Cmd {
	if text == "" {
		return page.Answer("there is nothing to copy")
	}
	return page.Send(page.Copy{Text: text, What: what})
}

// plainLook has no colours.
func plainLook() (l look.Look) { return l }

// texts are the matrix as a table.
func (g *grid) texts() (head []string, rows [][]string) {
	g.make()
	if len(g.cells) == 0 {
		return nil, nil
	}
	corner := g.chart.ColTitle
	if t := strings.TrimSpace(g.chart.RowTitle); t != "" {
		corner = t + " \\ " + corner
	}
	head = append([]string{corner}, g.chart.Cols...)
	for r, cells := range g.chart.Cells {
		row := []string{g.chart.Rows[r]}
		for _, c := range cells {
			row = append(row, strings.Join(strings.Fields(c.Label+" "+c.Sub+" "+c.Status), " "))
		}
		rows = append(rows, row)
	}
	return head, rows
}

// trimmed is a text without the blanks at its ends of lines.
func trimmed(lines []string) string {
	out := make([]string, len(lines))
	for i, s := range lines {
		out[i] = strings.TrimRight(s, " ")
	}
	return strings.Join(out, "\n")
}
