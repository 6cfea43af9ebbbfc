package compare

import (
	"slices"
	"strings"
	"testing"

	"ablate/experiments/stats"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/report"
)

// In a table only better is in the colour of success, and only worse in that of failure,
// as they are of B; the words name who is better and have one colour for either. What
// was refused is a warning, and no evidence has no colour at all.
func TestTones(t *testing.T) {
	t.Parallel()
	l := look.New(chart.Style{})
	for _, tt := range []struct {
		verdict, refused string
		words, table     look.Style
	}{
		{report.Better, "", l.Accent, l.Good},
		{report.Worse, "", l.Accent, l.Bad},
		{report.Equivalent, "", l.Accent, l.Accent},
		{report.NoEvidence, "", l.Bold, look.Style{}},
		{"", "", l.Bold, look.Style{}},
		{"", "evaluations differ", l.Warn, l.Warn},
	} {
		x := report.Contrast{Judged: report.Judged{Verdict: tt.verdict, Refused: tt.refused}}
		if got := toneOf(x); got.inWords(l) != tt.words || got.inTable(l) != tt.table {
			t.Errorf("%q refused %q has tone %d", tt.verdict, tt.refused, got)
		}
	}
}

// A verdict takes no more lines than it is given, each as wide as the page; what stands
// beside it is whole or not there, and what limits it may lose its end.
func TestVerdictFits(t *testing.T) {
	t.Parallel()
	l := look.New(chart.Style{Theme: chart.Theme{NoColor: true}})
	p := &Compare{said: []saying{
		{head: "verdict", text: "A better, by " + strings.Repeat("37.1 points ", 12)},
		{text: strings.Repeat("only 2 seeds; ", 10), aside: true, cut: true},
		{text: strings.Repeat("by sign flips ", 20), aside: true},
	}}
	for _, w := range []int{40, 60, 79, 80, 120, 200} {
		for n := 1; n < 12; n++ {
			lines := p.verdict(l, w, n)
			for i := range lines {
				lines[i] = look.Strip(lines[i])
			}
			if len(lines) > n || len(lines) == 0 || !strings.HasPrefix(lines[0], " verdict  A better") {
				t.Fatalf("%d lines of %d cells: %q", n, w, lines)
			}
			for i, line := range lines {
				if look.Width(line) != w || i > 0 && w >= hanging && !strings.HasPrefix(line, strings.Repeat(" ", 10)) {
					t.Errorf("line %d of %d cells: %q", i, w, line)
				}
			}
			if text := strings.Join(lines, ""); strings.Contains(text, "flips") && strings.Count(text, "flips") != 20 {
				t.Errorf("%d lines of %d cells have a part of what stands aside: %q", n, w, lines)
			}
			if last := lines[len(lines)-1]; len(lines) == 1 && w < 120 && !strings.Contains(last, "…") {
				t.Errorf("it does not say that it is cut: %q", last)
			}
		}
	}
}

// Lines end after a clause where that takes no more of them.
func TestClauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		w    int
		want []string
	}{
		{"A better, by 2 points (95 %: 1 to 3; recipe level, 8 seeds)", 42, []string{"A better, by 2 points (95 %: 1 to 3;", "recipe level, 8 seeds)"}},
		{"A better, by 2 points (95 %: 1 to 3; recipe level, 8 seeds)", 38, []string{"A better, by 2 points (95 %: 1 to 3;", "recipe level, 8 seeds)"}},
		{"A better, by 2 points (95 %: 1 to 3; recipe level)", 30, []string{"A better, by 2 points", "(95 %: 1 to 3; recipe level)"}},
		{"one; two three four five six seven", 17, []string{"one;", "two three four", "five six seven"}},
		{"B less A -2.5 points (95 %)", 14, []string{"B less A", "-2.5 points", "(95 %)"}},
		{"p 0.5; no more", 80, []string{"p 0.5; no more"}},
		{"", 10, []string{""}},
	} {
		if got := clauses(tt.text, tt.w); !slices.Equal(got, tt.want) {
			t.Errorf("%q in %d cells: %q, want %q", tt.text, tt.w, got, tt.want)
		}
	}
}

// What the first verdict says of all sides is not said again of the others.
func TestBesides(t *testing.T) {
	t.Parallel()
	of := func(words string) report.Contrast {
		return report.Contrast{Effect: stats.Effect{Seeds: 8, Tasks: 1024}, Judged: report.Judged{Words: words}}
	}
	level := of("").Level()
	x := of("A better than B, by 2 points (95 %: 1 to 3; " + level + "; Holm over 5)")
	for words, want := range map[string]string{
		"A better than C, by 4 points (95 %: 3 to 5; " + level + "; Holm over 5)":            "A better than C, by 4 points (95 %: 3 to 5)",
		"A better than C, by 4 points (95 %: 3 to 5; recipe level, 2 seeds; Holm over 5)":    "A better than C, by 4 points (95 %: 3 to 5; recipe level, 2 seeds; Holm over 5)",
		"no evidence: C less A +1 points (95 %: -1 to +3; " + level + "; Holm over 5); more": "no evidence: C less A +1 points (95 %: -1 to +3); more",
	} {
		if got := besides(x, of(words)); got != want {
			t.Errorf("%q is %q, want %q", words, got, want)
		}
	}
}
