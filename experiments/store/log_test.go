package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// newLog makes the out.log of a run's first attempt.
func newLog(t testing.TB, text string) (l *store.Log, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "a1", "out.log")
	add(t, path, text)
	return store.OutLog(dir, 1), path
}

// page is Forward, for tests of texts.
func page(t testing.TB, l *store.Log, from int64, n int) (texts []string, next int64) {
	t.Helper()
	lines, next, err := l.Forward(from, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		texts = append(texts, line.Text)
	}
	return texts, next
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw, want string
		cut             int64
	}{
		{"plain", "step 1 loss 0.5", "step 1 loss 0.5", 0},
		{"empty", "", "", 0},
		{"CRLF", "a\r", "a", 0},
		{"colours", "\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mx", "red x", 0},
		{"wiped line", "\x1b[2K\x1b[1Gdone", "done", 0},
		{"title", "\x1b]0;a title\aafter", "after", 0},
		{"link", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text", 0},
		{"character set", "\x1b(Bx", "x", 0},
		{"character sets and keypad", "\x1b(B\x1b=\x1b7a\x1b8", "a", 0},
		{"device control", "\x1bPq#0\x1b\\a", "a", 0},
		{"unfinished escape", "a\x1b[31", "a", 0},
		{"unfinished title", "a\x1b]0;never ends", "a", 0},
		{"escape in an escape", "\x1b[3\x1b[1mx", "x", 0},
		{"progress bar", " 10%\r 50%\r100%", "100%", 0},
		{"progress bar that goes on", " 10%\r 50%\r", " 50%", 0},
		{"progress bar wiped out", "bar\r     \r", "", 0},
		{"progress bar with colours", "\r\x1b[32m 10%\x1b[0m\r\x1b[32m 20%\x1b[0m", " 20%", 0},
		{"backspace", "|\b/\b-\bé\bok", "ok", 0},
		{"backspace at the beginning", "\b\bx\r\by", "y", 0},
		{"tabs", "a\tbc\t|\r\té", "        é", 0},
		{"tab stops", "a\tb", "a       b", 0},
		{"NUL, BEL, DEL", "a\x00b\a\x7fc\x0b\x0c", "abc", 0},
		{"invalid UTF-8", "a\xff\xfeb\xc3", "a\ufffdb\ufffd", 0},
		{"C1 and bidirectional", "a\u009b31mb\u202ec\u2028d\u2066e", "a31mbcde", 0},
		{"Chinese", "训练 完成 😀", "训练 完成 😀", 0},
		{"a long line", strings.Repeat("x", 1<<20), strings.Repeat("x", 4<<10), 1<<20 - 4<<10},
		{"backspace behind a long line", strings.Repeat("x", 5000) + "\b", strings.Repeat("x", 4<<10), 5000 - 4<<10},
		{"no half of a character", "x" + strings.Repeat("é", 1<<19), "x" + strings.Repeat("é", 2047), 1<<20 + 1 - 4095},
		{"a long progress bar", strings.Repeat("\r 50% of it", 1<<17) + "\rdone", "done", 0},
		{"a long line of tabs", strings.Repeat("\t", 1<<20), "", 8<<20 - 4<<10},
		{"a long line of escapes", strings.Repeat("\x1b[1m", 1<<18) + "x", "x", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLog(t, "before\n"+tt.raw+"\nafter\n")
			lines, _, err := l.Forward(7, 1)
			if err != nil {
				t.Fatal(err)
			}
			want := []store.LogLine{{At: 7, Text: tt.want, Cut: tt.cut}}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("%.1000s", diff)
			}
		})
	}
}

