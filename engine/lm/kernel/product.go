package kernel

// Work is the room that products pack their operands into. It grows to the
// largest product that it has seen and then allocates no more. It belongs to one
// goroutine; the zero value is ready.
type Work struct {
	a [][8]float32  // two rows of A, four k a block: k0r0 k0r1 k1r0 k1r1 ...
	b [][16]float32 // strips of four columns of B, four k a block: k0c0 k0c1 k0c2 k0c3 k1c0 ...
}

// directRows is the height up to which a product is not worth packing for:
// packing touches B once, the product touches it Rows/2 times.
const directRows = 3

// NN adds A B to C: (M, N) += (M, K) (K, N).
func (w *Work) NN(c, a, b Mat) {
	if c.Rows != a.Rows || c.Cols != b.Cols || a.Cols != b.Rows {
		broken("NN of %dx%d and %dx%d into %dx%d", a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols)
	}
	if c.Rows <= directRows {
		directNN(c, a, b)
		return
	}
	w.size(a.Cols, c.Cols)
	w.packB(b)
	for i := 0; i < c.Rows; i += 2 {
		w.packRows(a, i)
		w.strips(c, i)
	}
}

// NT adds A times the transpose of B to C: (M, N) += (M, K) (N, K)^T.
func (w *Work) NT(c, a, b Mat) {
	if c.Rows != a.Rows || c.Cols != b.Rows || a.Cols != b.Cols {
		broken("NT of %dx%d and %dx%d into %dx%d", a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols)
	}
	if c.Rows <= directRows {
		directNT(c, a, b)
		return
	}
	w.size(a.Cols, c.Cols)
	w.packBT(b)
	for i := 0; i < c.Rows; i += 2 {
		w.packRows(a, i)
		w.strips(c, i)
	}
}

// TN adds the transpose of A times B to C: (M, N) += (K, M)^T (K, N).
func (w *Work) TN(c, a, b Mat) {
	if c.Rows != a.Cols || c.Cols != b.Cols || a.Rows != b.Rows {
		broken("TN of %dx%d and %dx%d into %dx%d", a.Rows, a.Cols, b.Rows, b.Cols, c.Rows, c.Cols)
	}
	w.size(a.Rows, c.Cols)
	w.packB(b)
	for i := 0; i < c.Rows; i += 2 {
		w.packCols(a, i)
		w.strips(c, i)
	}
}

// size makes room for a product with k terms an element and n columns.
func (w *Work) size(k, n int) {
	blocks := (k + 3) / 4
	if cap(w.a) < blocks {
		w.a = make([][8]float32, blocks)
	}
	w.a = w.a[:blocks]
	if need := blocks * ((n + 3) / 4); cap(w.b) < need {
		w.b = make([][16]float32, need)
	}
	w.b = w.b[:blocks*((n+3)/4)]
}

// strips runs the tile over rows i and i+1 of C, whose rows of A are packed.
func (w *Work) strips(c Mat, i int) {
	blocks := len(w.a)
	row0 := c.Row(i)
	var row1 []float32
	if i+1 < c.Rows {
		row1 = c.Row(i + 1)
	}
	for s := 0; 4*s < c.Cols; s++ {
		b := w.b[s*blocks : (s+1)*blocks]
		j := 4 * s
		if row1 != nil && j+4 <= c.Cols {
			tile((*[4]float32)(row0[j:]), (*[4]float32)(row1[j:]), w.a, b)
			continue
		}
		// The last row of an odd height or a strip of fewer than four columns:
		// the packed zeros around the edge are computed and thrown away.
		var c0, c1 [4]float32
		copy(c0[:], row0[j:])
		if row1 != nil {
			copy(c1[:], row1[j:])
		}
		tile(&c0, &c1, w.a, b)
		copy(row0[j:], c0[:])
		if row1 != nil {
			copy(row1[j:], c1[:])
		}
	}
}

// directNN is NN without packing: row by row, one row of B after the other.
func directNN(c, a, b Mat) {
	for i := range c.Rows {
		out := c.Row(i)
		for k, x := range a.Row(i) {
			for j, y := range b.Row(k)[:len(out)] {
				out[j] += float32(x * y)
			}
		}
	}
}

// directNT is NT without packing: four dot products at a time.
func directNT(c, a, b Mat) {
	for i := range c.Rows {
		out, x := c.Row(i), a.Row(i)
		j := 0
		for ; j+4 <= len(out); j += 4 {
			b0, b1, b2, b3 := b.Row(j)[:len(x)], b.Row(j + 1)[:len(x)], b.Row(j + 2)[:len(x)], b.Row(j + 3)[:len(x)]
			s0, s1, s2, s3 := out[j], out[j+1], out[j+2], out[j+3]
			for k, v := range x {
				s0 += float32(v * b0[k])
				s1 += float32(v * b1[k])
				s2 += float32(v * b2[k])
				s3 += float32(v * b3[k])
			}
			out[j], out[j+1], out[j+2], out[j+3] = s0, s1, s2, s3
		}
		for ; j < len(out); j++ {
			s, y := out[j], b.Row(j)[:len(x)]
			for k, v := range x {
				s += float32(v * y[k])
			}
			out[j] = s
		}
	}
}
