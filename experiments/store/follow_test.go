package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

func TestFollower(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	f := store.Follower{Dir: dir}
	write := func(attempt int, text string) {
		add(t, filepath.Join(store.AttemptDir(dir, attempt), "metrics.jsonl"), text)
	}
	line := func(step int) string { return fmt.Sprintf(`{"step":%d,"m":{"a":1}}`, step) + "\n" }
	brings := func(want string, damaged int) {
		t.Helper()
		batches, more, err := f.Next(0)
		if err != nil || more {
			t.Fatal(more, err)
		}
		var got []string
		for _, b := range batches {
			for _, p := range b.Points {
				got = append(got, fmt.Sprintf("a%d:%d", b.Attempt, p.Step))
			}
		}
		if strings.Join(got, " ") != want || f.Damaged != damaged {
			t.Errorf("got %v and %d damaged lines, want %s and %d", got, f.Damaged, want, damaged)
		}
	}
	brings("", 0)
	write(1, line(1)+line(2)+`{"step":3`)
	brings("a1:1 a1:2", 0)
	write(1, "\nnothing\n"+strings.Repeat("x", store.MaxLine)+"\n"+line(4))
	brings("a1:4", 3)
	write(1, line(5)) // its last words, read together with what follows
	write(2, "\x00\n"+line(2)+line(3))
	mkdir(t, store.AttemptDir(dir, 3))
	write(10, line(7))
	brings("a1:5 a2:2 a2:3 a10:7", 4)
	brings("", 4)
}

