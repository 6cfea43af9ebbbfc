package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// line3 is a curve at full resolution, as it is kept by who reads a trail or made
// from points one by one.
type line3 struct {
	Steps, Values, Times []float64
	Ghosts               []store.Ghost
}

// before is how many points are before a step.
func (l *line3) before(step float64) int {
	n := 0
	for n < len(l.Steps) && l.Steps[n] < step {
		n++
	}
	return n
}

func (l *line3) cut(step float64) store.Ghost {
	i := l.before(step)
	g := store.Ghost{Steps: append([]float64(nil), l.Steps[i:]...), Values: append([]float64(nil), l.Values[i:]...)}
	l.Steps, l.Values, l.Times = l.Steps[:i], l.Values[:i], l.Times[:i]
	return g
}

// curves are what the rules of a History make of points, none left out.
func curves(batches []store.Batch, metrics []string) map[string]*line3 {
	all := map[string]*line3{}
	for _, name := range metrics {
		all[name] = &line3{}
	}
	attempt := 0
	for _, b := range batches {
		for _, p := range b.Points {
			if b.Attempt > attempt {
				attempt = b.Attempt
				for _, l := range all {
					if g := l.cut(float64(p.Step)); len(g.Steps) > 0 {
						l.Ghosts = append(l.Ghosts, g)
					}
				}
			}
			for name, l := range all {
				if v, ok := p.M[name]; ok {
					l.cut(float64(p.Step))
					l.Steps, l.Values, l.Times = append(l.Steps, float64(p.Step)), append(l.Values, v), append(l.Times, p.Time)
				}
			}
		}
	}
	return all
}

// taker keeps what a trail gives.
type taker struct {
	trail  *store.Trail
	all    map[string]*line3
	points int
	pieces int
}

func take(dir string, metrics ...string) *taker {
	k := &taker{trail: store.OpenTrail(dir, metrics), all: map[string]*line3{}}
	for _, name := range metrics {
		k.all[name] = &line3{}
	}
	return k
}

// read takes what there is, in pieces.
func (k *taker) read(t testing.TB, limit int64) {
	t.Helper()
	for more := true; more; {
		var p store.Piece
		var err error
		if p, more, err = k.trail.Next(limit); err != nil {
			t.Fatal(err)
		}
		k.takeIn(p)
	}
}

func (k *taker) takeIn(p store.Piece) {
	k.pieces++
	k.points += p.Points
	for _, c := range p.Columns {
		l := k.all[c.Metric]
		l.cut(c.Cut)
		if len(c.Ghost.Steps) > 0 {
			l.Ghosts = append(l.Ghosts, store.Ghost{Steps: append([]float64(nil), c.Ghost.Steps...), Values: append([]float64(nil), c.Ghost.Values...)})
		}
		l.Steps, l.Values, l.Times = append(l.Steps, c.Steps...), append(l.Values, c.Values...), append(l.Times, c.Times...)
	}
}

// followed are all points of a run, read one by one, and the damaged lines.
func followed(t testing.TB, dir string) ([]store.Batch, int) {
	t.Helper()
	f := store.Follower{Dir: dir}
	batches, _, err := f.Next(0)
	if err != nil {
		t.Fatal(err)
	}
	return batches, f.Damaged
}

func sameCurves(t *testing.T, want, got map[string]*line3, ghosts bool) {
	t.Helper()
	opts := cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateEmpty(), signs()}
	if !ghosts {
		opts = append(opts, cmpopts.IgnoreFields(line3{}, "Ghosts"))
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("curves (-want +got):\n%.3000s", diff)
	}
}

