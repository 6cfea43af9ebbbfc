package kernel

import "math"

// lanes joins eight partial sums by the fixed tree.
func lanes(s0, s1, s2, s3, s4, s5, s6, s7 float32) float32 {
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

// sum is the sum of x in eight lanes.
func sum(x []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for ; len(x) >= 8; x = x[8:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
		s4 += x[4]
		s5 += x[5]
		s6 += x[6]
		s7 += x[7]
	}
	var r [8]float32
	copy(r[:], x)
	return lanes(s0+r[0], s1+r[1], s2+r[2], s3+r[3], s4+r[4], s5+r[5], s6+r[6], s7+r[7])
}

// dot is the sum of x[i] y[i] in eight lanes.
func dot(x, y []float32) float32 {
	if fast && len(x) > 0 {
		return dotLanes(&x[0], &y[:len(x)][0], len(x))
	}
	return dotPlain(x, y)
}

func dotPlain(x, y []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for ; len(x) >= 8 && len(y) >= 8; x, y = x[8:], y[8:] {
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
	}
	var r [8]float32
	for i, v := range x {
		r[i] = float32(v * y[i])
	}
	return lanes(s0+r[0], s1+r[1], s2+r[2], s3+r[3], s4+r[4], s5+r[5], s6+r[6], s7+r[7])
}

// dotCentred is the sum of u[i] (x[i] - mean) in eight lanes.
func dotCentred(u, x []float32, mean float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for ; len(u) >= 8 && len(x) >= 8; u, x = u[8:], x[8:] {
		s0 += float32(u[0] * (x[0] - mean))
		s1 += float32(u[1] * (x[1] - mean))
		s2 += float32(u[2] * (x[2] - mean))
		s3 += float32(u[3] * (x[3] - mean))
		s4 += float32(u[4] * (x[4] - mean))
		s5 += float32(u[5] * (x[5] - mean))
		s6 += float32(u[6] * (x[6] - mean))
		s7 += float32(u[7] * (x[7] - mean))
	}
	var r [8]float32
	for i, v := range u {
		r[i] = float32(v * (x[i] - mean))
	}
	return lanes(s0+r[0], s1+r[1], s2+r[2], s3+r[3], s4+r[4], s5+r[5], s6+r[6], s7+r[7])
}

// squaresBlock is how many squares are added in float32 before float64 takes
// over: the gradient norm of a large model would lose digits otherwise.
const squaresBlock = 1024

// SumSquares is the sum of the squares of x: blocks of 1024 elements in eight
// float32 lanes, the blocks in float64, in order.
func SumSquares(x []float32) float64 {
	total := 0.0
	for len(x) > 0 {
		n := min(squaresBlock, len(x))
		total += float64(dot(x[:n], x[:n]))
		x = x[n:]
	}
	return total
}

// Softmax replaces a row x of numbers by the probabilities proportional to
// exp(scale x), and returns the largest scale x and the sum of
// exp(scale x - largest): their logarithm is max + Log(sum). A NaN in x makes
// all of it NaN, but the largest is then any.
func Softmax(x []float32, scale float32) (largest, total float32) {
	if fast && len(x) > 0 {
		return softmaxLanes(&x[0], len(x), scale)
	}
	return softmaxPlain(x, scale)
}

func softmaxPlain(x []float32, scale float32) (largest, total float32) {
	largest = float32(math.Inf(-1))
	for i, v := range x {
		v = float32(v * scale)
		x[i] = v
		if v > largest {
			largest = v
		}
	}
	for i, v := range x {
		x[i] = Exp(v - largest)
	}
	total = sum(x)
	scalePlain(x, 1/total)
	return largest, total
}

// SoftmaxBackward turns dy, the gradient of the probabilities p of one row, into
// the gradient of the numbers that Softmax was given: scale p (dy - p.dy).
func SoftmaxBackward(dy, p []float32, scale float32) {
	if len(dy) != len(p) {
		broken("softmax gradient of %d elements into %d", len(p), len(dy))
	}
	if fast && len(p) > 0 {
		softmaxBackwardLanes(&dy[0], &p[0], len(p), scale)
		return
	}
	softmaxBackwardPlain(dy, p, scale)
}

func softmaxBackwardPlain(dy, p []float32, scale float32) {
	d := dotPlain(p, dy)
	dy = dy[:len(p)]
	for i, v := range p {
		dy[i] = scale * float32(v*(dy[i]-d))
	}
}

// Norm is a layer norm with a gain and no shift over rows of C = len(Gain)
// values. Mean and Scale have one element a row; Forward fills them for
// Backward.
type Norm struct {
	Gain        []float32
	Mean, Scale []float32
}

// normEps keeps a constant row from dividing by zero.
const normEps = 1e-5

// Forward sets each row of y to (x - mean) scale gain, with scale one over the
// standard deviation. x and y are (N, C), N = len(Mean).
func (n Norm) Forward(y, x []float32) {
	c := len(n.Gain)
	if len(x) != c*len(n.Mean) || len(y) != len(x) || len(n.Scale) != len(n.Mean) {
		broken("layer norm of %d values into %d: %d rows of %d", len(x), len(y), len(n.Mean), c)
	}
	for i := range n.Mean {
		in, out := x[i*c:(i+1)*c], y[i*c:(i+1)*c]
		if fast && c > 0 {
			n.Mean[i], n.Scale[i] = normLanes(&out[0], &in[0], &n.Gain[0], c)
		} else {
			n.Mean[i], n.Scale[i] = normPlain(out, in, n.Gain)
		}
	}
}

func normPlain(y, x, gain []float32) (mean, scale float32) {
	c := float32(len(gain))
	mean = sum(x) / c
	for j, v := range x {
		y[j] = v - mean
	}
	variance := dotPlain(y, y) / c
	scale = 1 / float32(math.Sqrt(float64(variance+normEps)))
	for j, g := range gain {
		y[j] = float32(y[j]*scale) * g
	}
	return mean, scale
}

// Backward adds the gradient of the input to dx (N, C) and that of the gain to
// dgain (C), given dy, the gradient of the output, and the input x. It uses dy
// as scratch.
func (n Norm) Backward(dx, dgain, dy, x []float32) {
	c := len(n.Gain)
	if len(dx) != c*len(n.Mean) || len(dy) != len(dx) || len(x) != len(dx) || len(dgain) != c {
		broken("layer norm gradient of %d values into %d: %d rows of %d", len(dy), len(dx), len(n.Mean), c)
	}
	for i, mean := range n.Mean {
		from, to := i*c, (i+1)*c
		if fast && c > 0 {
			normBackwardLanes(&dx[from], &dgain[0], &dy[from], &x[from], &n.Gain[0], c, mean, n.Scale[i])
		} else {
			normBackwardPlain(dx[from:to], dgain, dy[from:to], x[from:to], n.Gain, mean, n.Scale[i])
		}
	}
}

func normBackwardPlain(dx, dgain, dy, x, gain []float32, mean, scale float32) {
	c := float32(len(gain))
	for j, g := range gain {
		dgain[j] += float32(dy[j] * float32((x[j]-mean)*scale))
		dy[j] *= g
	}
	// With h the normalised row: dx = scale (u - mean(u) - h mean(u h)).
	mu := sum(dy) / c
	mh := float32(dotCentred(dy, x, mean)*scale) / c
	for j, u := range dy {
		h := float32((x[j] - mean) * scale)
		dx[j] += float32(scale * (u - mu - float32(h*mh)))
	}
}