func TestFollowerLimit(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	for attempt := 1; attempt <= 2; attempt++ {
		for step := range 50 {
			add(t, filepath.Join(store.AttemptDir(dir, attempt), "metrics.jsonl"), fmt.Sprintf(`{"step":%d,"m":{"a":%d}}`+"\n", step, attempt))
		}
	}
	f, pieces := store.Follower{Dir: dir}, &store.History{}
	calls := 0
	for more := true; more; calls++ {
		var batches []store.Batch
		var err error
		if batches, more, err = f.Next(200); err != nil {
			t.Fatal(err)
		}
		for _, b := range batches {
			pieces.Add(b)
		}
	}
	whole, err := store.ReadHistory(dir)
	if err != nil || calls < 10 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	if diff := cmp.Diff(whole, pieces, cmpopts.IgnoreUnexported(store.History{})); diff != "" {
		t.Error(diff)
	}
	if s := whole.Series["a"]; len(s.Steps) != 50 || len(s.Ghosts) != 1 || len(s.Ghosts[0].Steps) != 50 {
		t.Errorf("series is %+v", s)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	batch := func(attempt int, points ...store.Point) store.Batch {
		return store.Batch{Attempt: attempt, Points: points}
	}
	p := func(step int64, m store.Values) store.Point {
		return store.Point{Step: step, Time: float64(step) * 10, M: m}
	}
	a := func(step int64, v float64) store.Point { return p(step, store.Values{"a": v}) }
	ghost := func(steps, values []float64) store.Ghost { return store.Ghost{Steps: steps, Values: values} }
	tests := []struct {
		name    string
		batches []store.Batch
		steps   []float64
		values  []float64
		ghosts  []store.Ghost
	}{
		{"one attempt", []store.Batch{batch(1, a(0, 1), a(1, 2)), batch(1, a(2, 3))}, []float64{0, 1, 2}, []float64{1, 2, 3}, nil},
		{"the last word on a step", []store.Batch{batch(1, a(1, 1), a(2, 2), a(2, 5))}, []float64{1, 2}, []float64{1, 5}, nil},
		{"a step back within an attempt leaves no ghost", []store.Batch{batch(1, a(1, 1), a(2, 2), a(3, 3)), batch(1, a(2, 9))}, []float64{1, 2}, []float64{1, 9}, nil},
		{"a resumed attempt", []store.Batch{batch(1, a(1, 1), a(2, 2), a(3, 3)), batch(2, a(2, 8), a(3, 9), a(4, 10))}, []float64{1, 2, 3, 4}, []float64{1, 8, 9, 10}, []store.Ghost{ghost([]float64{2, 3}, []float64{2, 3})}},
		{"from its first step on", []store.Batch{batch(1, a(1, 1), a(2, 2), a(3, 3)), batch(2, a(1, 7))}, []float64{1}, []float64{7}, []store.Ghost{ghost([]float64{1, 2, 3}, []float64{1, 2, 3})}},
		{"resumed where it ended", []store.Batch{batch(1, a(1, 1)), batch(2, a(2, 2))}, []float64{1, 2}, []float64{1, 2}, nil},
		{"other metrics come first", []store.Batch{batch(1, a(1, 1), a(2, 2)), batch(2, p(1, store.Values{"b": 0})), batch(2, a(1, 7))}, []float64{1}, []float64{7}, []store.Ghost{ghost([]float64{1, 2}, []float64{1, 2})}},
		{"three attempts", []store.Batch{batch(1, a(1, 1)), batch(2, a(1, 2)), batch(3, a(1, 3))}, []float64{1}, []float64{3}, []store.Ghost{ghost([]float64{1}, []float64{1}), ghost([]float64{1}, []float64{2})}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var h store.History
			for _, b := range tt.batches {
				h.Add(b)
			}
			times := make([]float64, len(tt.steps))
			for i, s := range tt.steps {
				times[i] = s * 10
			}
			want := &store.Series{Steps: tt.steps, Values: tt.values, Times: times, Ghosts: tt.ghosts}
			if diff := cmp.Diff(want, h.Series["a"]); diff != "" {
				t.Error(diff)
			}
			if last := int64(tt.steps[len(tt.steps)-1]); h.Last != last || h.Time != float64(last)*10 || h.Latest()["a"] != tt.values[len(tt.values)-1] {
				t.Errorf("history ends at %d, %v with %v", h.Last, h.Time, h.Latest())
			}
		})
	}
	var resumed store.History
	resumed.Add(batch(1, a(1, 1), a(2, 2), a(3, 3)))
	resumed.Add(batch(2, p(2, store.Values{"b": 0})))
	if s := resumed.Series["a"]; len(s.Steps) != 1 || len(s.Ghosts) != 1 {
		t.Errorf("a metric that a later attempt did not reach yet is %+v, want it cut where that begins", s)
	}
	// As the built-in recipes write it: the end is told once, and a resumed attempt
	// begins behind its checkpoint.
	var series store.History
	series.Add(batch(1, p(0, store.Values{"total": 5}), a(1, 1), a(2, 2), a(3, 3)))
	series.Add(batch(1, a(4, 4)))
	if series.From != 0 {
		t.Errorf("a first attempt went on from %d", series.From)
	}
	series.Add(batch(2)) // resumed, and no point yet
	series.Add(batch(3, a(3, 30), a(4, 40)))
	series.Add(batch(3, a(5, 50)))
	if diff := cmp.Diff([]float64{1, 2, 30, 40, 50}, series.Series["a"].Values); diff != "" || series.From != 2 || series.Latest()["total"] != 5 {
		t.Errorf("from %d with a total of %v:\n%s", series.From, series.Latest()["total"], diff)
	}
	series.Add(batch(4, p(0, store.Values{"total": 5}), a(1, 1)))
	if series.From != 0 || len(series.Series["a"].Values) != 1 {
		t.Errorf("an attempt that began anew went on from %d", series.From)
	}
	var none *store.Series
	if v, ok := none.Last(); ok || v != 0 {
		t.Errorf("no series ends with %v", v)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1<<19) // 1 MiB
	tests := []struct {
		name string
		text string
		n    int
		want []string
	}{
		{"empty", "", 5, nil},
		{"fewer than asked for", "a\nb\n", 5, []string{"a", "b"}},
		{"the last ones", "a\nb\nc\nd", 2, []string{"c", "d"}},
		{"none asked for", "a\nb\n", 0, nil},
		{"blank lines", "a\n\n  \t\n\r\n b \n\n", 5, []string{"a", " b"}},
		{"CRLF", "a\r\nb\r\n", 5, []string{"a", "b"}},
		{"progress bar", " 10%\r 50%\r100%\ndone\n", 5, []string{"100%", "done"}},
		{"progress bar that goes on", "start\n 10%\r 50%\r", 5, []string{"start", " 50%"}},
		{"progress bar wiped out", "bar\r   \r\nnext\n", 5, []string{"next"}},
		{"colours are the screens' business", "\x1b[31mred\x1b[0m\n", 5, []string{"\x1b[31mred\x1b[0m"}},
		{"behind a long line", long + "\na\nb\n", 5, []string{"a", "b"}},
		{"in a long line", "x" + long + "\n", 5, []string{long[:64<<10-2]}},
		{"in a long line that goes on", "a\nx" + long, 5, []string{long[:64<<10]}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "out.log")
			add(t, path, tt.text)
			got, err := store.LastLines(path, tt.n)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%.500s", diff)
			}
		})
	}
	if got, err := store.LastLines(filepath.Join(t.TempDir(), "out.log"), 3); got != nil || err != nil {
		t.Errorf("a log that is not there has %v, %v", got, err)
	}
}
