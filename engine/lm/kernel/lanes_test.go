//go:build amd64 && !purego

package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// special are the numbers at which the functions branch, round or overflow.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 88.36, 88.37, 88.38, 100, -87.32, -87.33, -87.34, -100, 1e-40, -1e-40,
	1e30, -1e30, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

// numbers are n elements, about every eighth of them special.
func numbers(r *rand.Rand, n int, withSpecial bool) []float32 {
	x := random(r, n)
	for i := range x {
		if withSpecial && r.IntN(8) == 0 {
			x[i] = special[r.IntN(len(special))]
		}
	}
	return x
}

// twins runs an assembly function and its plain twin on copies of the same
// slices, behind which more elements stand, and compares every bit of both. A
// NaN equals a NaN.
func twins(t *testing.T, what string, n int, slices [][]float32, assembly, plain func(s [][]float32, n int) []float32) {
	t.Helper()
	copies := func() (whole, cut [][]float32) {
		for _, s := range slices {
			c := append(append([]float32(nil), s...), 1, 2, 3, 4, 5, 6, 7, 8, 9)
			whole, cut = append(whole, c), append(cut, c[:len(s)])
		}
		return whole, cut
	}
	got, in := copies()
	returned := assembly(in, n)
	want, in := copies()
	expected := plain(in, n)
	got, want = append(got, returned), append(want, expected)
	for i := range want {
		for j := range want[i] {
			a, b := got[i][j], want[i][j]
			if math.Float32bits(a) != math.Float32bits(b) && (a == a || b == b) {
				t.Fatalf("%s of %d elements: slice %d, element %d is %g (%x), the plain loop's %g (%x)", what, n, i, j,
					a, math.Float32bits(a), b, math.Float32bits(b))
			}
		}
	}
}

func allTwins(t *testing.T, r *rand.Rand, n int, withSpecial bool) {
	t.Helper()
	make := func(count int) (s [][]float32) {
		for range count {
			s = append(s, numbers(r, n, withSpecial))
		}
		return s
	}
	s := float32(r.NormFloat64())
	none := func(do func(s [][]float32, n int)) func([][]float32, int) []float32 {
		return func(s [][]float32, n int) []float32 { do(s, n); return nil }
	}
	twins(t, "add", n, make(2), none(func(s [][]float32, n int) { addLanes(&s[0][0], &s[1][0], n) }),
		none(func(s [][]float32, _ int) { addPlain(s[0], s[1]) }))
	twins(t, "scale", n, make(1), none(func(x [][]float32, n int) { scaleLanes(&x[0][0], n, s) }),
		none(func(x [][]float32, _ int) { scalePlain(x[0], s) }))
	twins(t, "blend", n, make(2), none(func(x [][]float32, n int) { blendLanes(&x[0][0], &x[1][0], n, s) }),
		none(func(x [][]float32, _ int) { blendPlain(x[0], x[1], s) }))
	twins(t, "gelu", n, make(2), none(func(s [][]float32, n int) { geluLanes(&s[0][0], &s[1][0], n) }),
		none(func(s [][]float32, _ int) { geluPlain(s[0], s[1]) }))
	twins(t, "gelu backward", n, make(2), none(func(s [][]float32, n int) { geluBackwardLanes(&s[0][0], &s[1][0], n) }),
		none(func(s [][]float32, _ int) { geluBackwardPlain(s[0], s[1]) }))
	twins(t, "dot", n, make(2), func(s [][]float32, n int) []float32 { return []float32{dotLanes(&s[0][0], &s[1][0], n)} },
		func(s [][]float32, _ int) []float32 { return []float32{dotPlain(s[0], s[1])} })
	twins(t, "softmax backward", n, make(2), none(func(x [][]float32, n int) { softmaxBackwardLanes(&x[0][0], &x[1][0], n, s) }),
		none(func(x [][]float32, _ int) { softmaxBackwardPlain(x[0], x[1], s) }))
	twins(t, "norm", n, make(3),
		func(s [][]float32, n int) []float32 {
			mean, scale := normLanes(&s[0][0], &s[1][0], &s[2][0], n)
			return []float32{mean, scale}
		},
		func(s [][]float32, _ int) []float32 {
			mean, scale := normPlain(s[0], s[1], s[2])
			return []float32{mean, scale}
		})
	twins(t, "norm backward", n, make(5),
		none(func(x [][]float32, n int) {
			normBackwardLanes(&x[0][0], &x[1][0], &x[2][0], &x[3][0], &x[4][0], n, s, 1/s)
		}),
		none(func(x [][]float32, _ int) { normBackwardPlain(x[0], x[1], x[2], x[3], x[4], s, 1/s) }))
	o := AdamW{Rate: 0.01, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Decay: 0.1, Scale: s, Unbias1: 2, Unbias2: 3}
	p := make(4)
	for i, v := range p[3] { // second moments are no less than zero
		p[3][i] = float32(math.Abs(float64(v)))
	}
	twins(t, "adamw", n, p, none(func(s [][]float32, _ int) { o.Update(s[0], s[1], s[2], s[3]) }),
		none(func(s [][]float32, _ int) { o.adamwPlain(s[0], s[1], s[2], s[3]) }))
	softmaxTwins(t, r, n, withSpecial)
	rotateTwins(t, r, n)
}