func FuzzLogLine(f *testing.F) {
	for _, s := range []string{"a", "\x1b[31mx\x1b]0;t\a", "\r1\r2\b\t", "\xff\x00\u202e\u0085", "0000\u07bf\t0", "\xbf\b\t"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole, cut := store.Strip(raw)
		if !utf8.ValidString(whole) || strings.ContainsFunc(whole, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }) {
			t.Errorf("%q is shown as %q", raw, whole)
		}
		if len(whole) > 4<<10+utf8.UTFMax*1024 || cut < 0 {
			t.Errorf("%d bytes are shown as %d and %d", len(raw), len(whole), cut)
		}
		for i := range min(len(raw), 64) { // in two pieces it is the same
			if two, _ := store.Strip(raw[:i], raw[i:]); two != whole {
				t.Fatalf("%q and %q are shown as %q, together as %q", raw[:i], raw[i:], two, whole)
			}
		}
	})
}

func TestLogPages(t *testing.T) {
	t.Parallel()
	l, path := newLog(t, "")
	if texts, next := page(t, l, 0, 5); texts != nil || next != 0 {
		t.Errorf("an empty log has %q up to %d", texts, next)
	}
	add(t, path, "one\ntwo\n\nfour\nfi")
	check := func(from int64, n int, next int64, want ...string) {
		t.Helper()
		if texts, got := page(t, l, from, n); !slices.Equal(texts, want) || got != next {
			t.Errorf("from %d: %q up to %d, want %q up to %d", from, texts, got, want, next)
		}
	}
	check(0, 2, 8, "one", "two")
	check(8, 2, 14, "", "four")
	check(14, 9, 14, "fi")
	check(-5, 1, 4, "one")
	check(2, 1, 8, "two") // the line that is cut is left out
	check(15, 9, 16)
	check(0, 0, 0)
	back := func(before int64, n int, first int64, want ...string) {
		t.Helper()
		lines, got, err := l.Backward(before, n)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, line := range lines {
			texts = append(texts, line.Text)
		}
		if !slices.Equal(texts, want) || got != first {
			t.Errorf("before %d: %q from %d, want %q from %d", before, texts, got, want, first)
		}
	}
	back(1<<40, 2, 9, "four", "fi")
	back(9, 2, 4, "two", "")
	back(6, 1, 4, "two") // the line that is cut is whole
	back(4, 5, 0, "one")
	back(0, 5, 0)
	add(t, path, "ve\nsix\n")
	check(14, 9, 23, "five", "six")
	check(23, 9, 23)
	writeFile(t, path, []byte("new\n")) // it began anew
	check(23, 9, 4)
	check(0, 9, 4, "new")
	back(23, 9, 0, "new")
	none := store.OutLog(filepath.Dir(filepath.Dir(path)), 7)
	if texts, next := page(t, none, 0, 5); texts != nil || next != 0 {
		t.Errorf("a log that is not there has %q up to %d", texts, next)
	}
	if lines, first, err := none.Backward(10, 5); lines != nil || first != 0 || err != nil {
		t.Errorf("a log that is not there has %v, %d, %v", lines, first, err)
	}
	if n, err := none.Size(); n != 0 || err != nil {
		t.Errorf("a log that is not there has size %d, %v", n, err)
	}
	mkdir(t, filepath.Join(filepath.Dir(filepath.Dir(path)), "a3", "out.log"))
	if _, _, err := store.OutLog(filepath.Dir(filepath.Dir(path)), 3).Forward(0, 1); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder instead of a log: %v", err)
	}
}

// Forward and backward find the same lines, wherever blocks and lines end.
func TestLogPagesAgree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		var text strings.Builder
		for text.Len() < 300_000 {
			n := r.IntN(200)
			if r.IntN(20) == 0 {
				n = []int{0, 64<<10 - 1, 64 << 10, 1 << 16, 100_000}[r.IntN(5)]
			}
			text.WriteString(strings.Repeat(string(rune('a'+r.IntN(26))), n) + "\n")
		}
		l, _ := newLog(t, text.String()+"open")
		agree(t, l, text.Len()+4, strings.Count(text.String(), "\n")+1)
	}
	// A block without any newline is a line of its own.
	const block = store.LongLine
	for _, text := range []string{
		strings.Repeat("x", 3*block+100),
		strings.Repeat("x", 2*block),
		"a\n" + strings.Repeat("x", 2*block-2) + "\nb\n",
		"a\n" + strings.Repeat("x", 2*block-3) + "\nb\n",
		strings.Repeat("x", block-1) + "\n" + strings.Repeat("y", block) + "\n" + strings.Repeat("z", block) + "\n",
	} {
		l, _ := newLog(t, text)
		agree(t, l, len(text), -1)
	}
}

