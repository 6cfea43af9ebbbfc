package formats

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// golden is what each file of testdata says, counted by hand.
func golden() map[string]store.Evaluation {
	current := func(items ...store.Item) []store.EvaluationSet {
		return []store.EvaluationSet{{Name: "current", Items: items}}
	}
	return map[string]store.Evaluation{
		"livecodebench_eval_all.json": {Format: "livecodebench", Warnings: []string{"1 task without samples left out"}, Sets: current(
			store.Item{ID: "abc301_a", N: 4, C: 3, Stratum: "easy", Cluster: "atcoder 2023-05-13"},
			store.Item{ID: "abc301_b", N: 4, C: 1, Stratum: "medium", Cluster: "atcoder 2023-05-13"},
			store.Item{ID: "2857", N: 4, C: 0, Stratum: "hard", Cluster: "leetcode 2023-05-20"},
			store.Item{ID: "1873_A", N: 4, C: 4, Stratum: "easy", Cluster: "codeforces 2023-08-21"},
		)},
		"livecodebench_eval.json": {Format: "livecodebench places", Warnings: []string{
			"tasks are known by their place alone: pairs are right only if both files hold the same problems in the same order; *_eval_all.json has their names",
		}, Sets: current(
			store.Item{ID: "place 0", N: 2, C: 1}, store.Item{ID: "place 1", N: 2, C: 1}, store.Item{ID: "place 2", N: 2},
		)},
		"evalplus.eval_results.json": {Format: "evalplus", Hash: "fe585eb4df8c88d844eeb463ea4d0302", Sets: []store.EvaluationSet{
			{Name: "current", Items: []store.Item{{ID: "HumanEval/0", N: 2, C: 1}, {ID: "HumanEval/1", N: 2, C: 1}, {ID: "HumanEval/2", N: 2}}},
			{Name: "base", Items: []store.Item{{ID: "HumanEval/0", N: 2, C: 2}, {ID: "HumanEval/1", N: 2, C: 1}, {ID: "HumanEval/2", N: 2}}},
		}},
		"evalplus_base.eval_results.json": {Format: "evalplus base", Hash: "fe585eb4df8c88d844eeb463ea4d0302", Warnings: []string{
			"base tests alone: pass@1 is that of HumanEval or MBPP, not of HumanEval+ or MBPP+",
		}, Sets: current(
			store.Item{ID: "HumanEval/0", N: 2, C: 2}, store.Item{ID: "HumanEval/1", N: 2, C: 1}, store.Item{ID: "HumanEval/2", N: 2},
		)},
		"evalplus_old_eval_results.json": {Format: "evalplus", Hash: "old", Sets: []store.EvaluationSet{
			{Name: "current", Items: []store.Item{{ID: "HumanEval/0", N: 2, C: 1}, {ID: "HumanEval/1", N: 2, C: 1}}},
			{Name: "base", Items: []store.Item{{ID: "HumanEval/0", N: 2, C: 2}, {ID: "HumanEval/1", N: 2, C: 1}}},
		}},
		"humaneval_results.jsonl": {Format: "humaneval", Warnings: []string{"tasks have 1 to 2 samples: no pass@k of more than 1"}, Sets: current(
			store.Item{ID: "HumanEval/0", N: 2, C: 1}, store.Item{ID: "HumanEval/1", N: 2}, store.Item{ID: "HumanEval/2", N: 1, C: 1},
		)},
		"samples_gsm8k_2024-09-01T12-00-00.jsonl": {Format: "lm-eval", Hash: "exact_match by strict-match", Sets: []store.EvaluationSet{
			{Name: "current", Items: []store.Item{{ID: "aa11", N: 1, C: 1}, {ID: "bb22", N: 1}}},
			{Name: "flexible-extract", Items: []store.Item{{ID: "aa11", N: 1, C: 1}, {ID: "bb22", N: 1, C: 1}}},
		}},
		"items.jsonl": {Format: "items", Warnings: []string{"tasks have 1 to 8 samples: no pass@k of more than 1"}, Sets: current(
			store.Item{ID: "t1", N: 8, C: 3, Stratum: "depth2", Cluster: "a"}, store.Item{ID: "t2", N: 8, Stratum: "depth3", Cluster: "a"},
			store.Item{ID: "t3", N: 1, C: 1, Stratum: "depth3", Verdict: "AC"},
		)},
	}
}

func sample(t *testing.T, name string) []byte { t.Helper(); return sampleOf(t, name) }

func sampleOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, want := range golden() {
		got, err := ReadEvaluation(filepath.Join("testdata", name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What every reader has to take as if it were not there, and what none may take.
func TestConformance(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for name, want := range golden() {
		covered[want.Format] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := sample(t, name)
			for what, changed := range map[string][]byte{
				"a byte order mark": append([]byte("\xef\xbb\xbf"), text...),
				"CRLF":              bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
				"blank lines":       append(append([]byte("\n \n"), text...), "\n\n\t"...),
				"keys of NaN":       firstObject(text, `"future":[NaN,{"a":-Infinity,"b":[null,1e-7]}],`),
				"a program of 4 MB": firstObject(text, `"code":"`+strings.Repeat(`print(\"\\\\\")\n`, 1<<18)+`",`),
				"deep data":         firstObject(text, `"deep":`+strings.Repeat(`[{"a":`, 400)+`1`+strings.Repeat(`}]`, 400)+`,`),
			} {
				got, err := read(bytes.NewReader(changed))
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("with %s: %v (-want +got):\n%s", what, err, diff)
				}
			}
			for what, changed := range map[string][]byte{
				"zeros at the end":     append(slices.Clone(text), 0, 0),
				"words at the end":     append(slices.Clone(text), "Traceback"...),
				"a bracket at the end": append(slices.Clone(text), ']'),
				"too deep data":        firstObject(text, `"deep":`+strings.Repeat(`[`, 2000)+strings.Repeat(`]`, 2000)+`,`),
				"a key of 1 MB":        firstObject(text, `"`+strings.Repeat(`\"x`, 1<<18)+`":0,`),
				"a broken value":       firstObject(text, `"x":nul,`),
				"two commas":           firstObject(text, `"x":1,,`),
				"a key without quotes": firstObject(text, `x:1,`),
				"a single quote":       firstObject(text, `'x':1,`),
				"a comma too many":     firstObject(text, `"x":[1,],`),
				"a wrong pair":         firstObject(text, `"x":[1},`),
			} {
				if got, err := read(bytes.NewReader(changed)); err == nil {
					t.Errorf("with %s it is read: %+v", what, got)
				}
			}
		})
	}
	for _, r := range readers() {
		if !covered[r.format] {
			t.Errorf("no golden file of %s", r.format)
		}
	}
}

// firstObject is a text whose first object begins with more.
func firstObject(text []byte, more string) []byte {
	at := bytes.IndexByte(text, '{') + 1
	return slices.Concat(text[:at], []byte(more), text[at:])
}

// A file that was cut anywhere is an error, but for files of lines between two lines.
func TestHalfFiles(t *testing.T) {
	t.Parallel()
	for name := range golden() {
		text := sample(t, name)
		for end := 0; end < len(text); end += 1 + len(text)/300 {
			half := bytes.TrimRight(text[:end], "\n")
			whole := len(half) == len(bytes.TrimRight(text, "\n")) ||
				strings.HasSuffix(name, ".jsonl") && len(half) > 0 && text[len(half)] == '\n'
			_, err := read(bytes.NewReader(text[:end]))
			if (err == nil) != whole {
				t.Fatalf("%s cut at %d of %d: %v", name, end, len(text), err)
			}
		}
	}
}

// hostile files, and a part of what is said of them.
func TestHostile(t *testing.T) {
	t.Parallel()
	lcb := func(rest string) string { return `[{"question_id":"a","graded_list":` + rest + `}]` }
	for name, c := range map[string]struct{ text, want string }{
		"empty":                    {"", "it is empty"},
		"spaces":                   {" \n\t", "it is empty"},
		"words":                    {"Traceback (most recent call last)", "none of the results that are known"},
		"an empty array":           {"[]", "no tasks"},
		"an empty object":          {"{}", "none of the results that are known"},
		"numbers":                  {"[1, 2]", "none of the results that are known"},
		"another format":           {`{"results":{"gsm8k":{"acc,none":0.6}}}`, "none of the results that are known"},
		"not evaluated":            {`[{"question_id":"a","graded_list":[true]},{"question_id":"b","code_list":[]}]`, `problem 2 ("b") has no graded_list`},
		"gzip":                     {"\x1f\x8b\x08\x00", "gunzip it first"},
		"zstd":                     {"\x28\xb5\x2f\xfd", "unzstd it first"},
		"UTF-16":                   {"\xff\xfe[\x00", "UTF-16"},
		"text for a list":          {lcb(`"yes"`), `problem 1 ("a"): graded_list: byte 34: '"', want '['`},
		"numbers for truth":        {lcb(`[1,0]`), "want true or false"},
		"NaN for truth":            {lcb(`[NaN]`), "want true or false"},
		"null for a list":          {lcb(`null`), "want '['"},
		"no samples at all":        {lcb(`[]`), "no task in it has samples"},
		"no name":                  {`[{"graded_list":[true],"question_id":""}]`, "a task without a name"},
		"a name of many":           {`[{"graded_list":[true],"question_id":["a"]}]`, "want a text in quotes"},
		"a number with a point":    {`[{"graded_list":[true],"question_id":1.5}]`, "want the name of a task"},
		"twice and different":      {`[{"question_id":"a","graded_list":[true]},{"question_id":"a","graded_list":[false]}]`, `the task "a" stands there twice, with 1 of 1 and 0 of 1 samples right`},
		"a name without an end":    {`[{"question_id":"` + strings.Repeat("a", 1<<20) + `","graded_list":[true]}]`, "a name of more than 64 KiB"},
		"a number without an end":  {`[{"x":` + strings.Repeat("1", 1<<20) + `,"question_id":"a","graded_list":[true]}]`, "a number of more than 400 digits"},
		"evalplus: no status":      {`{"eval":{"a":[{"plus_status":"pass"}]}}`, `task "a": byte`},
		"evalplus: half tested":    {`{"eval":{"a":[{"base_status":"pass","plus_status":"pass"},{"base_status":"pass"}]}}`, "2 samples of which 1"},
		"evalplus: no tasks":       {`{"eval":{}}`, "it has no tasks"},
		"evalplus: eval is a list": {`{"eval":[]}`, "want '{'"},
		"humaneval: no passed":     {"{\"task_id\":\"a\",\"passed\":true}\n{\"task_id\":\"b\"}\n", `line 2: the task "b" has no passed`},
		"humaneval: a text":        {`{"task_id":"a","passed":"true"}`, "line 1: passed: byte 24"},
		"items: k > n":             {`{"id":"a","n":1,"c":2}`, `the task "a" has 2 right of 1 samples`},
		"items: below 0":           {`{"id":"a","n":-1,"c":2}`, "want a whole number from 0"},
		"items: NaN":               {`{"id":"a","n":8,"c":NaN}`, "want a whole number from 0"},
		"items: a part":            {`{"id":"a","n":8,"c":0.5}`, "want a whole number from 0"},
		"lm-eval: a share":         {`{"doc_id":0,"doc_hash":"a","acc":0.5}`, "want 0 or 1"},
		"lm-eval: NaN":             {`{"doc_id":0,"doc_hash":"a","acc":NaN}`, "none of the metrics that count tasks"},
		"lm-eval: no metric":       {`{"doc_id":0,"doc_hash":"a","perplexity":[1,2]}`, "none of the metrics that count tasks"},
		"places: one part":         {`[{"detail":{}}]`, "results by problem are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v of %+v, want %q", err, got, c.want)
			}
		})
	}
}

