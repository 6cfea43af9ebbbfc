package kernel

// Form says what a product does besides C += A B.
type Form uint8

const (
	// Fresh sets C instead of adding to it.
	Fresh Form = 1 << iota
	// Transposed takes A as (K, M).
	Transposed
	// CausalC computes at least the elements of C (M, N) up to the causal
	// diagonal, on which row i has column i+N-M, and leaves some of the others
	// as they are.
	CausalC
	// CausalA takes elements of A (M, K) behind its causal diagonal for the
	// zeros they are. It leaves them out but for the next Behind in a row, which
	// must be zero.
	CausalA
)

func (f Form) has(g Form) bool { return f&g != 0 }

const (
	// depth is how many k a strip is walked before the next: 256 rows of it
	// are half of the smallest first-level cache.
	depth = 256
	// band is how many rows of A and C stay in the second-level cache while all
	// strips pass.
	band = 48
	// tallest is the number of rows of the largest tile.
	tallest = 6
	// Behind is how far behind the diagonal a tile looks.
	Behind = tallest - 1
)

// Multiply adds A B to C: (M, N) += (M, K) (K, N), where the columns of C may
// also be those of the filled-up strips. Every element is one chain over
// ascending k that starts at the value it is added to. A causal operand has no
// more rows than columns (of A, before it is transposed): each row sees something.
func Multiply(c, a Mat, b *Strips, form Form) {
	m, k := a.Rows, a.Cols
	left := operand{a.Data, a.Stride, 1}
	if form.has(Transposed) {
		m, k = k, m
		left = operand{a.Data, 1, a.Stride}
	}
	if c.Rows != m || b.rows != k || c.Cols != b.cols && c.Cols != b.padded() {
		broken("product of %dx%d and %dx%d into %dx%d", m, k, b.rows, b.cols, c.Rows, c.Cols)
	}
	if form.has(CausalC) && b.cols < m || form.has(CausalA) && a.Cols < a.Rows {
		broken("causal product of %dx%d and %dx%d: more rows than columns", a.Rows, a.Cols, b.rows, b.cols)
	}
	if m == 0 || c.Cols == 0 {
		return
	}
	if k == 0 {
		empty(c, form)
		return
	}
	p := product{c, left, b, form, k}
	if form.has(CausalA | CausalC) {
		p.causal()
		return
	}
	if m == 1 {
		p.row()
		return
	}
	for i := 0; i < m; i += band {
		rows := min(band, m-i)
		for from := 0; from < k; from += depth {
			to := min(from+depth, k)
			for j := 0; j < c.Cols; j += width {
				p.column(i, rows, j, from, to)
			}
		}
	}
}

// empty is a product without a term.
func empty(c Mat, form Form) {
	if form.has(Fresh) {
		for i := range c.Rows {
			clear(c.Row(i))
		}
	}
}

// operand is A by the distances between its rows and its columns.
type operand struct {
	data     []float32
	row, col int
}

func (o operand) from(i, l int) []float32 { return o.data[i*o.row+l*o.col:] }

// product is one call of Multiply.
type product struct {
	c    Mat
	a    operand
	b    *Strips
	form Form
	k    int
}

// fresh is 1 where the terms from number from on are the first of their sum.
func (p *product) fresh(from, first int) int {
	if p.form.has(Fresh) && from == first {
		return 1
	}
	return 0
}

// column computes rows i and on of one strip's columns: whole tiles first, then
// what is left in tiles of at least three rows, since shorter ones do not keep
// the machine busy.
func (p *product) column(i, rows, j, from, to int) {
	whole, tail := split(rows)
	if whole > 0 {
		p.tile(tallest, whole, i, j, from, to, 0)
		i += whole * tallest
	}
	for _, h := range tail {
		if h > 0 {
			p.tile(h, 1, i, j, from, to, 0)
			i += h
		}
	}
}

// split is the heights of the tiles that cover a number of rows: whole ones and
// up to two lower ones.
func split(rows int) (whole int, tail [2]int) {
	whole, rest := rows/tallest, rows%tallest
	if whole > 0 && (rest == 1 || rest == 2) {
		return whole - 1, [2]int{4, 2 + rest}
	}
	return whole, [2]int{rest}
}