// agree reads a log both ways; size and lines are what it has, lines -1 if that is
// not known.
func agree(t *testing.T, l *store.Log, size, lines int) {
	t.Helper()
	var forward, backward []store.LogLine
	for at := int64(0); ; {
		page, next, err := l.Forward(at, 50)
		if err != nil {
			t.Fatal(err)
		}
		forward = append(forward, page...)
		if next == at || len(page) > 0 && page[len(page)-1].Open {
			break
		}
		at = next
	}
	for at := int64(size); at > 0; {
		page, first, err := l.Backward(at, 50)
		if err != nil || first >= at {
			t.Fatal(first, at, err)
		}
		backward = append(page, backward...)
		at = first
	}
	if diff := cmp.Diff(forward, backward); diff != "" {
		t.Errorf("forward and backward: %.2000s", diff)
	}
	if lines >= 0 && len(forward) != lines {
		t.Errorf("%d lines, want %d", len(forward), lines)
	}
}

// A page of long lines has fewer of them, and always one.
func TestLogPageIsBounded(t *testing.T) {
	t.Parallel()
	l, _ := newLog(t, strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 10))
	forward, _, err := l.Forward(0, 10)
	if err != nil || len(forward) < 1 || len(forward) > 5 {
		t.Errorf("%d lines forward, %v", len(forward), err)
	}
	back, _, err := l.Backward(1<<40, 10)
	if err != nil || len(back) < 1 || len(back) > 5 || back[len(back)-1].At != 9<<20+9 {
		t.Errorf("%d lines back, %v", len(back), err)
	}
}

func TestLogOfPackedRun(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	l := store.OutLog(s.RunDir(runID), 1)
	size, err := l.Size()
	if err != nil {
		t.Fatal(err)
	}
	plain, first, err := l.Backward(size, 20)
	if err != nil || len(plain) != 20 || plain[19].Text != "last line" {
		t.Fatal(plain, err)
	}
	if err := store.Pack(s.RunDir(runID)); err != nil {
		t.Fatal(err)
	}
	packed, again, err := l.Backward(size, 20)
	if diff := cmp.Diff(plain, packed); err != nil || diff != "" || first != again {
		t.Errorf("from %d and %d, %v:\n%s", first, again, err, diff)
	}
	texts, next := page(t, l, 0, 3)
	if !slices.Equal(texts, []string{"attempt 1", "attempt 1", "attempt 1"}) || next != 30 {
		t.Errorf("%q up to %d", texts, next)
	}
}

// find searches until something is found or nothing is left.
func find(t testing.TB, l *store.Log, text string, from int64, back bool) (line *store.LogLine, next int64, calls int) {
	t.Helper()
	q, err := store.ParseLogQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	for calls = 1; ; calls++ {
		f, err := l.Search(q, from, back)
		if err != nil {
			t.Fatal(err)
		}
		if f.Line != nil || f.Done {
			return f.Line, f.Next, calls
		}
		if f.Next == from {
			t.Fatalf("the search stands still at %d", from)
		}
		from = f.Next
	}
}

