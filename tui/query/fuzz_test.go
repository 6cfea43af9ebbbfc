package query_test

import (
	"errors"
	"testing"

	"ablate/tui/query"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "a b", "pass@1.last > 0.4 and tasks >= 1024", "status = failed or not tag = good", "(a or b) and c",
		"name ~ /x.*/", "lr != 3e-4", "time > 2h", `"a \" b" = "\\"`, `x ~ /a\/b\\/`, "a = \\", "has x", "!a|b&c,d", `p ~ \/`, `p ~ "\\/"`, "((", "/", "\"", "x > 1h30m5", "é = \xff",
	} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		n := len([]rune(text))
		for _, c := range query.Complete(text, cursor, candidates()) {
			if c.Start < 0 || c.Start > c.End || c.End > n {
				t.Fatalf("%q at %d: %+v", text, cursor, c)
			}
		}
		var line query.Line
		line.Set(text, candidates())
		filter, err := query.Parse(text)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > n+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		var e *query.Error
		if err := filter.Check(candidates()); errors.As(err, &e) && (e.Column < 1 || e.Column > n) {
			t.Fatalf("%q: %v", text, err)
		}
		full := filter.String()
		again, err := query.Parse(full)
		if err != nil {
			t.Fatalf("%q in full is %q: %v", text, full, err)
		}
		if s := again.String(); s != full {
			t.Fatalf("%q in full is %q, and that in full %q", text, full, s)
		}
		for id, r := range rows() {
			if filter.Match(r) != again.Match(r) {
				t.Fatalf("%q and %q differ over %s", text, full, id)
			}
		}
	})
}
