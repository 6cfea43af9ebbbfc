package kernel

// tile adds a block of two rows and four columns to C: for each k in ascending
// order, the two packed values of A times the four of B. Four k are written out
// in one turn of the loop because the compiler then keeps the eight sums in
// registers and overlaps the chains; it is more than twice as fast as one k a
// turn.
func tile(c0, c1 *[4]float32, a [][8]float32, b [][16]float32) {
	s0, s1, s2, s3 := c0[0], c0[1], c0[2], c0[3]
	t0, t1, t2, t3 := c1[0], c1[1], c1[2], c1[3]
	b = b[:len(a)]
	for k := range a {
		p, q := &a[k], &b[k]
		x, y := p[0], p[1]
		s0 += float32(x * q[0])
		t0 += float32(y * q[0])
		s1 += float32(x * q[1])
		t1 += float32(y * q[1])
		s2 += float32(x * q[2])
		t2 += float32(y * q[2])
		s3 += float32(x * q[3])
		t3 += float32(y * q[3])
		x, y = p[2], p[3]
		s0 += float32(x * q[4])
		t0 += float32(y * q[4])
		s1 += float32(x * q[5])
		t1 += float32(y * q[5])
		s2 += float32(x * q[6])
		t2 += float32(y * q[6])
		s3 += float32(x * q[7])
		t3 += float32(y * q[7])
		x, y = p[4], p[5]
		s0 += float32(x * q[8])
		t0 += float32(y * q[8])
		s1 += float32(x * q[9])
		t1 += float32(y * q[9])
		s2 += float32(x * q[10])
		t2 += float32(y * q[10])
		s3 += float32(x * q[11])
		t3 += float32(y * q[11])
		x, y = p[6], p[7]
		s0 += float32(x * q[12])
		t0 += float32(y * q[12])
		s1 += float32(x * q[13])
		t1 += float32(y * q[13])
		s2 += float32(x * q[14])
		t2 += float32(y * q[14])
		s3 += float32(x * q[15])
		t3 += float32(y * q[15])
	}
	c0[0], c0[1], c0[2], c0[3] = s0, s1, s2, s3
	c1[0], c1[1], c1[2], c1[3] = t0, t1, t2, t3
}

// packRows packs rows i and i+1 of A; a row or a k that is not there is zero.
func (w *Work) packRows(a Mat, i int) {
	x := a.Row(i)
	if i+1 == a.Rows {
		for k := range w.a {
			p := &w.a[k]
			*p = [8]float32{}
			for u, v := range x[4*k : min(4*k+4, len(x))] {
				p[2*u] = v
			}
		}
		return
	}
	y := a.Row(i + 1)
	full := len(x) / 4
	for k := range w.a[:full] {
		p := &w.a[k]
		u, v := (*[4]float32)(x[4*k:]), (*[4]float32)(y[4*k:])
		p[0], p[2], p[4], p[6] = u[0], u[1], u[2], u[3]
		p[1], p[3], p[5], p[7] = v[0], v[1], v[2], v[3]
	}
	if full < len(w.a) {
		p := &w.a[full]
		*p = [8]float32{}
		for k := 4 * full; k < len(x); k++ {
			p[2*(k-4*full)], p[2*(k-4*full)+1] = x[k], y[k]
		}
	}
}

// packCols packs columns i and i+1 of A, which are rows of its transpose.
func (w *Work) packCols(a Mat, i int) {
	if i+1 == a.Cols {
		for k := range w.a {
			p := &w.a[k]
			*p = [8]float32{}
			for u := 0; u < 4 && 4*k+u < a.Rows; u++ {
				p[2*u] = a.Data[(4*k+u)*a.Stride+i]
			}
		}
		return
	}
	full, at := a.Rows/4, i
	for k := range w.a[:full] {
		p := &w.a[k]
		r0, r1 := (*[2]float32)(a.Data[at:]), (*[2]float32)(a.Data[at+a.Stride:])
		r2, r3 := (*[2]float32)(a.Data[at+2*a.Stride:]), (*[2]float32)(a.Data[at+3*a.Stride:])
		p[0], p[1], p[2], p[3] = r0[0], r0[1], r1[0], r1[1]
		p[4], p[5], p[6], p[7] = r2[0], r2[1], r3[0], r3[1]
		at += 4 * a.Stride
	}
	if full < len(w.a) {
		p := &w.a[full]
		*p = [8]float32{}
		for k := 4 * full; k < a.Rows; k++ {
			p[2*(k-4*full)], p[2*(k-4*full)+1] = a.Data[k*a.Stride+i], a.Data[k*a.Stride+i+1]
		}
	}
}

// packB packs all of B, strip after strip.
func (w *Work) packB(b Mat) {
	blocks := (b.Rows + 3) / 4
	for k := range b.Rows {
		row, at, u := b.Row(k), k/4, 4*(k%4)
		for ; len(row) >= 4; row = row[4:] {
			*(*[4]float32)(w.b[at][u:]) = *(*[4]float32)(row)
			at += blocks
		}
		if len(row) > 0 {
			var last [4]float32
			copy(last[:], row)
			*(*[4]float32)(w.b[at][u:]) = last
		}
	}
	for k := b.Rows; k < 4*blocks; k++ {
		for at := k / 4; at < len(w.b); at += blocks {
			*(*[4]float32)(w.b[at][4*(k%4):]) = [4]float32{}
		}
	}
}

// packBT packs the transpose of B: strip s holds its rows 4s to 4s+3.
func (w *Work) packBT(b Mat) {
	blocks := (b.Cols + 3) / 4
	for j := 0; j < b.Rows; j += 4 {
		strip := w.b[j/4*blocks : (j/4+1)*blocks]
		if j+4 > b.Rows || b.Cols%4 != 0 {
			packEdge(strip, b, j)
			continue
		}
		r0, r1, r2, r3 := b.Row(j), b.Row(j+1), b.Row(j+2), b.Row(j+3)
		for k := range strip {
			p := &strip[k]
			x, y := (*[4]float32)(r0[4*k:]), (*[4]float32)(r1[4*k:])
			p[0], p[4], p[8], p[12] = x[0], x[1], x[2], x[3]
			p[1], p[5], p[9], p[13] = y[0], y[1], y[2], y[3]
			x, y = (*[4]float32)(r2[4*k:]), (*[4]float32)(r3[4*k:])
			p[2], p[6], p[10], p[14] = x[0], x[1], x[2], x[3]
			p[3], p[7], p[11], p[15] = y[0], y[1], y[2], y[3]
		}
	}
}

// packEdge packs a strip of the transpose that is not whole.
func packEdge(strip [][16]float32, b Mat, j int) {
	clear(strip)
	for c := 0; c < 4 && j+c < b.Rows; c++ {
		for k, v := range b.Row(j + c) {
			strip[k/4][4*(k%4)+c] = v
		}
	}
}
