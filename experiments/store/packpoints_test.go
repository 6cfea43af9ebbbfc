package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// hard are points with all that makes a format wrong: steps that go back, sets of
// metrics that change, no metrics at all, numbers that are none.
func hard() []store.Batch {
	first := make([]store.Point, 0, 17_000)
	r := rand.New(rand.NewPCG(1, 2))
	at := 1763790000.123
	for i := range int64(17_000) {
		m := store.Values{"train/loss": float64(float32(r.NormFloat64())), "train/lr": math.Cos(float64(i) / 1e4)}
		switch i % 1000 {
		case 0:
			m = store.Values{"eval/pass@1": float64(i%97) / 97, "a/b\nc": 0.1234}
		case 1:
			m = store.Values{}
		case 2:
			m["train/loss"], m["train/lr"] = math.NaN(), math.Inf(1)
		case 3:
			m["train/loss"], m["train/lr"] = math.Copysign(0, -1), math.Inf(-1)
		}
		at += 0.1 + r.ExpFloat64()/1000
		first = append(first, store.Point{Step: i, Time: at, M: m})
	}
	edges := store.Values{"max": math.MaxFloat64, "min": math.SmallestNonzeroFloat64, "big": -1 << 53, "int": 7}
	return []store.Batch{
		{Attempt: 1, Points: first},
		{Attempt: 3, Points: []store.Point{
			{Step: 16_000, Time: at, M: store.Values{"train/loss": 1}},
			{Step: -5, Time: -1, M: edges},
			{Step: math.MaxInt64, Time: 0, M: edges},
			{Step: math.MinInt64, Time: at - 1e6, M: store.Values{"train/loss": 0.5}},
		}},
	}
}

func TestPackedPointsAreTheSame(t *testing.T) {
	t.Parallel()
	want := hard()
	p := openPacked(t, want)
	got, err := p.Batches()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), signs()); diff != "" {
		t.Errorf("points changed (-want +got):\n%s", diff)
	}
	var h store.History
	for _, b := range want {
		h.Add(b)
	}
	packed, err := p.History()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&h, packed, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("history changed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(h.Latest(), p.Latest(), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("last values changed (-want +got):\n%s", diff)
	}
	if p.Attempt() != 3 {
		t.Errorf("newest attempt %d, want 3", p.Attempt())
	}
}

// signs tells 0 from -0.
func signs() cmp.Option {
	return cmp.FilterValues(func(a, b float64) bool { return a == 0 && b == 0 },
		cmp.Comparer(func(a, b float64) bool { return math.Signbit(a) == math.Signbit(b) }))
}

func openPacked(tb testing.TB, batches []store.Batch) *store.PackedPoints {
	tb.Helper()
	dir := tb.TempDir()
	if err := store.WritePoints(filepath.Join(dir, "points.pack"), batches); err != nil {
		tb.Fatal(err)
	}
	p, err := store.OpenPoints(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = p.Close() })
	return p
}

// longRun is 10 metrics x 100,000 steps as trainers log them: float32 values with
// noise, a step about every 120 ms.
func longRun() []store.Batch {
	r := rand.New(rand.NewPCG(3, 4))
	points, at := make([]store.Point, 100_000), 1763790000.0
	for i := range points {
		m := store.Values{}
		for k := range 10 {
			m[fmt.Sprintf("train/m%d", k)] = float64(float32(math.Exp(-float64(i)/3e4) + 0.1*r.NormFloat64() + float64(k)))
		}
		at += 0.12 + 0.002*r.ExpFloat64()
		points[i] = store.Point{Step: int64(i), Time: math.Round(at*1e9) / 1e9, M: m}
	}
	return []store.Batch{{Attempt: 1, Points: points}}
}

func BenchmarkPackPoints(b *testing.B) {
	batches := longRun()
	path := filepath.Join(b.TempDir(), "points.pack")
	for b.Loop() {
		if err := store.WritePoints(path, batches); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "bytes/point")
}

func BenchmarkReadPackedPoints(b *testing.B) {
	p := openPacked(b, longRun())
	for b.Loop() {
		if _, err := p.Batches(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadPackedOutline opens the run too, as who draws one chart does.
func BenchmarkReadPackedOutline(b *testing.B) {
	dir := b.TempDir()
	if err := store.WritePoints(filepath.Join(dir, "points.pack"), longRun()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := store.OpenPoints(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Outline("train/m3"); err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
