package kernel

// plainTile adds the product of height rows of A and a strip of B to C, or sets
// it: two rows and four columns at a time, whose eight sums the compiler keeps
// in registers.
func plainTile(height, k int, a operand, b, c []float32, cs int, fresh bool) {
	for i := 0; i < height; i += 2 {
		up, low := c[i*cs:], c[min(i+1, height-1)*cs:]
		first, second := a.from(i, 0), a.from(min(i+1, height-1), 0)
		for j := 0; j < width; j += 4 {
			s, t := (*[4]float32)(up[j:]), (*[4]float32)(low[j:])
			x, y := *s, *t
			if fresh {
				x, y = [4]float32{}, [4]float32{}
			}
			pair(&x, &y, first, second, a.col, k, b[j:])
			*t = y
			*s = x // the same row where height is odd
		}
	}
}

// pair runs the eight sums of two rows over k terms.
func pair(s, t *[4]float32, first, second []float32, step, k int, b []float32) {
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	t0, t1, t2, t3 := t[0], t[1], t[2], t[3]
	at := 0
	for l := range k {
		q := (*[4]float32)(b[l*width:])
		x, y := first[at], second[at]
		at += step
		s0 += float32(x * q[0])
		t0 += float32(y * q[0])
		s1 += float32(x * q[1])
		t1 += float32(y * q[1])
		s2 += float32(x * q[2])
		t2 += float32(y * q[2])
		s3 += float32(x * q[3])
		t3 += float32(y * q[3])
	}
	*s, *t = [4]float32{s0, s1, s2, s3}, [4]float32{t0, t1, t2, t3}
}
