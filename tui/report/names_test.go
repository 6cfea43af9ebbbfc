package report_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// What a trainer calls its metrics stays on its line in every table.
func TestHostileMetricNames(t *testing.T) {
	t.Parallel()
	m := store.Values{}
	names := []string{"a/b/../c", "new\nline\r", "\x1b[2J\x07", "日本語/\u0301", "", strings.Repeat("x", 4096), "tab\tand\u009b31m"}
	for i, name := range names {
		m[name] = float64(i)
	}
	_, ps := plans(t)
	p := *ps["single"]
	p.Objective.Metric = names[1]
	s := fill(t, &p, ended(t, store.Exit{Outcome: store.Outcome{Metrics: m}}))
	for name, write := range map[string]func(*bytes.Buffer) error{
		"ls":   func(b *bytes.Buffer) error { return list(b, s, report.RunsOptions{}) },
		"show": func(b *bytes.Buffer) error { return report.Run(b, s, p.Runs()[0].ID, 0, false) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(b.String()) {
			l = strings.TrimSuffix(l, "\n")
			if strings.ContainsFunc(l, unicode.IsControl) || ansi.StringWidth(l) > 400 {
				t.Errorf("%s: %q", name, l)
			}
		}
		if n := strings.Count(b.String(), "\n"); n > 30 {
			t.Errorf("%s has %d lines:\n%s", name, n, &b)
		}
	}
}