func TestSearchLog(t *testing.T) {
	t.Parallel()
	l, path := newLog(t, "Error: one\nnothing\nerror two\x1b[31m!\x1b[0m\nÄrger 0.5\nlast err\x1b[1mor\n")
	size, err := l.Size()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		from int64
		back bool
		want []string // one after the other
	}{
		{"error", 0, false, []string{"Error: one", "error two!", "last error"}},
		{"ERROR", size, true, []string{"last error", "error two!", "Error: one"}},
		{"error", 11, false, []string{"error two!", "last error"}},
		{"error", 11, true, []string{"Error: one"}},
		{"/^E/", 0, false, []string{"Error: one"}},
		{"/err?or (one|two)/", 0, false, []string{"error two!"}},
		{"ärger", 0, false, []string{"Ärger 0.5"}},
		{"0.5", 0, false, []string{"Ärger 0.5"}},
		{".", 0, false, []string{"Ärger 0.5"}},
		{"/", 0, false, nil},
		{"none", 0, false, nil},
		{"none", size, true, nil},
		{"error", size + 100, false, nil},
		{"error", 0, true, nil},
	}
	for _, tt := range tests {
		var got []string
		for at := tt.from; ; {
			line, next, _ := find(t, l, tt.text, at, tt.back)
			if line == nil {
				break
			}
			got, at = append(got, line.Text), next
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q from %d, back %v: %q, want %q", tt.text, tt.from, tt.back, got, tt.want)
		}
	}
	add(t, path, "an open li")
	_, next, _ := find(t, l, "line", 0, false)
	add(t, path, "ne\n")
	if line, _, _ := find(t, l, "line", next, false); line == nil || line.Text != "an open line" || line.At != size {
		t.Errorf("a line that was open: %+v", line)
	}
	for text, want := range map[string]string{"": "nothing to look for", "//": "nothing to look for", "/(/": "missing closing"} {
		if _, err := store.ParseLogQuery(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	q, _ := store.ParseLogQuery("ß")
	if f, err := store.OutLog(t.TempDir(), 1).Search(q, 0, false); err != nil || !f.Done || f.Line != nil {
		t.Errorf("a log that is not there: %+v, %v", f, err)
	}
}

func TestLogQueryFind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, line, want string }{
		{"b", "aBc", "B"}, {"İ", "aİc", "İ"}, {"straße", "Eine STRAßE", "STRAßE"}, {"b", "ééB", "B"}, {"/b+/", "abbc", "bb"}, {"x", "abc", ""},
	} {
		q, err := store.ParseLogQuery(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if from, to, ok := q.Find(tt.line); ok != (tt.want != "") || ok && tt.line[from:to] != tt.want {
			t.Errorf("%q in %q: %d to %d, %v", tt.text, tt.line, from, to, ok)
		}
	}
}

// One call does not look through all of a large file, and a match far inside a long
// line is found.
func TestSearchLargeLog(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 250_000 {
		fmt.Fprintf(&text, "step %d of a long log that goes on\n", i)
	}
	begin := int64(text.Len())
	text.WriteString(strings.Repeat("y", 100_000) + "needle" + strings.Repeat("y", 1<<20) + "\n")
	l, _ := newLog(t, text.String())
	line, _, calls := find(t, l, "Needle", 0, false)
	if line == nil || line.At != begin || calls < 3 || len(line.Text) != 4<<10 {
		t.Errorf("found in %d calls: %v", calls, line != nil)
	}
	line, _, calls = find(t, l, "step 0 ", int64(text.Len()), true)
	if line == nil || line.At != 0 || calls < 3 {
		t.Errorf("found in %d calls: %v", calls, line)
	}
}

func BenchmarkSearchLog(b *testing.B) {
	l, _ := newLog(b, strings.Repeat("2026-11-18 10:00:00 INFO step 1200 loss 0.5123 lr 0.001\n", 70_000))
	size, err := l.Size()
	if err != nil {
		b.Fatal(err)
	}
	for name, back := range map[string]bool{"forward": false, "back": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				from := int64(0)
				if back {
					from = size
				}
				if line, _, _ := find(b, l, "nowhere", from, back); line != nil {
					b.Fatal("found")
				}
			}
		})
	}
}