func TestTrail(t *testing.T) {
	t.Parallel()
	a := func(step int, v string) string {
		return fmt.Sprintf(`{"step":%d,"time":%d,"m":{"a":%s}}`+"\n", step, 10*step, v)
	}
	tests := []struct {
		name     string
		attempts []string
		steps    []float64 // of a
		values   []float64
		ghosts   []store.Ghost
		damaged  int
	}{
		{"nothing", nil, nil, nil, nil, 0},
		{"an empty file", []string{""}, nil, nil, nil, 0},
		{"one attempt", []string{a(1, "1") + a(2, "-0.5")}, []float64{1, 2}, []float64{1, -0.5}, nil, 0},
		{"an unfinished last line", []string{a(1, "1") + `{"step":2,"m":{"a":1}}`}, []float64{1}, []float64{1}, nil, 0},
		{"no other metric", []string{`{"step":1,"m":{"b":2}}` + "\n"}, nil, nil, nil, 0},
		{"between others", []string{`{"step":1,"m":{"b":2,"a":3,"c":4}}` + "\n" + `{"step":2,"m":{"a":5,"b":2}}` + "\n"}, []float64{1, 2}, []float64{3, 5}, nil, 0},
		{"a step back within an attempt", []string{a(1, "1") + a(2, "2") + a(3, "3") + a(2, "9")}, []float64{1, 2}, []float64{1, 9}, nil, 0},
		{"the last word on a step", []string{`{"step":1,"m":{"a":1,"a":2}}` + "\n" + a(2, "1") + a(2, "5")}, []float64{1, 2}, []float64{2, 5}, nil, 0},
		{"resumed", []string{a(1, "1") + a(2, "2") + a(3, "3"), a(2, "8")}, []float64{1, 2}, []float64{1, 8}, []store.Ghost{{Steps: []float64{2, 3}, Values: []float64{2, 3}}}, 0},
		{"resumed where it ended", []string{a(1, "1"), a(2, "2")}, []float64{1, 2}, []float64{1, 2}, nil, 0},
		{"resumed with another metric", []string{a(1, "1") + a(2, "2"), `{"step":2,"m":{"b":2}}` + "\n"}, []float64{1}, []float64{1}, []store.Ghost{{Steps: []float64{2}, Values: []float64{2}}}, 0},
		{"resumed, and a step back", []string{a(1, "1") + a(2, "2") + a(3, "3"), `{"step":3,"m":{"b":2}}` + "\n" + a(2, "7")}, []float64{1, 2}, []float64{1, 7}, []store.Ghost{{Steps: []float64{3}, Values: []float64{3}}}, 0},
		{"an attempt without points", []string{a(1, "1") + a(2, "2"), "", a(1, "7")}, []float64{1}, []float64{7}, []store.Ghost{{Steps: []float64{1, 2}, Values: []float64{1, 2}}}, 0},
		{"what is no number", []string{a(1, `"NaN"`) + a(2, `"Inf"`) + a(3, `"-Inf"`) + a(4, `1e999`) + a(5, `null`)}, []float64{1, 2, 3}, []float64{math.NaN(), math.Inf(1), math.Inf(-1)}, nil, 2},
		{"damage", []string{"x\n" + a(1, "1") + "\x00\x00" + a(2, "2") + `{"step":3,"m":{"a":1}` + "\n\n\r\n{}\n" + `{"step": 4, "time": 40.0, "m": {"a": 4}}` + "\r\n"}, []float64{1, 2, 4}, []float64{1, 2, 4}, nil, 4},
		{"a line that is too long", []string{a(1, "1") + strings.Repeat("x", store.MaxLine) + "\n" + a(2, "2")}, []float64{1, 2}, []float64{1, 2}, nil, 1},
		{"a long line", []string{a(1, "1") + `{"step":2,"m":{"` + strings.Repeat("x", 1<<20) + `":1,"a":2}}` + "\n"}, []float64{1, 2}, []float64{1, 2}, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, dir := newRun(t)
			for n, text := range tt.attempts {
				add(t, filepath.Join(store.AttemptDir(dir, n+1), "metrics.jsonl"), text)
			}
			for _, limit := range []int64{0, 1, 100} {
				k := take(dir, "a")
				k.read(t, limit)
				want := &line3{Steps: tt.steps, Values: tt.values, Ghosts: tt.ghosts}
				k.all["a"].Times = nil
				sameCurves(t, map[string]*line3{"a": want}, k.all, true)
				if k.trail.Damaged != tt.damaged {
					t.Errorf("%d damaged lines, want %d", k.trail.Damaged, tt.damaged)
				}
			}
		})
	}
}

