package formats

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"ablate/experiments/store"
)

// pieces hands out so many bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(p.n, len(b))]) }

// skipped is whether a text is one value and nothing else for the scanner.
func skipped(r io.Reader) error {
	s := newScanner(r, 0)
	if err := s.skip(); err != nil {
		return err
	}
	return s.end()
}

func FuzzSkip(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-2.5e+7,"\"\\",true,null],"b":{}}`, `"\\\\\\\""`, `[]`, `"`, `"\`, `{"a" 1}`, `{1:2}`, `[1 2]`, `[,]`, `{"a":1,}`, `01`, `1.`, `-`, `NaN`,
		"\"\xff\"", "[\"\x01\"]", ` [ ] `, `[]]`, `nulll`, `"a""b"`, `{"":"\\\""}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 {
			return
		}
		err := skipped(bytes.NewReader(text))
		for _, n := range []int{1, 2, 7} {
			if err2 := skipped(pieces{bytes.NewReader(text), n}); (err == nil) != (err2 == nil) {
				t.Fatalf("%q: at once %v, in pieces of %d %v", text, err, n, err2)
			}
		}
		valid := json.Valid(text) && bytes.Count(text, []byte("[")) < deepest && bytes.Count(text, []byte("{")) < deepest && len(text) < longToken
		if valid && err != nil {
			t.Fatalf("%q is JSON: %v", text, err)
		}
		lax := bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\\' }) || bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Infinity"))
		if err == nil && !lax && !json.Valid(text) {
			t.Fatalf("%q is no JSON, and was taken", text)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a", `"`, `\`, "\\\"", "ü\u2028😀", "\xff", "a\x00b", strings.Repeat(`\"`, 40)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 3, chunk} {
			if got, err := newScanner(pieces{bytes.NewReader(b), n}, 0).text(); err != nil || got != want {
				t.Fatalf("%q is read as %q, %v", want, got, err)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for name := range golden() {
		f.Add(sampleOf(f, name))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := read(bytes.NewReader(text))
		if err != nil {
			return
		}
		if e.Format == "" || len(e.Sets) == 0 {
			t.Fatalf("nothing was read, and no error: %+v", e)
		}
		for _, set := range e.Sets {
			known := map[string]bool{}
			for _, i := range set.Items {
				if i.ID == "" || i.N < 1 || i.C < 0 || i.C > i.N || known[i.ID] {
					t.Fatalf("item %+v", i)
				}
				known[i.ID] = true
			}
			if len(set.Items) == 0 || set.Name == "" {
				t.Fatalf("set %+v", set)
			}
		}
	})
}

// A disk that fails is told of as such.
func TestReadError(t *testing.T) {
	t.Parallel()
	r := io.MultiReader(strings.NewReader(`[{"question_id":`), iotest.ErrReader(io.ErrClosedPipe))
	if err := skipped(r); err == nil || !strings.Contains(err.Error(), io.ErrClosedPipe.Error()) {
		t.Errorf("%v", err)
	}
}

// bigFile are the results of so many problems with ten programs each.
func bigFile(problems int) []byte {
	program := strings.Repeat("def solve(n):\n    return \"\\\\\" + str(n)\n", 60)
	type problem struct {
		ID         string   `json:"question_id"`
		Content    string   `json:"question_content"`
		Platform   string   `json:"platform"`
		Date       string   `json:"contest_date"`
		Difficulty string   `json:"difficulty"`
		Outputs    []string `json:"output_list"`
		Codes      []string `json:"code_list"`
		Graded     []bool   `json:"graded_list"`
		Pass       float64  `json:"pass@1"`
		Metadata   []string `json:"metadata"`
	}
	all := make([]problem, problems)
	for i := range all {
		p := problem{ID: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Content: program[:1000], Platform: "atcoder", Date: "2024-01-01T00:00:00", Difficulty: "hard"}
		for s := range 10 {
			p.Outputs = append(p.Outputs, "Thinking.\n```python\n"+program+"```")
			p.Codes = append(p.Codes, program)
			p.Graded = append(p.Graded, (i+s)%3 == 0)
			p.Metadata = append(p.Metadata, `{"execution time": 0.5}`)
		}
		all[i] = p
	}
	b, _ := json.MarshalIndent(all, "", "    ")
	return b
}

func BenchmarkLiveCodeBench(b *testing.B) {
	text := bigFile(400)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// What is kept of a file does not grow with the programs in it. Not in parallel: what
// others allocate meanwhile would count.
func TestLittleMemory(t *testing.T) {
	text := bigFile(40)
	e, err := read(bytes.NewReader(text))
	if err != nil || len(e.Sets[0].Items) != 40 {
		t.Fatalf("%v", err)
	}
	if want := (store.Item{ID: "b", N: 10, C: 3, Stratum: "hard", Cluster: "atcoder 2024-01-01"}); e.Sets[0].Items[1] != want {
		t.Errorf("%+v", e.Sets[0].Items[1])
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = read(bytes.NewReader(text))
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 3*chunk {
		t.Errorf("%d bytes for a file of %d", got, len(text))
	}
}

func BenchmarkHumanEval(b *testing.B) {
	line := `{"task_id":"HumanEval/%","completion":"` + strings.Repeat(`    return \"x\"\n`, 30) + `","result":"passed","passed":true}` + "\n"
	text := []byte(strings.Repeat(line, 5000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
