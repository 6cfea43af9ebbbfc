package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// places finds every path of a decoded value in the atlas, and decodes the text
// of every value again: it must be the value.
func places(t *testing.T, a *atlas, path string, v any) {
	t.Helper()
	p, ok := a.places[path]
	if path != "" && (!ok || p.key.at >= p.key.end || p.key.end > len(a.text)) {
		t.Fatalf("%s is not found: %+v", path, p)
	}
	switch v := v.(type) {
	case map[string]any:
		if len(a.children[path]) != len(v) {
			t.Fatalf("%q has the keys %q, want those of %v", path, a.children[path], v)
		}
		for k, v := range v {
			child := child(path, k)
			places(t, a, child, v)
			at := a.places[child].key
			var m map[string]any
			if _, err := toml.Decode(a.text[at.at:at.end]+" = 1", &m); err != nil || m[k] != int64(1) {
				t.Fatalf("%s is said to stand at %q", child, a.text[at.at:at.end])
			}
		}
	case []map[string]any:
		for i, v := range v {
			places(t, a, item(path, i), v)
		}
	case []any:
		for i, v := range v {
			places(t, a, item(path, i), v)
		}
	default:
		var m map[string]any
		text := a.text[p.value.at:p.value.end]
		if _, err := toml.Decode("x = "+text+"\n", &m); err != nil {
			t.Fatalf("value of %s is said to be %q: %v", path, text, err)
		}
		if f, ok := v.(float64); ok && f != f {
			return
		}
		if diff := cmp.Diff(v, m["x"]); diff != "" {
			t.Fatalf("value of %s is said to be %q:\n%s", path, text, diff)
		}
	}
}

func checkAtlas(t *testing.T, text string) {
	t.Helper()
	text = strings.TrimPrefix(text, "\uFEFF") // as Parse does
	if _, message := unreadable(text); message != "" {
		return
	}
	a := locate(text)
	if a.fault != nil && a.fault.limit {
		return
	}
	m, err := unmarshal(text)
	if err != nil {
		return
	}
	if a.fault != nil {
		t.Fatalf("the library reads this, the scanner does not: %+v at %q", a.fault, a.text[a.fault.at:])
	}
	places(t, a, "", m)
}

func TestLocate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, path string
		line, col, len   int // of the value
	}{
		{"plain", "a = 1\n", path("a"), 1, 5, 1},
		{"no newline", "a=12", path("a"), 1, 3, 2},
		{"header", "[t]\n\n  b = \"x\" # c", path("t", "b"), 3, 7, 3},
		{"dotted header", "[ a . \"b.c\" ]\nd = 0x1F", path("a", "b.c", "d"), 2, 5, 4},
		{"dotted key", "a.b = 1\na.c = 22", path("a", "c"), 2, 7, 2},
		{"table array", "[[a]]\nx=1\n[[a]]\nx=2", child(item(path("a"), 1), "x"), 4, 3, 1},
		{"table in a table array", "[[a]]\n[[a]]\n[a.b]\nx=2", child(child(item(path("a"), 1), "b"), "x"), 4, 3, 1},
		{"list over lines", "a = [ # ]\n  1,\n  [ 2, '3]' ],\n]", item(item(path("a"), 1), 1), 3, 8, 4},
		{"inline table", "a = { b = { c.d = [1] } }", item(path("a", "b", "c", "d"), 0), 1, 20, 1},
		{"string over lines", "a = \"\"\"x\n[b]\n\\\"\"\"\"\"\"\nb = 7", path("b"), 4, 5, 1},
		{"quotes at the end", "a = '''x'''''\nb = 7", path("b"), 2, 5, 1},
		{"escaped key", "\"\\u00e4\\\"\" = true", path("ä\""), 1, 14, 4},
		{"more escapes", `"\U0001F600\x41\t" = 1`, path("😀A\t"), 1, 22, 1},
		{"characters, not bytes", "\"äöü\" = 'ß'", path("äöü"), 1, 9, 3},
		{"date with a blank", "a = 1979-05-27 07:32:00 # c", path("a"), 1, 5, 19},
		{"carriage returns", "a = 1\r\nb = 22\r\n", path("b"), 2, 5, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkAtlas(t, tt.text)
			a := locate(tt.text)
			p, ok := a.places[tt.path]
			if !ok {
				t.Fatalf("%s is not found in %v", tt.path, a.places)
			}
			got := a.problem(p.value, "", "")
			if diff := cmp.Diff(Problem{Line: tt.line, Col: tt.col, Len: tt.len}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzLocate(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.toml"))
		if err != nil || len(files) == 0 {
			f.Fatal("no test files")
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add("a = \"\"\"\\\n  x\"\"\"\"\"\n[[b.'c']]\n\"\\x41\\e\" = {x.y=[{},{z=1979-05-27 07:32:00Z,\n}]}")
	f.Fuzz(func(t *testing.T, text string) { checkAtlas(t, text) })
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"gpu", "gpus", 1}, {"titel", "title", 1},
		{"kitten", "sitting", 3}, {"slrum", "slurm", 1}, {"ab", "ba", 1}, {"abc", "xyz", 3}, {"lr", "layers", 3},
	}
	for _, tt := range tests {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := editDistance(tt.b, tt.a); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, want string }{
		{"Steps", "steps"}, {"epoch", "epochs"}, {"lrs", "lr"}, {"x", ""}, {"tm", ""}, {"widht", "width"}, {"momentum", ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.key, []string{"steps", "epochs", "lr", "width"}); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.key, got, tt.want)
		}
	}
}