// However a run was written and however it is read, the curves are those that its
// points make one by one.
func TestTrailIsThePointsInOrder(t *testing.T) {
	t.Parallel()
	metrics := []string{"a", "b", "é", "none", "train/loss"}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		_, _, dir := newRun(t)
		live := take(dir, metrics...)
		for attempt := 1; attempt <= 1+r.IntN(3); attempt++ {
			step := r.Int64N(300)
			for range r.IntN(4) {
				var text strings.Builder
				for range r.IntN(2000) {
					if step++; r.IntN(300) == 0 {
						step -= r.Int64N(50)
					}
					text.WriteString(randomLine(r, step))
				}
				add(t, filepath.Join(store.AttemptDir(dir, attempt), "metrics.jsonl"), text.String())
				live.read(t, 0)
			}
		}
		batches, damaged := followed(t, dir)
		want := curves(batches, metrics)
		for _, limit := range []int64{0, 1 << 12, 1 << 16} {
			k := take(dir, metrics...)
			k.read(t, limit)
			sameCurves(t, want, k.all, false)
			if k.trail.Damaged != damaged || limit == 1<<12 && k.pieces < k.points/200 {
				t.Errorf("%d damaged lines in %d pieces, want %d", k.trail.Damaged, k.pieces, damaged)
			}
		}
		sameCurves(t, want, live.all, false)
	}
}

func TestTrailOfPacked(t *testing.T) {
	t.Parallel()
	metrics := []string{"train/loss", "eval/pass@1", "max", "none"}
	for _, batches := range [][]store.Batch{hard(), hard()[:1]} { // the last attempt of all replaces nearly everything
		dir := t.TempDir()
		if err := store.WritePoints(filepath.Join(dir, "points.pack"), batches); err != nil {
			t.Fatal(err)
		}
		points := 0
		for _, b := range batches {
			mkdir(t, store.AttemptDir(dir, b.Attempt))
			points += len(b.Points)
		}
		want := curves(batches, metrics)
		for _, limit := range []int64{0, 1, 1 << 20} {
			k := take(dir, metrics...)
			k.read(t, limit)
			sameCurves(t, want, k.all, false)
			k.read(t, limit)
			if k.points != points {
				t.Errorf("%d points, want %d", k.points, points)
			}
		}
	}
}

// A run that is packed while somebody reads it, and tried again afterwards, is read
// on where it was left.
func TestTrailIsPackedMeanwhile(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	metrics := []string{"train/loss", "other"}
	batches, damaged := followed(t, dir)
	want := curves(batches, metrics)
	readers := make([]*taker, 6)
	for i := range readers {
		readers[i] = take(dir, metrics...)
		for range i {
			p, _, err := readers[i].trail.Next(1000)
			if err != nil {
				t.Fatal(err)
			}
			readers[i].takeIn(p)
		}
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a1", "metrics.jsonl")); err == nil {
		t.Fatal("the run is not packed")
	}
	for i, k := range readers {
		k.read(t, 1000)
		sameCurves(t, want, k.all, true)
		if k.trail.Damaged != damaged {
			t.Errorf("reader %d counts %d damaged lines, want %d", i, k.trail.Damaged, damaged)
		}
	}
	add(t, filepath.Join(dir, "a3", "metrics.jsonl"), `{"step":30,"m":{"train/loss":7}}`+"\n")
	batches, _ = followed(t, dir)
	for _, k := range readers {
		k.read(t, 1000)
		sameCurves(t, curves(batches, metrics), k.all, true)
	}
}

func TestTrailOfDamagedPack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "points.pack")
	if err := store.WritePoints(path, few()); err != nil {
		t.Fatal(err)
	}
	mkdir(t, store.AttemptDir(dir, 1))
	mkdir(t, store.AttemptDir(dir, 2))
	want := curves(few(), []string{"a"})
	errs := 0
	damaged(t, path, func(what string) {
		k := store.OpenTrail(dir, []string{"a"})
		for more := true; more; {
			var err error
			if _, more, err = k.Next(0); err != nil {
				errs++
				if !strings.Contains(err.Error(), path) {
					t.Errorf("%s: %v", what, err)
				}
				return
			}
		}
	})
	if errs == 0 {
		t.Error("no damage was seen")
	}
	k := take(dir, "a")
	k.read(t, 0)
	sameCurves(t, want, k.all, true)
}