func TestStrangeAndRight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		items    []store.Item
		warnings []string
	}{
		"twice and alike": {
			`[{"question_id":"a","graded_list":[true]},{"question_id":"a","graded_list":[true]}]`,
			[]store.Item{{ID: "a", N: 1, C: 1}}, []string{"1 task twice, with the same outcome: counted once"},
		},
		"a number for a name, null for words, a key twice": {
			`[{"question_id":2857,"platform":null,"difficulty":null,"contest_date":null,"graded_list":[true],"graded_list":[false,true]}]`,
			[]store.Item{{ID: "2857", N: 2, C: 1}}, nil,
		},
		"escapes in names": {
			`[{"question_id":"\u00fc\ud83d\ude00\"\\","graded_list":[true]}]`, []store.Item{{ID: "ü😀\"\\", N: 1, C: 1}}, nil,
		},
		"one line without its end": {`{"id":"a","n":1,"c":0}`, []store.Item{{ID: "a", N: 1}}, nil},
		"a document twice": {
			"{\"doc_id\":0,\"doc_hash\":\"a\",\"acc\":1.0}\n{\"doc_id\":1,\"doc_hash\":\"a\",\"acc\":0.0}\n",
			[]store.Item{{ID: "a", N: 2, C: 1}}, []string{"a set has some documents more than once: they count as more samples of one (lines: 1)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.items, got.Sets[0].Items); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.warnings, got.Warnings); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Documents that were counted in two ways are two data sets, and a file of base tests is
// another format: what they say of a task is not compared as if it were one thing.
func TestCountedInTwoWays(t *testing.T) {
	t.Parallel()
	line := func(rest string) string { return `{"doc_id":0,"doc_hash":"a",` + rest + "}\n" }
	for text, want := range map[string]string{
		line(`"acc":1.0`):                 "lm-eval, acc",
		line(`"acc":1.0,"filter":"none"`): "lm-eval, acc",
		line(`"acc":1.0,"acc_norm":0.0,"metrics":["acc_norm","acc"]`):             "lm-eval, acc_norm",
		line(`"exact_match":0.0,"filter":"flexible-extract"`):                     "lm-eval, exact_match by flexible-extract",
		line(`"exact_match":0.0,"filter":"strict-match"`):                         "lm-eval, exact_match by strict-match",
		`{"hash":"h","eval":{"a":[{"base_status":"pass"}]}}`:                      "evalplus base, h",
		`{"hash":"h","eval":{"a":[{"base_status":"pass","plus_status":"pass"}]}}`: "evalplus, h",
	} {
		if e, err := read(strings.NewReader(text)); err != nil || e.Format+", "+e.Hash != want {
			t.Errorf("%s is %q, %v; want %q", text, e.Format+", "+e.Hash, err, want)
		}
	}
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	if _, err := ReadEvaluation("testdata/none.json"); err == nil || err.Error() != "read evaluation testdata/none.json: no such file or directory" {
		t.Errorf("%v", err)
	}
	if _, err := ReadEvaluation("testdata"); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("%v", err)
	}
}