// tile computes n blocks of height rows from row i on. first is the number of
// the sums' first term.
func (p *product) tile(height, n, i, j, from, to, first int) {
	a, b := p.a.from(i, from), p.b.strip(j)[from*width:]
	fresh := p.fresh(from, first)
	if j+width <= p.c.Cols {
		p.run(height, n, to-from, a, b, p.c.Data[i*p.c.Stride+j:], p.c.Stride, fresh)
		return
	}
	// The columns that fill up the last strip are computed and thrown away.
	for ; n > 0; n, i = n-1, i+height {
		var edge [tallest * width]float32
		for r := range height {
			copy(edge[r*width:(r+1)*width], p.c.Row(i + r)[j:])
		}
		p.run(height, 1, to-from, p.a.from(i, from), b, edge[:], width, fresh)
		for r := range height {
			copy(p.c.Row(i + r)[j:], edge[r*width:])
		}
	}
}

func (p *product) run(height, n, k int, a, b, c []float32, cs, fresh int) {
	if fast {
		tiles(height, n, k, a, p.a.row, p.a.col, height*p.a.row, b, c, cs, fresh)
		return
	}
	for i := range n {
		plainTile(height, k, operand{a[i*height*p.a.row:], p.a.row, p.a.col}, b, c[i*height*cs:], cs, fresh != 0)
	}
}

// row computes a single row, several strips at a time.
func (p *product) row() {
	j := 0
	if fast {
		a, fresh, next := p.a.data, p.fresh(0, 0), width*p.b.tall
		for ; j+4*width <= p.c.Cols; j += 4 * width {
			row4(p.k, &a[0], p.a.col, &p.b.strip(j)[0], next, &p.c.Data[j], fresh)
		}
		if j+2*width <= p.c.Cols {
			row2(p.k, &a[0], p.a.col, &p.b.strip(j)[0], next, &p.c.Data[j], fresh)
			j += 2 * width
		}
	}
	for ; j < p.c.Cols; j += width {
		p.tile(1, 1, 0, j, 0, p.k, 0)
	}
}

// causal goes tile by tile, each with the columns or the terms that it needs.
func (p *product) causal() {
	if p.c.Rows == 1 {
		p.row() // a last row looks at everything
		return
	}
	whole, tail := split(p.c.Rows)
	i := 0
	for range whole {
		p.causalTile(i, tallest)
		i += tallest
	}
	for _, h := range tail {
		if h > 0 {
			p.causalTile(i, h)
			i += h
		}
	}
}

func (p *product) causalTile(i, height int) {
	columns, from, to := p.c.Cols, 0, p.k
	switch {
	case p.form.has(CausalC):
		columns = min(columns, i+height+p.b.cols-p.c.Rows)
	case p.form.has(Transposed):
		from = max(0, i-(p.c.Rows-p.k))
	default:
		to = min(to, i+height+p.k-p.c.Rows)
	}
	for j := 0; j < columns; j += width {
		for at := from; at < to; at += depth {
			p.tile(height, 1, i, j, at, min(at+depth, to), from)
		}
	}
}

// Work is the room that products pack their right operand into. It belongs to
// one goroutine; the zero value is ready.
type Work struct{ b Strips }

// NN adds A B to C: (M, N) += (M, K) (K, N).
func (w *Work) NN(c, a, b Mat) {
	w.b.Pack(b)
	Multiply(c, a, &w.b, 0)
}

// NT adds A times the transpose of B to C: (M, N) += (M, K) (N, K)^T.
func (w *Work) NT(c, a, b Mat) {
	w.b.PackTransposed(b)
	Multiply(c, a, &w.b, 0)
}

// TN adds the transpose of A times B to C: (M, N) += (K, M)^T (K, N). It packs
// no more of B than stays in the cache.
func (w *Work) TN(c, a, b Mat) {
	if a.Rows != b.Rows {
		broken("transposed product of %dx%d and %dx%d", a.Rows, a.Cols, b.Rows, b.Cols)
	}
	for from := 0; from < a.Rows; from += depth {
		rows := min(depth, a.Rows-from)
		w.b.Pack(b.Part(from, 0, rows, b.Cols))
		Multiply(c, a.Part(from, 0, rows, a.Cols), &w.b, Transposed)
	}
}
