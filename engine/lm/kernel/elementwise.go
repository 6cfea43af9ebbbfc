package kernel

import "math"

// Add adds x to y, element by element.
func Add(y, x []float32) {
	if len(x) != len(y) {
		broken("add of %d elements to %d", len(x), len(y))
	}
	if fast && len(x) > 0 {
		addLanes(&y[0], &x[0], len(x))
		return
	}
	addPlain(y, x)
}

func addPlain(y, x []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += v
	}
}

// Scale multiplies every element of x by s.
func Scale(x []float32, s float32) {
	if fast && len(x) > 0 {
		scaleLanes(&x[0], len(x), s)
		return
	}
	scalePlain(x, s)
}

func scalePlain(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

// Blend moves every element of y a share of the way to x.
func Blend(y, x []float32, share float32) {
	if len(x) != len(y) {
		broken("blend of %d elements into %d", len(x), len(y))
	}
	if fast && len(x) > 0 {
		blendLanes(&y[0], &x[0], len(x), share)
		return
	}
	blendPlain(y, x, share)
}

func blendPlain(y, x []float32, share float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float32(share * (v - y[i]))
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
	if fast && len(x) > 0 {
		geluLanes(&y[0], &x[0], len(x))
		return
	}
	geluPlain(y, x)
}

func geluPlain(y, x []float32) {
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
	if fast && len(x) > 0 {
		geluBackwardLanes(&dy[0], &x[0], len(x))
		return
	}
	geluBackwardPlain(dy, x)
}

func geluBackwardPlain(dy, x []float32) {
	dy = dy[:len(x)]
	for i, v := range x {
		z := float32(v * v)
		u := float32(geluA * v * (1 + float32(geluB*z)))
		s := 1 / (1 + Exp(-u))
		du := float32(geluA * (1 + float32(3*geluB*z)))
		dy[i] *= s + float32(float32(v*du)*float32(s*(1-s)))
	}
}

// Rotate turns the pairs (x[i], x[i+D/2]) of each head's D values, which follow
// each other in x, by the angles whose cosines and sines are given (D/2 of
// each): rotary position embedding. With the sines negated it turns back, which
// is also its gradient.
func Rotate(x, cos, sin []float32) {
	half := len(cos)
	if half == 0 || len(x)%(2*half) != 0 || len(sin) != half {
		broken("rotation of %d values by %d angles", len(x), half)
	}
	if fast && len(x) > 0 {
		rotateLanes(&x[0], len(x)/(2*half), half, &cos[0], &sin[0])
		return
	}
	rotatePlain(x, cos, sin)
}

func rotatePlain(x, cos, sin []float32) {
	half := len(cos)
	for ; len(x) > 0; x = x[2*half:] {
		a, b := x[:half], x[half:2*half]
		for i, c := range cos {
			u, v, s := a[i], b[i], sin[i]
			a[i] = float32(u*c) - float32(v*s)
			b[i] = float32(u*s) + float32(v*c)
		}
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
	if fast && len(p) > 0 {
		numbers := [...]float32{o.Rate, o.Beta1, o.Beta2, o.Eps, o.Decay, o.Scale, o.Unbias1, o.Unbias2, 1 - o.Beta1, 1 - o.Beta2}
		adamwLanes(&p[0], &g[0], &m[0], &v[0], len(p), &numbers[0])
		return
	}
	o.adamwPlain(p, g, m, v)
}

func (o AdamW) adamwPlain(p, g, m, v []float32) {
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i, x := range p {
		d := float32(o.Scale * g[i])
		m[i] = float32(o.Beta1*m[i]) + float32((1-o.Beta1)*d)
		v[i] = float32(o.Beta2*v[i]) + float32((1-o.Beta2)*float32(d*d))
		root := float32(math.Sqrt(float64(float32(v[i]*o.Unbias2)))) + o.Eps
		p[i] = x - float32(o.Rate*(float32(m[i]*o.Unbias1)/root+float32(o.Decay*x)))
	}
}
