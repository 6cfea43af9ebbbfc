package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/page"
)

// longLog is a log of n lines; each thousandth names an error.
func longLog(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "\x1b[32mline %d\x1b[0m", i)
		if i%1000 == 0 {
			b.WriteString(" ERROR")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func openLog(t *testing.T, n int) (*reader, string) {
	t.Helper()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), log: longLog(n), exit: done})
	return open(t, s, id, 80, 22).press("L", "z"), filepath.Join(store.AttemptDir(s.RunDir(id), 1), "out.log")
}

// shownLines are the numbers of the first and the last line on the screen.
func (r *reader) shownLines() (first, last int) {
	for line := range strings.Lines(r.view()) {
		var n int
		if _, err := fmt.Sscanf(strings.TrimLeft(line, " ▸"), "line %d", &n); err == nil {
			if first == 0 {
				first = n
			}
			last = n
		}
	}
	return first, last
}

func TestLogPaging(t *testing.T) {
	t.Parallel()
	r, _ := openLog(t, 20_000)
	at := func(first, last int) {
		t.Helper()
		if a, b := r.shownLines(); a != first || b != last {
			t.Fatalf("lines %d to %d are shown, want %d to %d:\n%s", a, b, first, last, r.view())
		}
	}
	at(19980, 20000)
	r.press("k")
	at(19979, 19999)
	for range 150 {
		r.press("pgup")
	}
	at(16979, 16999)
	r.press("g")
	at(1, 21)
	for range 200 {
		r.press("pgdn")
	}
	at(4001, 4021)
	r.press("G").sees("end")
	at(19980, 20000)
}

func TestLogSearch(t *testing.T) {
	t.Parallel()
	r, _ := openLog(t, 20_000)
	match := func(n int) {
		t.Helper()
		r.sees(fmt.Sprintf("▸line %d ERROR", n))
	}
	r.press("/").typing("error")
	match(1000)
	r.press("n")
	match(2000)
	r.press("N", "N")
	match(20000)
	r.sees("from the other end on").press("n")
	match(1000)
	r.press("/").typing("/line 1234[56]$/")
	r.sees("▸line 12345").press("n").sees("▸line 12346")
	r.press("/").typing("nowhere").sees("not found")
	if r.press("/").typing("/(/"); !strings.Contains(r.said, "search log") {
		t.Errorf("of a bad expression it says %q", r.said)
	}
	r.press("esc").lacks("nowhere")
}

func TestLogFollows(t *testing.T) {
	t.Parallel()
	r, path := openLog(t, 100)
	add := func(text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		r.send(page.Tick{Now: now})
	}
	add("line 101\nline 10")
	if _, last := r.shownLines(); last != 10 {
		t.Errorf("the line that is being written is not shown:\n%s", r.view())
	}
	add("2\n")
	if _, last := r.shownLines(); last != 102 {
		t.Errorf("it does not follow:\n%s", r.view())
	}
	r.press("k", "k")
	before := r.view()
	add("line 103\n")
	if r.view() != before {
		t.Errorf("it moves though it was scrolled back:\n%s", r.view())
	}
	r.press("G")
	if _, last := r.shownLines(); last != 103 {
		t.Errorf("at the end the last line is not shown:\n%s", r.view())
	}
	if err := os.WriteFile(path, []byte("line 7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.send(page.Tick{Now: now}).send(page.Tick{Now: now})
	if first, last := r.shownLines(); first != 7 || last != 7 {
		t.Errorf("of a log that began anew lines %d to %d are shown", first, last)
	}
}

func TestLogWraps(t *testing.T) {
	t.Parallel()
	s, id := written(t, experiments.Run{Recipe: "sft"}, tried{points: losses(1, 1, 3), log: "begin " + strings.Repeat("x", 100) + " end\n", exit: done})
	r := open(t, s, id, 80, 22).press("L").lacks(" end\n").sees("begin", "…")
	r.press("w").sees("begin", "x end")
}
