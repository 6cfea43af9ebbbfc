package query_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/query"
)

// row is a run by its fields.
type row map[string]query.Value

func (r row) Field(name string) (query.Value, bool) {
	v, ok := r[name]
	return v, ok
}

func text(s string) query.Value { return query.Value{Text: s} }

func num(x float64, s string) query.Value { return query.Value{Text: s, Num: x, IsNum: true} }

// rows are three runs that differ in everything.
func rows() map[string]row {
	day, _ := time.ParseInLocation(time.DateOnly, "2026-11-18", time.Local)
	return map[string]row{
		"a": {
			"name": text("paper/tasks=64k/s1"), "cell": text("tasks=64k"), "status": text("done"), "tag": {List: []string{"good", "Keep Me"}},
			"tasks": num(64000, "64k"), "lr": num(3e-4, "0.0003"), "time": num(9000, "2h30m"), "eval/pass@1.last": num(0.41, "0.410"), "loss": num(0.2, "0.2"),
			"started": num(float64(day.Unix()+3600), "2026-11-18 01:00"),
		},
		"b": {
			"name": text("paper/tasks=1k/s2"), "cell": text("tasks=1k"), "status": text("failed"), "tag": {List: []string{}},
			"tasks": num(1024, "1k"), "lr": num(1e-3, "0.001"), "time": num(59, "59s"), "eval/pass@1.last": num(0.4, "0.400"),
		},
		"c": {"name": text("Mine/base"), "cell": text(""), "status": text("queued"), "size": text("4 GPUs"), "not": text("x"), "loss": num(math.NaN(), "NaN")},
	}
}

