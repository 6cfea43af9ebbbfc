package lab

import (
	"strings"
	"testing"

	"ablate/tui/look"
	"ablate/tui/report"
)

// Published numbers have their intervals beside them, in lines of 80 cells.
func TestPublishedNumbersHaveIntervals(t *testing.T) {
	t.Parallel()
	v := verdict{study: with(t, "grid")}
	var lines []string
	for _, line := range v.view(plainLook(), 80, 9) {
		lines = append(lines, strings.TrimSpace(look.Strip(line)))
		if look.Width(line) != 80 {
			t.Errorf("%q is %d cells", line, look.Width(line))
		}
	}
	got := strings.Join(lines, " ")
	const values, source = "paper   1 47.0 [41.1, 53.0] · 4 45.1 [39.3, 51.1] · 8 44.4 [38.6, 50.4] %", "n = 268, 95 % from n alone: resolves 6.7 points"
	if !strings.HasPrefix(got, values) || !strings.Contains(got, source) {
		t.Errorf("it says %q, want %q and %q", got, values, source)
	}
}

// Claims that rest on the same say so once; where not all lines have room, the last one
// shows that there are more.
func TestLinesOfTheVerdict(t *testing.T) {
	t.Parallel()
	s := with(t, "grid")
	const basis = "8 seeds x 512 tasks, 95 %"
	v := verdict{study: s, read: true, said: []report.Standing{
		{Claim: "(a) one", Words: "holds", Amount: "+3.0 points [+2.0, +4.0]", Basis: basis},
		{Claim: "(b) two", Words: "no evidence", Basis: basis},
		{Claim: "(c) three", Words: "holds", Basis: "8 seeds, 95 %"},
	}}
	text := func(h int) []string {
		lines := v.view(plainLook(), 60, h)
		for i := range lines {
			lines[i] = look.Strip(lines[i])
		}
		return lines
	}
	all := strings.Join(text(99), "\n")
	if strings.Count(all, basis) != 1 || !strings.Contains(all, "(b) two: no evidence") || strings.Contains(all, "…") {
		t.Errorf("the lines are\n%s", all)
	}
	for h := range strings.Count(all, "\n") {
		lines := text(h)
		if len(lines) != h || h > 0 && !strings.HasSuffix(strings.TrimRight(lines[h-1], " "), " …") {
			t.Errorf("in %d lines: %q", h, lines)
		}
		for _, line := range lines {
			if look.Width(line) != 60 {
				t.Errorf("%q is %d cells", line, look.Width(line))
			}
		}
	}
}
