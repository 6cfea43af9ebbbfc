package kernel

import "math"

// Add adds x to y, element by element.
func Add(y, x []float32) {
	if len(x) != len(y) {
		broken("add of %d elements to %d", len(x), len(y))
	}
	y = y[:len(x)]
	for i, v := range x {
		y[i] += v
	}
}

// Scale multiplies every element of x by s.
func Scale(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

// The tanh form of GELU is x/2 (1 + tanh u) with u = a(x + b x^3), which is
// x sigmoid(2u): one exponential and no cancellation.
const (
	geluA = 2 * 0.7978845608028654 // 2 sqrt(2/pi)
	geluB = 0.044715
)

// GELU sets y to the Gaussian error linear unit of x (tanh form).
func GELU(y, x []float32) {
	if len(x) != len(y) {
		broken("gelu of %d elements into %d", len(x), len(y))
	}
	y = y[:len(x)]
	for i, v := range x {
		u := float32(geluA * v * (1 + float32(geluB*float32(v*v))))
		y[i] = v / (1 + Exp(-u))
	}
}

// GELUBackward multiplies dy, the gradient of the output, by the derivative at
// x, which turns it into the gradient of the input.
func GELUBackward(dy, x []float32) {
	if len(x) != len(dy) {
		broken("gelu gradient of %d elements into %d", len(x), len(dy))
	}
	dy = dy[:len(x)]
	for i, v := range x {
		z := float32(v * v)
		u := float32(geluA * v * (1 + float32(geluB*z)))
		s := 1 / (1 + Exp(-u))
		du := float32(geluA * (1 + float32(3*geluB*z)))
		dy[i] *= s + float32(float32(v*du)*float32(s*(1-s)))
	}
}

// Rotate turns the pairs (x[i], x[i+D/2]) of one head's D values by the angles
// whose cosines and sines are given (D/2 of each): rotary position embedding.
func Rotate(x, cos, sin []float32) {
	half := len(cos)
	if len(x) != 2*half || len(sin) != half {
		broken("rotation of %d values by %d angles", len(x), half)
	}
	a, b := x[:half], x[half:2*half]
	sin = sin[:half]
	for i, c := range cos {
		u, v, s := a[i], b[i], sin[i]
		a[i] = float32(u*c) - float32(v*s)
		b[i] = float32(u*s) + float32(v*c)
	}
}

// Unrotate turns back what Rotate turned, which is also its gradient.
func Unrotate(x, cos, sin []float32) {
	half := len(cos)
	if len(x) != 2*half || len(sin) != half {
		broken("rotation of %d values by %d angles", len(x), half)
	}
	a, b := x[:half], x[half:2*half]
	sin = sin[:half]
	for i, c := range cos {
		u, v, s := a[i], b[i], sin[i]
		a[i] = float32(u*c) + float32(v*s)
		b[i] = float32(v*c) - float32(u*s)
	}
}

// AdamW is one update of the optimiser: the same numbers for all elements.
type AdamW struct {
	Rate, Beta1, Beta2, Eps float32
	Decay                   float32 // decoupled weight decay; 0 for gains
	Scale                   float32 // every gradient is multiplied by it first (clipping)
	Unbias1, Unbias2        float32 // 1/(1-Beta^t), for the two moments
}

// Update moves the parameters p along the gradient g, with the two moments m
// and v of the same length.
func (o AdamW) Update(p, g, m, v []float32) {
	if len(g) != len(p) || len(m) != len(p) || len(v) != len(p) {
		broken("update of %d parameters with %d gradients, %d and %d moments", len(p), len(g), len(m), len(v))
	}
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i, x := range p {
		d := float32(o.Scale * g[i])
		m[i] = float32(o.Beta1*m[i]) + float32((1-o.Beta1)*d)
		v[i] = float32(o.Beta2*v[i]) + float32((1-o.Beta2)*float32(d*d))
		root := float32(math.Sqrt(float64(float32(v[i]*o.Unbias2)))) + o.Eps
		p[i] = x - float32(o.Rate*(float32(m[i]*o.Unbias1)/root+float32(o.Decay*x)))
	}
}
