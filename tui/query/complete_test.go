package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/query"
)

// The cursor is where | stands.
func TestComplete(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text       string
		start, end int
		want       string // the first few
	}{
		{"|", 0, 0, `name cell status tag lr "data set" pass@1 pass@8 loss x/loss busy a/mem b/mem has not`},
		{"st|", 0, 2, "status"},
		{"ST|", 0, 2, "status"},
		{"at|", 0, 2, `status "data set"`},
		{"status|", 0, 6, `status =|status !=|status >|status >=|status <|status <=|status ~|status !~|status`},
		{"status |", 7, 7, "= != > >= < <= ~ !~"},
		{"status = |", 9, 9, "queued running done failed"},
		{"status =d|", 8, 9, "done queued failed"},
		{"tags = k|", 7, 8, `"keep me"`},
		{`tag = "ke|`, 6, 9, `"keep me"`},
		{`tag = "ke|ep"`, 6, 12, `"keep me"`},
		{"status = d|one and x", 9, 13, "done queued failed"},
		{"status = done |", 14, 14, `and or name cell status tag`},
		{"status = done a|", 14, 15, `and a/mem name status tag "data set" pass@1 pass@8`},
		{"has p|", 4, 5, "pass@1 pass@8"},
		{"(not s|", 5, 6, "status"},
		{"pass@1.|", 0, 7, "pass@1.last pass@1.best pass@1.min pass@1.max pass@1.mean pass@1.first pass@1.n pass@1.std"},
		{"eval/pass@1.b|", 0, 13, "eval/pass@1.best"},
		{"lr > 3 or |", 10, 10, "name cell"},
		{"lr = |", 5, 5, ""},
		{"name ~ /a|", 7, 9, ""},
		{"zzz|", 0, 3, ""},
		{"状态 and st|", 7, 9, "status"},
	} {
		before, after, _ := strings.Cut(tt.text, "|")
		if tt.text == "|" {
			before, after = "", ""
		}
		list := query.Complete(before+after, len([]rune(before)), candidates())
		var texts []string
		for _, c := range list {
			texts = append(texts, c.Text)
			if c.Start != tt.start || c.End != tt.end {
				t.Errorf("%q: %+v, want it from %d to %d", tt.text, c, tt.start, tt.end)
			}
		}
		sep := " "
		if strings.Contains(tt.want, "|") {
			sep = "|"
		}
		if got := strings.Join(texts, sep); tt.want == "" && got != "" || !strings.HasPrefix(got+sep, tt.want) {
			t.Errorf("%q: %s", tt.text, cmp.Diff(tt.want, got))
		}
	}
}

// Every completion of an unfinished query leads to a longer one: nothing is offered
// that cannot stand there.
func TestCompletionsParse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "name = a ", "has ", "status ", "status = ", "(lr > 3 or ", "pass@1."} {
		n := len([]rune(text))
		for _, c := range query.Complete(text, n, candidates()) {
			whole := string([]rune(text)[:c.Start]) + c.Text + string([]rune(text)[c.End:])
			var e *query.Error
			if _, err := query.Parse(whole); errors.As(err, &e) && !e.Unfinished {
				t.Errorf("%q gives %q: %v", text, whole, err)
			}
		}
	}
}
