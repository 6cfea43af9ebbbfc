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
// exp(scale x - largest): their logarithm is max + Log(sum).
func Softmax(x []float32, scale float32) (largest, total float32) {
	largest = float32(math.Inf(-1))
	for i, v := range x {
		v = float32(v * scale)
		x[i] = v
		if v > largest || v != v {
			largest = v
		}
	}
	for i, v := range x {
		x[i] = Exp(v - largest)
	}
	total = sum(x)
	Scale(x, 1/total)
	return largest, total
}

// SoftmaxBackward turns dy, the gradient of the probabilities p of one row, into
// the gradient of the numbers that Softmax was given: scale p (dy - p.dy).
func SoftmaxBackward(dy, p []float32, scale float32) {
	if len(dy) != len(p) {
		broken("softmax gradient of %d elements into %d", len(p), len(dy))
	}
	d := dot(p, dy)
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
		mean := sum(in) / float32(c)
		for j, v := range in {
			out[j] = v - mean
		}
		variance := dot(out, out) / float32(c)
		scale := 1 / float32(math.Sqrt(float64(variance+normEps)))
		for j, g := range n.Gain {
			out[j] = float32(out[j]*scale) * g
		}
		n.Mean[i], n.Scale[i] = mean, scale
	}
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
		in, up, down, scale := x[i*c:(i+1)*c], dy[i*c:(i+1)*c], dx[i*c:(i+1)*c], n.Scale[i]
		for j, g := range n.Gain {
			dgain[j] += float32(up[j] * float32((in[j]-mean)*scale))
			up[j] *= g
		}
		// With h the normalised row: dx = scale (u - mean(u) - h mean(u h)).
		mu := sum(up) / float32(c)
		mh := float32(dotCentred(up, in, mean)*scale) / float32(c)
		for j, u := range up {
			h := float32((in[j] - mean) * scale)
			down[j] += float32(scale * (u - mu - float32(h*mh)))
		}
	}
}
