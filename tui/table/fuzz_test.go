package table_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ablate/tui/table"
)

// Whatever the texts and the size, the lines are exact, and numbers stand in full or
// not at all.
func FuzzView(f *testing.F) {
	for _, s := range []string{
		"", "a|b|c", "中文字中文字中文字|\x1b[2Jx|1234567", "e\u0301|\u0301\u0301|12", "\u200d|👩\u200d👩\u200d👧|\ufe0f", "\u0600|x|\u1100",
		strings.Repeat("long-", 40) + "|x|" + strings.Repeat("9", 30), "a\nb\tc|\u202e|\xff", "🇨|🇳|1",
	} {
		f.Add(s, uint8(40), uint8(6), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, w, h, ops uint8) {
		parts := append(strings.Split(text, "|"), "", "")
		rows := []string{"0", "1", "2", "3", "4"}
		cell := func(n int) func(string) string {
			return func(id string) string { return parts[(n+int(id[0]-'0'))%len(parts)] }
		}
		tb := &table.Table{Badge: cell(1), Empty: text}
		tb.SetColumns([]table.Column{
			{Key: "a", Head: parts[0], Min: int(ops % 7), Cell: cell(0)},
			{Key: "b", Head: "b", Right: true, Cell: func(id string) string { return "12345678"[:id[0]-'0'+3] }, Fold: func([]string) string { return "1234567890" }},
			{Key: "c", Head: parts[1], Right: true, Priority: 2, Cell: cell(2)},
			{Key: "d", Head: parts[0], Priority: 1, Cell: cell(3), Fold: func([]string) string { return text }},
		})
		tb.SetRows(rows)
		tb.Move(int(ops % 5))
		if ops&8 != 0 {
			tb.Group(cell(0), ops&16 != 0)
		}
		if ops&32 != 0 {
			tb.SortBy("d")
			tb.MarkShown()
		}
		if ops&64 != 0 {
			tb.Filter(func(id string) bool { return id > "2" })
		}
		for range 2 {
			lines := tb.View(plainLook(), int(w), int(h))
			if len(lines) != int(h) {
				t.Fatalf("%d lines, want %d", len(lines), h)
			}
			for _, s := range lines {
				if got := ansi.StringWidth(s); got != int(w) {
					t.Fatalf("%q has %d cells, want %d", s, got, w)
				}
				if strings.ContainsAny(ansi.Strip(s), "\n\r\t\x1b") {
					t.Fatalf("%q moves the cursor", s)
				}
				if x := strings.Index(s, "123"); x >= 0 && text == "" {
					n := len(s[x:]) - len(strings.TrimLeft(s[x:], "1234567890"))
					if n != 10 && (n < 3 || n > 7) || strings.Contains(s[x:], "…") {
						t.Fatalf("%q has a number in part", s)
					}
				}
			}
			tb.Page(1)
			tb.Click(int(ops), int(h)/2)
		}
		if c := tb.Cursor(); c != "" && !slices.Contains(rows, c) {
			t.Fatalf("the cursor is on %q", c)
		}
	})
}
