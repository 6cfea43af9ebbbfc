package store_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// next returns the lines that were added since the last call.
func next(t testing.TB, tail *store.Tail) []string {
	t.Helper()
	lines := []string{}
	more, err := tail.Next(0, func(l []byte) { lines = append(lines, string(l)) })
	if err != nil || more {
		t.Fatalf("more %v, error %v", more, err)
	}
	return lines
}

func TestTail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", store.MaxLine)
	type look struct {
		add  string
		want []string
	}
	tests := []struct {
		name    string
		looks   []look
		damaged int
	}{
		{"nothing there", []look{{"", nil}}, 0},
		{"whole lines", []look{{"a\nb\n", []string{"a", "b"}}, {"", nil}, {"c\n", []string{"c"}}}, 0},
		{"unfinished line", []look{{"a\nb", []string{"a"}}, {"", nil}, {"c", nil}, {"\nd\n", []string{"bc", "d"}}}, 0},
		{"CRLF and blank lines", []look{{"a\r\n\r\n\n b \n\r", []string{"a", " b "}}, {"\nc\r\n", []string{"c"}}}, 0},
		{"NUL bytes are a line like others", []look{{"\x00\x00", nil}, {"\n{}\n", []string{"\x00\x00", "{}"}}}, 0},
		{"the longest line", []look{{"a\n" + long[1:] + "\nb\n", []string{"a", long[1:], "b"}}}, 0},
		{"a longer one", []look{{"a\n" + long + "\nb\n", []string{"a", "b"}}}, 1},
		{"one that spans three reads", []look{{long + long + long + "\nb\n", []string{"b"}}}, 1},
		{"one that grows", []look{{"a\n" + long, []string{"a"}}, {long, nil}, {"y", nil}, {"y\nb\n", []string{"b"}}}, 1},
		{"two of them", []look{{long + "\n" + long + "\nb\n", []string{"b"}}}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tail := store.Tail{Path: filepath.Join(t.TempDir(), "f")}
			for i, l := range tt.looks {
				if l.add != "" {
					add(t, tail.Path, l.add)
				}
				if got := next(t, &tail); strings.Join(got, "\n") != strings.Join(l.want, "\n") || len(got) != len(l.want) {
					t.Errorf("look %d has %d lines, want %d: %.80q", i, len(got), len(l.want), got)
				}
			}
			if tail.Damaged != tt.damaged {
				t.Errorf("%d lines were too long, want %d", tail.Damaged, tt.damaged)
			}
		})
	}
}

func TestTailShrunk(t *testing.T) {
	t.Parallel()
	tail := store.Tail{Path: filepath.Join(t.TempDir(), "f")}
	add(t, tail.Path, "a\nb\nc\n")
	next(t, &tail)
	if err := os.Truncate(tail.Path, 2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, next(t, &tail)); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(tail.Path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{}, next(t, &tail)); diff != "" {
		t.Error(diff)
	}
}

func TestTailLimit(t *testing.T) {
	t.Parallel()
	const text = "aa\nbbbbbb\ncc\n\ndd\ntorn"
	tests := []struct {
		limit int64
		want  string // one field a call
	}{
		{1, "aa|bbbbbb|cc||dd|"},
		{3, "aa|bbbbbb|cc|dd|"},
		{4, "aa,bbbbbb|cc|dd"},
		{13, "aa,bbbbbb,cc|dd"},
		{17, "aa,bbbbbb,cc,dd|"},
		{1000, "aa,bbbbbb,cc,dd"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.limit), func(t *testing.T) {
			t.Parallel()
			tail := store.Tail{Path: filepath.Join(t.TempDir(), "f")}
			add(t, tail.Path, text)
			var calls []string
			for more := true; more; {
				var lines []string
				var err error
				if more, err = tail.Next(tt.limit, func(l []byte) { lines = append(lines, string(l)) }); err != nil {
					t.Fatal(err)
				}
				calls = append(calls, strings.Join(lines, ","))
			}
			if got := strings.Join(calls, "|"); got != tt.want {
				t.Errorf("calls bring %q, want %q", got, tt.want)
			}
		})
	}
}

func TestValuesJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		v    store.Values
		text string
	}{
		{"numbers", store.Values{"a": 1, "b": -0.25, "c": 1e300, "d": 5e-324}, `{"a":1,"b":-0.25,"c":1e+300,"d":5e-324}`},
		{"no numbers", store.Values{"n": math.NaN(), "p": math.Inf(1), "q": math.Inf(-1)}, `{"n":"NaN","p":"Inf","q":"-Inf"}`},
		{"none", store.Values{}, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := json.Marshal(tt.v)
			if err != nil || string(b) != tt.text {
				t.Errorf("written as %s, %v, want %s", b, err, tt.text)
			}
			var back store.Values
			if err := json.Unmarshal([]byte(tt.text), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fmt.Sprint(tt.v), fmt.Sprint(back)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, text := range []string{`{"a":"nan"}`, `{"a":"1"}`, `{"a":null}`, `{"a":[1]}`, `{"a":true}`, `{"a":1e999}`, `[1]`, `3`} {
		var v store.Values
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is read as %v", text, v)
		}
	}
	v := store.Values{"kept": 1}
	if err := json.Unmarshal([]byte("null"), &v); err != nil || v["kept"] != 1 {
		t.Errorf("null makes it %v, %v", v, err)
	}
}

// FuzzMetrics reads any bytes as metrics.jsonl, at once and as they are written in
// three pieces: both ways find the points of exactly the good lines.
func FuzzMetrics(f *testing.F) {
	f.Add([]byte(`{"step":1,"time":2,"m":{"a":1}}`+"\n"+`{"step":2,"m":{"a":"NaN"}}`+"\n"), uint16(3), uint16(40))
	f.Add([]byte("\x00\x00\n{\"step\":1,\"m\":{}}\r\n\n{}\nnull\n{\"m\":null}\n7\n[]\n{\"step\":1.5,\"m\":{}}\ntorn"), uint16(1), uint16(2))
	f.Add([]byte(`{"step":1,"m":{"a":1}}{"step":1,"m":{"a":1}}`+"\n\xff\xfe\n"), uint16(0), uint16(9))
	f.Fuzz(func(t *testing.T, text []byte, i, j uint16) {
		dir := t.TempDir()
		path := filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl")
		good, damaged := 0, 0
		lines := strings.Split(string(text), "\n")
		for _, l := range lines[:len(lines)-1] {
			var p struct {
				Step int64
				Time float64
				M    map[string]any
			}
			switch l = strings.TrimRight(l, "\r"); {
			case l == "":
			case json.Unmarshal([]byte(l), &p) == nil && p.M != nil && numbers(p.M):
				good++
			default:
				damaged++
			}
		}
		a, b := min(int(i), len(text)), min(int(j), len(text))
		a, b = min(a, b), max(a, b)
		pieces := store.Follower{Dir: dir}
		var all []store.Point
		for _, piece := range [][]byte{text[:a], text[a:b], text[b:]} {
			add(t, path, string(piece))
			all = append(all, points(t, &pieces)...)
		}
		whole := store.Follower{Dir: dir}
		if diff := cmp.Diff(fmt.Sprint(points(t, &whole)), fmt.Sprint(all)); diff != "" {
			t.Error(diff)
		}
		if len(all) != good || pieces.Damaged != damaged || whole.Damaged != damaged {
			t.Errorf("%d points and %d or %d damaged lines, want %d and %d", len(all), pieces.Damaged, whole.Damaged, good, damaged)
		}
		if _, err := store.ReadHistory(dir); err != nil {
			t.Error(err)
		}
	})
}

// numbers reports whether all values are numbers as the run folder writes them.
func numbers(m map[string]any) bool {
	for _, v := range m {
		if _, ok := v.(float64); !ok && v != "NaN" && v != "Inf" && v != "-Inf" {
			return false
		}
	}
	return true
}

func points(t testing.TB, f *store.Follower) (all []store.Point) {
	t.Helper()
	batches, more, err := f.Next(0)
	if err != nil || more {
		t.Fatalf("more %v, error %v", more, err)
	}
	for _, b := range batches {
		all = append(all, b.Points...)
	}
	return all
}

// Lines about as long as what is read at once come whole, and an unfinished one
// comes when it is finished.
func TestTailLongLines(t *testing.T) {
	t.Parallel()
	for _, n := range []int{store.ReadAhead - 2, store.ReadAhead - 1, store.ReadAhead, store.ReadAhead + 1, 3 * store.ReadAhead, store.MaxLine - 1} {
		path := filepath.Join(t.TempDir(), "lines")
		add(t, path, "short\n"+strings.Repeat("x", n))
		tail := store.Tail{Path: path}
		var got []int
		next := func() {
			t.Helper()
			if _, err := tail.Next(0, func(line []byte) { got = append(got, len(line)) }); err != nil {
				t.Fatal(err)
			}
		}
		next()
		next()
		add(t, path, "\nlast\n")
		next()
		if diff := cmp.Diff([]int{5, n, 4}, got); diff != "" || tail.Damaged != 0 {
			t.Errorf("a line of %d bytes: %s", n, diff)
		}
	}
}
