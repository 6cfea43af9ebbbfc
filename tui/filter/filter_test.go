package filter

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/query"
	"ablate/tui/table"
)

// row is a name and a status.
type row struct{ name, status string }

func (r row) Field(name string) (query.Value, bool) {
	text, ok := map[string]string{"name": r.name, "status": r.status}[name]
	return query.Value{Text: text}, ok
}

func known() query.Candidates {
	return query.Candidates{Fields: []string{"name", "status"}, Metrics: []string{"eval/pass@1"}, Values: func(string) []string { return []string{"done", "failed"} }}
}

func newFilter() (*Filter, *table.Table) {
	t := &table.Table{}
	t.SetColumns([]table.Column{{Key: "name", Cell: func(id string) string { return id }}})
	t.SetRows([]string{"a", "b", "c"})
	rows := map[string]row{"a": {"a", "done"}, "b": {"b", "failed"}, "c": {"c", "done"}}
	f := New(t, func(id string) query.Fields { return rows[id] }, known, "status = failed")
	return &f, t
}

// send presses keys by name, or types what is none.
func send(f *Filter, keys ...string) {
	for _, k := range keys {
		code, ok := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "left": tea.KeyLeft}[k]
		if ok {
			f.Update(tea.KeyPressMsg{Code: code})
			continue
		}
		for _, r := range k {
			f.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
}

// What is typed is at work at once, as far as it is right; tab completes it, enter
// keeps it, esc shows all.
func TestTyping(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		keys   []string
		text   string
		shown  int
		typing bool
	}{
		{"a word", []string{"failed", "enter"}, "failed", 1, false},
		{"completed", []string{"sta", "tab", "tab", "fa", "tab", "enter"}, "status = failed ", 1, false},
		{"before what is there", []string{" and c", "left", "left", "left", "left", "left", "left", "sta", "tab", "= done "}, "status = done and c", 1, true},
		{"a mistake holds back", []string{"done or statuz = x", "enter"}, "done or statuz = x", 2, true},
		{"unfinished", []string{"status = done and (", "enter"}, "status = done and (", 2, true},
		{"cleared", []string{"failed", "esc"}, "", 3, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, rows := newFilter()
			f.Begin()
			send(f, tt.keys...)
			shown, _ := rows.Count()
			if f.Text() != tt.text || shown != tt.shown || f.Typing() != tt.typing {
				t.Errorf("%q, %d rows, typing %v; want %q, %d, %v", f.Text(), shown, f.Typing(), tt.text, tt.shown, tt.typing)
			}
		})
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	f, rows := newFilter()
	if err := f.Put("status = done and pass@1.best > 0"); err != nil {
		t.Fatal(err)
	}
	if m := f.Metrics(); len(m) != 1 || m[0] != "eval/pass@1" {
		t.Errorf("it asks for %v", m)
	}
	if err := f.Put("statuz = done"); err == nil || !strings.Contains(err.Error(), "the nearest is status") {
		t.Errorf("error %v", err)
	}
	if shown, _ := rows.Count(); shown != 3 || f.Text() != "" || f.Clear() {
		t.Errorf("%d rows, %q", shown, f.Text())
	}
}

// What stands on the screen, in any room.
func TestView(t *testing.T) {
	t.Parallel()
	l := look.New(chart.Style{Theme: chart.Theme{NoColor: true}})
	f, _ := newFilter()
	sees := func(want ...string) {
		t.Helper()
		for w := range 120 {
			for h := range 4 {
				lines := f.View(l, w, h)
				if len(lines) > h {
					t.Fatalf("%d lines in %d", len(lines), h)
				}
				for _, line := range lines {
					if ansi.StringWidth(line) != w {
						t.Fatalf("%q is not %d wide", line, w)
					}
				}
			}
		}
		text := ansi.Strip(strings.Join(f.View(l, 100, 2), "\n"))
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("no %q in\n%s", s, text)
			}
		}
	}
	if f.View(l, 80, 2) != nil {
		t.Error("no filter is drawn")
	}
	f.Begin()
	sees("3 of 3", "tab name  status")
	send(f, "/中/ or nome = 1")
	sees("column 8: no field nome, the nearest is name")
	send(f, "esc")
	f.Begin()
	send(f, "done", "enter")
	sees("/ done   esc shows all", "2 of 3")
}
