package lm

import "math"

// reference is the model a second time, in float64, one sequence and one
// position after the other, straight from the formulas: nothing is packed,
// cached or reused, and it shares no code with what it checks but the order of
// the flat slice.
type reference struct {
	cfg  Config
	flat []float64
	at   int
}

// loss is the mean of weight times -log p over the weighted tokens.
func (r *reference) loss(batch []Sequence) float64 {
	total, n := 0.0, 0.0
	for _, sq := range batch {
		logits := r.logits(sq.Tokens[:len(sq.Tokens)-1])
		for i := max(sq.Prompt, 1); i < len(sq.Tokens); i++ {
			w := 1.0
			if sq.Weights != nil {
				w = float64(sq.Weights[i])
			}
			if w == 0 {
				continue
			}
			sum := 0.0
			for _, z := range logits[i-1] {
				sum += math.Exp(z)
			}
			total += w * (math.Log(sum) - logits[i-1][sq.Tokens[i]])
			n++
		}
	}
	return total / n
}

// next reads a matrix of rows x cols from the flat slice.
func (r *reference) next(rows, cols int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = r.flat[r.at : r.at+cols]
		r.at += cols
	}
	return m
}

// logits is the model's output (T, V).
func (r *reference) logits(tokens []int32) [][]float64 {
	r.at = 0
	c, h := r.cfg.Dim, r.cfg.Heads
	embed := r.next(r.cfg.Vocab, c)
	x := make([][]float64, len(tokens))
	for t, token := range tokens {
		x[t] = append([]float64(nil), embed[token]...)
	}
	for range r.cfg.Layers {
		gain1, qkv, proj := r.next(1, c)[0], r.next(c, 3*c), r.next(c, c)
		gain2, up, down := r.next(1, c)[0], r.next(c, 4*c), r.next(4*c, c)
		y := refMul(refNorm(x, gain1), qkv)
		add(x, refMul(refAttention(y, c, h), proj))
		a := refMul(refNorm(x, gain2), up)
		for _, row := range a {
			for i, v := range row {
				row[i] = v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
			}
		}
		add(x, refMul(a, down))
	}
	out := refNorm(x, r.next(1, c)[0])
	logits := make([][]float64, len(tokens))
	for t := range out {
		logits[t] = make([]float64, r.cfg.Vocab)
		for v := range logits[t] {
			for i := range c {
				logits[t][v] += out[t][i] * embed[v][i]
			}
		}
	}
	return logits
}

func add(x, y [][]float64) {
	for t := range x {
		for i := range x[t] {
			x[t][i] += y[t][i]
		}
	}
}

func refMul(x, w [][]float64) [][]float64 {
	y := make([][]float64, len(x))
	for t := range x {
		y[t] = make([]float64, len(w[0]))
		for i, v := range x[t] {
			for j := range y[t] {
				y[t][j] += v * w[i][j]
			}
		}
	}
	return y
}

func refNorm(x [][]float64, gain []float64) [][]float64 {
	y := make([][]float64, len(x))
	for t, row := range x {
		mean, variance, n := 0.0, 0.0, float64(len(row))
		for _, v := range row {
			mean += v / n
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / n
		}
		for i, v := range row {
			y[t] = append(y[t], (v-mean)/math.Sqrt(variance+1e-5)*gain[i])
		}
	}
	return y
}

// refAttention takes rows of queries, keys and values (T, 3C).
func refAttention(y [][]float64, c, heads int) [][]float64 {
	d := c / heads
	out := make([][]float64, len(y))
	for t := range y {
		out[t] = make([]float64, c)
		for h := range heads {
			q := refRotate(y[t][h*d:(h+1)*d], t)
			p, sum := make([]float64, t+1), 0.0
			for s := range p {
				for i, v := range refRotate(y[s][c+h*d:c+(h+1)*d], s) {
					p[s] += q[i] * v
				}
				p[s] = math.Exp(p[s] / math.Sqrt(float64(d)))
				sum += p[s]
			}
			for s := range p {
				for i := range d {
					out[t][h*d+i] += p[s] / sum * y[s][2*c+h*d+i]
				}
			}
		}
	}
	return out
}

func refRotate(x []float64, t int) []float64 {
	half := len(x) / 2
	y := make([]float64, len(x))
	for i := range half {
		angle := float64(t) * math.Pow(10000, -float64(i)/float64(half))
		sin, cos := math.Sincos(angle)
		y[i], y[i+half] = x[i]*cos-x[i+half]*sin, x[i]*sin+x[i+half]*cos
	}
	return y
}
