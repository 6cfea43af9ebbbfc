package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"
)

func TestExp(t *testing.T) {
	t.Parallel()
	worst := 0.0
	for x := float32(-87.3); x < 88.36; x += 0.00137 {
		want := math.Exp(float64(x))
		worst = max(worst, math.Abs(float64(Exp(x))-want)/want)
	}
	if worst > 2e-7 {
		t.Errorf("relative error %g", worst)
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, want float32 }{{0, 1}, {-inf, 0}, {-100, 0}, {inf, inf}, {100, inf}} {
		if got := Exp(c.x); got != c.want {
			t.Errorf("exp %g = %g, want %g", c.x, got, c.want)
		}
	}
	if got := Exp(float32(math.NaN())); got == got {
		t.Errorf("exp NaN = %g", got)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	worst := 0.0
	for x := float32(1.2e-38); x < 1e38; x *= 1.00077 {
		want := math.Log(float64(x))
		worst = max(worst, math.Abs(float64(Log(x))-want)/max(math.Abs(want), 0.5))
	}
	if worst > 2e-7 {
		t.Errorf("relative error %g", worst)
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, want float32 }{{1, 0}, {0, -inf}, {inf, inf}} {
		if got := Log(c.x); got != c.want {
			t.Errorf("log %g = %g, want %g", c.x, got, c.want)
		}
	}
	for _, x := range []float32{-1, float32(math.NaN())} {
		if got := Log(x); got == got {
			t.Errorf("log %g = %g, want NaN", x, got)
		}
	}
}

func TestSinCos(t *testing.T) {
	t.Parallel()
	worst := 0.0
	for x := -1e6; x < 1e6; x += 37.77 {
		for _, y := range []float64{x, x / 1e5} {
			sin, cos := SinCos(y)
			worst = max(worst, math.Abs(sin-math.Sin(y)), math.Abs(cos-math.Cos(y)))
		}
	}
	if worst > 1e-10 {
		t.Errorf("absolute error %g", worst)
	}
}

// Every function's bits, recorded on linux/amd64. They are part of the contract:
// another machine, another compiler or a vectorised twin has to give them too.
func TestBitsAreRecorded(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	const rows, cols = 7, 21
	x, y, gain := random(r, rows*cols), random(r, rows*cols), random(r, cols)
	h := sha256.New()
	note := func(x []float32) {
		for _, v := range x {
			h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	for i := range 1000 {
		v := 60 * (float32(i)/500 - 1)
		sin, cos := SinCos(float64(v))
		note([]float32{Exp(v), Log(v * v), float32(sin), float32(cos)})
	}
	out, dx := make([]float32, len(x)), make([]float32, len(x))
	GELU(out, x)
	note(out)
	GELUBackward(out, x)
	note(out)
	norm := Norm{gain, make([]float32, rows), make([]float32, rows)}
	norm.Forward(out, x)
	note(out)
	dgain := make([]float32, cols)
	norm.Backward(dx, dgain, out, x)
	note(dx)
	note(dgain)
	Softmax(out, 0.7)
	note(out)
	SoftmaxBackward(dx, out, 0.7)
	note(dx)
	Rotate(y[:8], x[:4], x[4:8])
	note(y)
	AdamW{1e-3, 0.9, 0.99, 1e-8, 0.1, 0.5, 2, 3}.Update(x, y, dx, out)
	note(x)
	note([]float32{float32(SumSquares(random(r, 5000)))})
	if got, want := hex.EncodeToString(h.Sum(nil)), "4708cfa98c98aeca0c77b75dd51579f5480a30b19898a8b8be19b712889b8fb5"; got != want {
		t.Errorf("bits %s, want %s", got, want)
	}
}