func matches(t *testing.T, q string) string {
	t.Helper()
	f, err := query.Parse(q)
	if err != nil {
		t.Fatalf("%q: %v", q, err)
	}
	var ids []string
	for id, r := range rows() {
		if f.Match(r) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	again, err := query.Parse(f.String())
	if err != nil {
		t.Fatalf("%q in full is %q: %v", q, f, err)
	}
	if again.String() != f.String() {
		t.Errorf("%q in full is %q, and that in full %q", q, f, again)
	}
	for id, r := range rows() {
		if again.Match(r) != f.Match(r) {
			t.Errorf("%q and %q differ over %s", q, f, id)
		}
	}
	return strings.Join(ids, "")
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ query, want string }{
		{"", "abc"},
		{"  ", "abc"},
		{"paper", "ab"},
		{"PAPER", "ab"},
		{"mine", "c"},
		{"keep", "a"},
		{`"keep me"`, "a"},
		{"failed", "b"},
		{"paper failed", "b"},
		{"paper and failed", "b"},
		{"/^paper.*s[12]$/", "ab"},
		{`/tasks=64k\/s1/`, "a"},
		{"status = failed", "b"},
		{"status=failed", "b"},
		{"status == FAILED", "b"},
		{"status != failed", "ac"},
		{"status = failed or status = done", "ab"},
		{"status ~ e", "abc"},
		{"status ~ ^q.....$", "c"},
		{"status =~ /il/", "b"},
		{"status = /il/", "b"},
		{"status !~ e", ""},
		{"status != /il/", "ac"},
		// Of several values any may be equal, none if different.
		{"tag = good", "a"},
		{"tags = GOOD", "a"},
		{"tag = goo", ""},
		{"tag ~ goo", "a"},
		{"tag != good", "b"},
		{"not tag = good", "bc"},
		{"tag !~ good", "b"},
		{"has tag", "ab"},
		{"not has tag", "c"},
		{"! has tag", "c"},
		{"!has tag", "c"},
		{"not not has tag", "ab"},
		{"not not not has tag", "c"},
		// Numbers.
		{"tasks >= 1024", "ab"},
		{"tasks > 1024", "a"},
		{"tasks<1.024k", ""},
		{"tasks<=1.024k", "b"},
		{"tasks = 64k", "a"},
		{"tasks = 6.4e4", "a"},
		{"tasks = +64000.0", "a"},
		{`tasks = "64k"`, "a"},
		{`tasks = "64000"`, ""},
		{"tasks > -5", "ab"},
		{"lr = 3e-4", "a"},
		{"lr = .0003", "a"},
		{"lr != 3e-4", "b"},
		{"lr = 0.03%", "a"},
		{"eval/pass@1.last > 0.4", "a"},
		{"eval/pass@1.last >= 40%", "ab"},
		{"eval/pass@1.last<0.41", "b"},
		{"time > 2h", "a"},
		{"time = 150m", "a"},
		{"time = 2h30m", "a"},
		{"time < 1m", "b"},
		{"time <= 59000ms", "b"},
		{"time > 0.1d", "a"},
		{"status > 3", ""},
		{"loss > 0", "a"},
		{"loss < 9", "a"},
		{"loss = nan", "c"},
		{"loss != 1", "ac"},
		{"started >= 2026-11-18", "a"},
		{"started < 2026-11-18T00:59", ""},
		{"started < 2026-11-18T01:01", "a"},
		{"size = 4", ""},
		{`size = "4 gpus"`, "c"},
		// Missing values answer nothing.
		{"size != x", "c"},
		{"not size = x", "abc"},
		{"nothing = 1 or nothing != 1 or nothing ~ /./ or nothing !~ /./", ""},
		{"not nothing > 1", "abc"},
		// Precedence and signs.
		{"status = done or status = failed and lr = 1", "a"},
		{"(status = done or status = failed) and lr = 1e-3", "b"},
		{"(done | failed) & lr=1e-3", "b"},
		{"(done || failed) && lr=1e-3", "b"},
		{"not done failed", "b"},
		{"not (done or failed)", "c"},
		{"not done and not failed", "c"},
		{"(not done) (not failed)", "c"},
		{"status=done,tasks=64k", "a"},
		{"NOT done AND paper OR queued", "bc"},
		{`"not" = x`, "c"},
		{`"not"`, ""},
		{"status = not", ""},
		{"((((done))))", "a"},
		{`name ~ "^mine"`, "c"},
		{`name ~ //`, "abc"},
		{`name ~ /(?-i)^mine/`, ""},
	} {
		if got := matches(t, tt.query); got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ query, want string }{
		{"a b|c", "a and b or c"},
		{"a (b|c)", "a and (b or c)"},
		{"!(a)!(a b)", "not a and not (a and b)"},
		{`"a b"=="c\"d"`, `"a b" = "c\"d"`},
		{"x=/a/ y!=/b/", "x ~ /a/ and y !~ /b/"},
		{`p ~ a/b`, `p ~ /a\/b/`},
		{"tags=a", "tag = a"},
		{`has "or"`, `has "or"`},
	} {
		f, err := query.Parse(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if f.String() != tt.want {
			t.Errorf("%q is %q, want %q", tt.query, f, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query      string
		column     int
		message    string
		unfinished bool
	}{
		{"pass@1 >", 9, "expected a value after >", true},
		{"pass@1 > ", 10, "expected a value after >", true},
		{"a and", 6, "expected a term, as in failed or lr > 3e-4", true},
		{"(a or b", 8, "expected ) or one more term", true},
		{"not", 4, "expected a term, as in failed or lr > 3e-4", true},
		{"has", 4, "expected a field after has", true},
		{"has >", 5, "expected a field after has", false},
		{`name = "abc`, 8, `expected the " that ends this`, true},
		{"name ~ /abc", 8, "expected the / that ends this regular expression", true},
		{"lr > 3e-", 6, "expected a number after >, as 0.4, 3e-4, 1.5k, 30m or 40%", true},
		{"lr > x and b", 6, "expected a number after >, as 0.4, 3e-4, 1.5k, 30m or 40%", false},
		{`lr > "3"`, 6, "expected a number after >, as 0.4, 3e-4, 1.5k, 30m or 40%", false},
		{"lr > 1h2k", 6, "expected a number after >, as 0.4, 3e-4, 1.5k, 30m or 40%", true},
		{"a)", 2, "expected and, or or the end", false},
		{"()", 2, "expected a term before )", false},
		{"> 4", 1, "expected a field before >", false},
		{"a = = b", 5, "expected a value after =", false},
		{"a = (b)", 5, "expected a value after =", false},
		{"a = , b", 5, "expected a value after =", false},
		{"and b", 1, `expected a term before and; to search for it, put it in "quotes"`, false},
		{"a or or b", 6, `expected a term before or; to search for it, put it in "quotes"`, false},
		{"ä ~ /(/", 5, "expected a regular expression: missing closing )", false},
		{"中 = 中 >", 7, "expected and, or or the end", false},
		{`"" = 3`, 4, "expected and, or or the end", false},
		{strings.Repeat("(", 200), 101, "the parentheses are nested too deep", false},
	} {
		f, err := query.Parse(tt.query)
		var e *query.Error
		if f != nil || !errors.As(err, &e) {
			t.Errorf("%q: %v, %v", tt.query, f, err)
			continue
		}
		want := &query.Error{Column: tt.column, Message: tt.message, Unfinished: tt.unfinished}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.query, diff)
		}
		if !strings.HasPrefix(err.Error(), "read filter: column ") {
			t.Errorf("%q: %v", tt.query, err)
		}
	}
}

func candidates() query.Candidates {
	return query.Candidates{
		Fields:  []string{"name", "cell", "status", "tag", "lr", "data set"},
		Metrics: []string{"eval/pass@1", "eval/pass@8", "train/loss", "x/loss", "gpu/busy", "a/mem", "b/mem"},
		Values: func(field string) []string {
			switch field {
			case "status":
				return []string{"queued", "running", "done", "failed"}
			case "tag":
				return []string{"good", "keep me"}
			}
			return nil
		},
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query   string
		column  int
		message string
	}{
		{"name = a lr > 3 pass@1.last > 0.4 has eval/pass@8", 0, ""},
		{"loss.best < 1 and busy.n > 3 and x/loss > 1", 0, ""},
		{"what ever", 0, ""},
		{"name = a and statsu = failed", 14, "no field statsu, the nearest is status"},
		{"pas@1 > 1", 1, "no field pas@1, the nearest is pass@1"},
		{"pass@1.lst > 1", 1, "no field pass@1.lst, the nearest is pass@1.last"},
		{"has zzzzzzzzz", 5, "no field zzzzzzzzz"},
		{"mem > 1", 1, "no field mem"},
		{`data_set = x`, 1, `no field data_set, the nearest is "data set"`},
	} {
		f, err := query.Parse(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Check(candidates())
		var e *query.Error
		if tt.message == "" {
			if err != nil {
				t.Errorf("%q: %v", tt.query, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Column != tt.column || !strings.HasPrefix(e.Message, tt.message) {
			t.Errorf("%q: %v, want column %d, %s", tt.query, err, tt.column, tt.message)
		}
		if err := f.Check(query.Candidates{}); err != nil {
			t.Errorf("%q without candidates: %v", tt.query, err)
		}
	}
}

// As much of the beginning as is a filter holds until all of it is one.
func TestLine(t *testing.T) {
	t.Parallel()
	var l query.Line
	if !l.Filter.Match(rows()["a"]) || l.Filter.String() != "" || l.Filter.Names() != nil {
		t.Error("the filter before anything is typed does not match all")
	}
	for _, tt := range []struct {
		text, filter string
		wrong        bool
	}{
		{"status", "status", false},
		{"status =", "", true},
		{"status = f", "status = f", false},
		{"status = f and", "status = f", true},
		{"status = f and (", "status = f", true},
		{"status = f and (lr > 1", "status = f", true},
		{"status = f and (lr > 1)", "status = f and lr > 1", false},
		{"status = f or lr > x", "status = f", true},
		{`status = f or name ~ "a`, "status = f", true},
		{"statu = f", "", true},
		{"a statu = f", "a", true},
		{"a b ) c", "a and b", true},
		{"", "", false},
	} {
		l.Set(tt.text, candidates())
		if l.Text != tt.text || l.Filter.String() != tt.filter || (l.Err != nil) != tt.wrong {
			t.Errorf("%q: filter %q, error %v", tt.text, l.Filter, l.Err)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	f, err := query.Parse("lr > 1 or not (has tags and lr < 2) x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"lr", "tag", "name", "cell", "status"}, f.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestMetric(t *testing.T) {
	t.Parallel()
	metrics := []string{"eval/pass@1", "train/loss", "x/loss", "perf/tokens_per_s", "gpu.util", "a/mem", "b/mem", "odd.last"}
	for _, tt := range []struct{ field, metric, stat string }{
		{"pass@1", "eval/pass@1", "last"},
		{"pass@1.best", "eval/pass@1", "best"},
		{"eval/pass@1.std", "eval/pass@1", "std"},
		{"loss.n", "train/loss", "n"},
		{"x/loss", "x/loss", "last"},
		{"tokens_per_s.mean", "perf/tokens_per_s", "mean"},
		{"gpu.util", "gpu.util", "last"},
		{"gpu.util.max", "gpu.util", "max"},
		{"odd.last", "odd.last", "last"},
		{"odd.last.min", "odd.last", "min"},
		{"mem", "", ""},
		{"loss.odd", "", ""},
		{"", "", ""},
		{".last", "", ""},
	} {
		metric, stat, ok := query.Metric(tt.field, metrics)
		if metric != tt.metric || ok != (tt.metric != "") || ok && stat != tt.stat {
			t.Errorf("%q is %q, %q, %v", tt.field, metric, stat, ok)
		}
	}
}

// A screen of 60x15 has room for it.
func TestHelp(t *testing.T) {
	t.Parallel()
	help := query.Help()
	if len(help) > 12 {
		t.Errorf("%d lines", len(help))
	}
	for _, line := range help {
		if w := ansi.StringWidth(line); w > 58 {
			t.Errorf("%q has %d cells", line, w)
		}
	}
}

// What is read as percent may be asked for without its sign.
func TestPercent(t *testing.T) {
	t.Parallel()
	r := row{"busy": {Text: "40%", Num: 0.4, IsNum: true, Percent: true}, "rate": num(0.4, "0.4")}
	for text, want := range map[string]bool{
		"busy > 39": true, "busy > 41": false, "busy = 40": true, "busy != 40": false, "busy = 40%": true, "busy < 0.5": true,
		"busy <= 40": true, "busy < 150%": true, "busy < 1": true, "rate < 40": true, "rate = 40": false,
	} {
		f, err := query.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Match(r); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// What would take long for many rows, or at each letter, is refused.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{strings.Repeat("a ", 501), "column 1001: a filter has at most 1000 characters, this one 1002"},
		{strings.Repeat("世", 1001), "column 1001: a filter has at most 1000 characters, this one 1001"},
		{`name ~ /(.{0,30}){0,30}z/`, "column 8: expected a regular expression: this one repeats too much"},
		{`a{1001}`, ""}, // a text, not an expression
		{`/a{1001}/`, "invalid repeat count"},
	} {
		_, err := query.Parse(tt.text)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%.40s: %v, want %q", tt.text, err, tt.want)
		}
	}
	for _, text := range []string{strings.Repeat("a", 1000), `/x{1,100}/`, "/" + strings.Repeat("(ab|c.*)+", 100) + "/", `/^\p{Han}+$/`} {
		if _, err := query.Parse(text); err != nil {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	var l query.Line
	if l.Set("a or "+strings.Repeat("b ", 600), candidates()); l.Err == nil || !l.Filter.Match(rows()["a"]) || l.Filter.All() {
		t.Errorf("of a filter that is too long its beginning does not hold: %v, %q", l.Err, l.Filter)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed, want string
		changes     int
	}{{"stap", "stop", 1}, {"STOP", "stop", 0}, {"", "stop", 4}, {"停", "stop", 4}} {
		if got, n := query.Nearest(tt.typed, []string{"pause", "stop", "star"}); got != tt.want || n != tt.changes {
			t.Errorf("nearest to %q is %q by %d, want %q by %d", tt.typed, got, n, tt.want, tt.changes)
		}
	}
	if got, _ := query.Nearest("x", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
}

// A number without a unit counts what the column is told in.
func TestIn(t *testing.T) {
	t.Parallel()
	r := row{"memory": {Text: "40.0/96 GB", Num: 40 << 30, IsNum: true, In: 1 << 30}}
	for text, want := range map[string]bool{
		"memory > 39": true, "memory > 41": false, "memory = 40": true, "memory >= 40GiB": true, "memory < 42GB": false, "memory < 43GB": true, "memory > 4e1": false, "memory > 1e9B": true,
	} {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Match(r); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}