// softmaxTwins leaves the largest of a row with a NaN open, as Softmax does, and
// the sign of a largest that is zero.
func softmaxTwins(t *testing.T, r *rand.Rand, n int, withSpecial bool) {
	t.Helper()
	x := numbers(r, n, withSpecial)
	s := float32(r.NormFloat64())
	largest := func(v float32, row []float32) float32 {
		if row[0] != row[0] {
			return 0
		}
		return v + 0
	}
	twins(t, fmt.Sprintf("softmax scaled by %g", s), n, [][]float32{x},
		func(x [][]float32, n int) []float32 {
			m, total := softmaxLanes(&x[0][0], n, s)
			return []float32{largest(m, x[0]), total}
		},
		func(x [][]float32, _ int) []float32 {
			m, total := softmaxPlain(x[0], s)
			return []float32{largest(m, x[0]), total}
		})
}

func rotateTwins(t *testing.T, r *rand.Rand, half int) {
	t.Helper()
	x, angles := random(r, 3*2*half), random(r, 2*half)
	twins(t, "rotate", half, [][]float32{x, angles},
		func(s [][]float32, n int) []float32 {
			rotateLanes(&s[0][0], 3, n, &s[1][0], &s[1][n])
			return nil
		},
		func(s [][]float32, n int) []float32 {
			rotatePlain(s[0], s[1][:n], s[1][n:])
			return nil
		})
}

func needFast(t testing.TB) {
	t.Helper()
	if !fast {
		t.Skip("this machine has no AVX2: only the plain loops are tested")
	}
}

// Every length up to several registers, and every function, to the bit.
func TestLanesExhaustive(t *testing.T) {
	t.Parallel()
	needFast(t)
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n < 70; n++ {
		for i := range 20 {
			allTwins(t, r, n, i%2 == 1)
		}
	}
}

// The exponential inside the functions that use it, over its whole range: GELU
// asks for both signs up to overflow, softmax for what is below the largest.
func TestExpInLanes(t *testing.T) {
	t.Parallel()
	needFast(t)
	x := append([]float32(nil), special...)
	for v := float32(-14); v < 14; v += 0.0007 {
		x = append(x, v)
	}
	twins(t, "gelu", len(x), [][]float32{make([]float32, len(x)), x},
		func(s [][]float32, n int) []float32 { geluLanes(&s[0][0], &s[1][0], n); return nil },
		func(s [][]float32, _ int) []float32 { geluPlain(s[0], s[1]); return nil })
	row := []float32{0}
	for v := float32(0); v > -95; v -= 0.0031 {
		row = append(row, v)
	}
	twins(t, "softmax", len(row), [][]float32{row},
		func(s [][]float32, n int) []float32 {
			_, total := softmaxLanes(&s[0][0], n, 1)
			return []float32{total}
		},
		func(s [][]float32, _ int) []float32 {
			_, total := softmaxPlain(s[0], 1)
			return []float32{total}
		})
}

func FuzzLanes(f *testing.F) {
	f.Add(uint64(1), uint16(100), true)
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, withSpecial bool) {
		needFast(t)
		allTwins(t, rand.New(rand.NewPCG(seed, 0)), 1+int(n%1000), withSpecial)
	})
}

// The layouts of strips are the same from assembly and from Go.
func TestStripTwins(t *testing.T) {
	t.Parallel()
	needFast(t)
	r := rand.New(rand.NewPCG(2, 2))
	for n := 1; n < 40; n++ {
		gap := n % 3
		from := spread(r, n, width, gap)
		got := make([]float32, n*width)
		copyStrip(&got[0], &from.Data[0], from.Stride, n)
		for i := range n {
			sameBits(t, "copied strip", got[i*width:(i+1)*width], from.Row(i))
		}
		from = spread(r, width, 8*n, gap)
		got, want := make([]float32, 8*n*width), make([]float32, 8*n*width)
		transposeStrip(&got[0], &from.Data[0], from.Stride, n)
		scatter(want, from, 0)
		sameBits(t, "transposed strip", got, want)
	}
}