// Of a long attempt that is done again the ghost is thinned, its ends stay, and the
// curve does not lose a point.
func TestTrailGhostOfLongAttempt(t *testing.T) {
	t.Parallel()
	_, _, dir := newRun(t)
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, `{"step":%d,"m":{"a":%d}}`+"\n", i, i%777)
	}
	add(t, filepath.Join(dir, "a1", "metrics.jsonl"), text.String())
	add(t, filepath.Join(dir, "a2", "metrics.jsonl"), `{"step":5000,"m":{"a":-1}}`+"\n")
	k := take(dir, "a")
	k.read(t, 64<<10)
	l := k.all["a"]
	if len(l.Steps) != 5001 || l.Values[5000] != -1 || len(l.Ghosts) != 1 {
		t.Fatalf("%d steps and %d ghosts", len(l.Steps), len(l.Ghosts))
	}
	g := l.Ghosts[0]
	if n := len(g.Steps); n < 100 || n > 1024 || g.Steps[0] < 5000 || g.Steps[n-1] != 19_999 {
		t.Errorf("the ghost has %d points from %v", n, g.Steps[0])
	}
}

func TestTrailOfGoneFolder(t *testing.T) {
	t.Parallel()
	k := store.OpenTrail(filepath.Join(t.TempDir(), "none"), nil)
	if p, more, err := k.Next(0); p.Points != 0 || more || err != nil {
		t.Errorf("it has %d points, %v, %v", p.Points, more, err)
	}
	dir := t.TempDir()
	mkdir(t, filepath.Join(dir, "a1", "metrics.jsonl"))
	if _, _, err := store.OpenTrail(dir, []string{"a"}).Next(0); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder in the place of the points: %v", err)
	}
}

// A file that begins anew in the same attempt replaces what it had, without a ghost.
func TestTrailOfFileThatShrank(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a1", "metrics.jsonl")
	add(t, path, `{"step":1,"m":{"a":1}}`+"\n"+`{"step":2,"m":{"a":2}}`+"\n"+`{"step":3,"m":{"a":3}}`+"\n")
	k := take(dir, "a")
	k.read(t, 0)
	writeFile(t, path, []byte(`{"step":2,"time":7,"m":{"a":9}}`+"\n"))
	k.read(t, 0)
	sameCurves(t, map[string]*line3{"a": {Steps: []float64{1, 2}, Values: []float64{1, 9}, Times: []float64{0, 7}}}, k.all, true)
}

// million makes a run of 1e6 points of one metric, 56 MB and more, or of ten, as the
// built-in recipes write them.
func million(b *testing.B, points int, names ...string) (dir string, size int64) {
	b.Helper()
	_, _, dir = newRun(b)
	mkdir(b, store.AttemptDir(dir, 1))
	path := filepath.Join(store.AttemptDir(dir, 1), "metrics.jsonl")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w, r := bufio.NewWriter(f), rand.New(rand.NewPCG(1, 1))
	for i := range points {
		fmt.Fprintf(w, `{"step":%d,"time":%.3f,"m":{`, i+1, 1763790000+0.1*float64(i))
		for k, name := range names {
			if k > 0 {
				_ = w.WriteByte(',')
			}
			fmt.Fprintf(w, `"%s":%v`, name, float64(float32(r.NormFloat64())))
		}
		_, _ = w.WriteString("}}\n")
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return dir, info.Size()
}

// BenchmarkTrail reads runs of 1e6 points to their end in pieces of a MiB.
func BenchmarkTrail(b *testing.B) {
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = fmt.Sprintf("train/metric_%d", i)
	}
	for _, bench := range []struct {
		name   string
		points int
		names  []string
		packed bool
		want   []string
	}{
		{"1 of 1", 1_000_000, []string{"train/loss"}, false, []string{"train/loss"}},
		{"1 of 10", 200_000, ten, false, ten[3:4]},
		{"10 of 10", 200_000, ten, false, ten},
		{"packed", 1_000_000, []string{"train/loss"}, true, []string{"train/loss"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			dir, size := million(b, bench.points, bench.names...)
			if bench.packed {
				packEnded(b, dir)
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				t, points := store.OpenTrail(dir, bench.want), 0
				for more := true; more; {
					var p store.Piece
					var err error
					if p, more, err = t.Next(1 << 20); err != nil {
						b.Fatal(err)
					}
					points += len(p.Columns[0].Steps)
				}
				if points != bench.points {
					b.Fatalf("%d points", points)
				}
			}
		})
	}
}

// packEnded packs a run as one that has ended.
func packEnded(b *testing.B, dir string) {
	b.Helper()
	put(b, filepath.Join(dir, "a1", "start.json"), store.Start{Time: 1})
	put(b, filepath.Join(dir, "a1", "exit.json"), store.Exit{})
	if err := store.Pack(dir); err != nil {
		b.Fatal(err)
	}
}
