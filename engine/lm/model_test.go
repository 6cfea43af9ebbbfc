package lm

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var tiny = Config{Vocab: 11, Dim: 8, Layers: 2, Heads: 2, Context: 9}

// blurred is a tiny model whose gains are not one and whose weights are large
// enough that every tensor matters.
func blurred(t testing.TB, cfg Config) *Model {
	t.Helper()
	m, err := New(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.flat {
		m.flat[i] += float32(r.NormFloat64() * 0.2)
	}
	return m
}

func tinyBatch() []Sequence {
	return []Sequence{
		{Tokens: []int32{1, 2, 3, 4, 5}, Prompt: 2},
		{Tokens: []int32{7, 7, 0, 10, 3, 9, 1, 2, 8}, Prompt: 4, Weights: []float32{1, 1, 1, 1, 0.5, 0, -2, 1, 1.5}},
		{Tokens: []int32{6, 4}},
	}
}

func laidOut(m *Model) *layout {
	w := newLayout(m.params, true)
	for i := range w.jobs {
		w.pack(i)
	}
	return w
}

// Central differences of the float64 reference against the gradients, for every
// element of every tensor: relative L2 error below 1e-4 a tensor (float32
// reaches about 1e-6; 1e-2 would be called right).
func TestGradients(t *testing.T) {
	t.Parallel()
	m := blurred(t, tiny)
	batch := tinyBatch()
	ps := newPass(m)
	ps.load(batch)
	w := laidOut(m)
	ps.forward(m.params, w)
	share := 1 / float32(len(ps.lossy))
	got := ps.out.loss(ps.targets, ps.weights, share) / float64(len(ps.lossy))
	flat := make([]float32, len(m.flat))
	grad := m.cfg.view(flat)
	ps.backward(grad, w, 0)

	ref := &reference{cfg: tiny, flat: make([]float64, len(m.flat))}
	for i, w := range m.flat {
		ref.flat[i] = float64(w)
	}
	if want := ref.loss(batch); math.Abs(got-want) > 1e-5*math.Abs(want) {
		t.Errorf("loss %.8f, reference %.8f", got, want)
	}
	const eps = 1e-5
	ts, _ := tiny.tensors()
	for n, ten := range ts {
		diff, norm := 0.0, 0.0
		for i := ten.from; i < ten.from+ten.len(); i++ {
			w := ref.flat[i]
			ref.flat[i] = w + eps
			up := ref.loss(batch)
			ref.flat[i] = w - eps
			down := ref.loss(batch)
			ref.flat[i] = w
			want := (up - down) / (2 * eps)
			diff += (float64(flat[i]) - want) * (float64(flat[i]) - want)
			norm += want * want
		}
		if e := math.Sqrt(diff / norm); !(e < 1e-4) {
			t.Errorf("tensor %d (%d x %d): relative error of the gradient %.2g (norm %.3g)", n, ten.rows, ten.cols, e, math.Sqrt(norm))
		}
	}
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		cfg  Config
		want string // in the error; "" for none
	}{
		{"fine", tiny, ""},
		{"no vocabulary", Config{0, 8, 1, 1, 8}, "vocab is 0"},
		{"no layers", Config{9, 8, 0, 1, 8}, "layers is 0"},
		{"context of one", Config{9, 8, 1, 1, 1}, "context is 1"},
		{"heads that do not divide", Config{9, 8, 1, 3, 8}, "does not divide"},
		{"odd heads", Config{9, 6, 1, 2, 8}, "odd head width 3"},
		{"negative heads", Config{9, 8, 1, -2, 8}, "heads is -2"},
		{"absurd", Config{1 << 20, 1 << 20, 1, 1, 8}, "parameters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.cfg, 1)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// By hand: V C + L (12 C^2 + 2 C) + C.
func TestParams(t *testing.T) {
	t.Parallel()
	m, err := New(Config{Vocab: 480, Dim: 64, Layers: 2, Heads: 4, Context: 64}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Params(), 480*64+2*(12*64*64+2*64)+64; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}

func TestInitialisation(t *testing.T) {
	t.Parallel()
	cfg := Config{Vocab: 480, Dim: 64, Layers: 2, Heads: 4, Context: 64}
	m, err := New(cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	ts, _ := cfg.tensors()
	for i, ten := range ts {
		sum, squares := 0.0, 0.0
		for _, w := range m.flat[ten.from : ten.from+ten.len()] {
			sum += float64(w)
			squares += float64(w) * float64(w)
		}
		n := float64(ten.len())
		if ten.gain {
			if sum != n || squares != n {
				t.Errorf("tensor %d: gains are not one", i)
			}
			continue
		}
		if mean := sum / n; math.Abs(mean) > 4*ten.std/math.Sqrt(n) {
			t.Errorf("tensor %d: mean %g for deviation %g", i, mean, ten.std)
		}
		if dev := math.Sqrt(squares / n); math.Abs(dev/ten.std-1) > 0.05 {
			t.Errorf("tensor %d: deviation %g, want %g", i, dev, ten.std)
		}
	}
	same, _ := New(cfg, 1)
	other, _ := New(cfg, 2)
	if m.WeightsSHA256() != same.WeightsSHA256() {
		t.Error("one seed gives two models")
	}
	if m.WeightsSHA256() == other.WeightsSHA256() {
		t.Error("two seeds give one model")
	}
}
