package lm

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func saved(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{tiny, {Vocab: 480, Dim: 64, Layers: 1, Heads: 4, Context: 32}} {
		m := blurred(t, cfg)
		back, err := Load(iotest.HalfReader(bytes.NewReader(saved(t, m))))
		if err != nil {
			t.Fatal(err)
		}
		if back.Config() != cfg || back.WeightsSHA256() != m.WeightsSHA256() {
			t.Errorf("shape %+v comes back as %+v, weights %s as %s", cfg, back.Config(), m.WeightsSHA256(), back.WeightsSHA256())
		}
		if _, err := NewTrainer(back, plainAdamW, 1).Step(randomBatch(cfg, 4, 8, 1), 1e-3); err != nil {
			t.Errorf("step on a loaded model: %v", err)
		}
	}
}

// A file cut anywhere, or with any one bit changed, is an error.
func TestLoadDamaged(t *testing.T) {
	t.Parallel()
	data := saved(t, newModel(t, Config{Vocab: 3, Dim: 2, Layers: 1, Heads: 1, Context: 2}))
	for n := range data {
		if _, err := Load(bytes.NewReader(data[:n])); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d of %d bytes: error %v", n, len(data), err)
		}
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		if _, err := Load(bytes.NewReader(bad)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit changed in byte %d: error %v", i, err)
		}
	}
	if _, err := Load(bytes.NewReader(append(data, 0))); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: error %v", err)
	}
}

// headed is the beginning of a file with this header.
func headed(head string) []byte {
	top := append([]byte(magic), byte(len(head)), 0, 0, 0)
	top = append(top, head...)
	sum := checksum(0, top)
	return append(top, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
}

// What is whole but cannot be used says why.
func TestLoadOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, head, want string }{
		{"version", `{"version":2}`, "version 2"},
		{"shape", `{"version":1,"config":{"vocab":3,"dim":3,"layers":1,"heads":2,"context":9}}`, "does not divide"},
		{"weights", `{"version":1,"config":{"vocab":3,"dim":2,"layers":1,"heads":1,"context":9},"sections":[{"name":"weights","len":7}]}`, "want [60 weights]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Load(bytes.NewReader(headed(c.head))); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestSaveAndLoadPassErrorsOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if _, err := Load(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("load: error %v", err)
	}
	m := newModel(t, tiny)
	for n := range 3 {
		if err := m.Save(&failing{n, broken}); !errors.Is(err, broken) {
			t.Errorf("save, write %d fails: error %v", n, err)
		}
	}
}

// failing accepts n writes.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, f.err
	}
	return len(p), nil
}
