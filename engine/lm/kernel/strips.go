package kernel

// width is the number of columns of a strip: two registers of eight lanes.
const width = 16

// Strips is the right operand B of a product, (K, N), laid out for it: strips of
// 16 columns one behind the other, each with its rows without gaps. Columns that
// fill up the last strip are zero after packing. The zero value is empty; packing
// grows it to the largest operand and then allocates no more.
type Strips struct {
	data       []float32
	rows, cols int
	tall       int // rows that a strip has room for
}

// NewStrips is an empty operand with room for (rows, cols), to be appended to.
func NewStrips(rows, cols int) Strips {
	return Strips{data: make([]float32, rows*Padded(cols)), tall: rows}
}

// Room is the number of elements that there is room for.
func (s *Strips) Room() int { return cap(s.data) }

// Reserve makes room for n elements and forgets what was there if it must grow.
func (s *Strips) Reserve(n int) {
	if cap(s.data) < n {
		*s = Strips{data: make([]float32, 0, n)}
	}
}

// size makes room for (rows, cols) and returns the number of whole strips.
func (s *Strips) size(rows, cols int) int {
	s.rows, s.cols, s.tall = rows, cols, rows
	n := rows * s.padded()
	if cap(s.data) < n {
		s.data = make([]float32, n)
	}
	s.data = s.data[:n]
	return cols / width
}

// padded is the number of columns with those that fill up the last strip.
func (s *Strips) padded() int { return Padded(s.cols) }

// Padded is n rounded up to whole strips.
func Padded(n int) int { return (n + width - 1) / width * width }

// strip is the strip that holds column j and those after it.
func (s *Strips) strip(j int) []float32 { return s.data[j*s.tall : j*s.tall+width*s.rows] }

// Rows is K.
func (s *Strips) Rows() int { return s.rows }

// Empty forgets rows and columns and keeps the room.
func (s *Strips) Empty() { s.rows, s.cols = 0, 0 }

// AppendColumn adds a column, as a key to keys that are looked up.
func (s *Strips) AppendColumn(x []float32) {
	s.rows = len(x)
	s.cols++
	to := s.strip((s.cols - 1) / width * width)[(s.cols-1)%width:]
	for i, v := range x {
		to[i*width] = v
	}
}

// AppendRow adds a row, as a value to values that are averaged.
func (s *Strips) AppendRow(x []float32) {
	s.cols = len(x)
	s.rows++
	for j := 0; j < len(x); j += width {
		copy(s.strip(j)[(s.rows-1)*width:], x[j:min(j+width, len(x))])
	}
}

// Pack lays out B.
func (s *Strips) Pack(b Mat) {
	whole := s.size(b.Rows, b.Cols)
	if b.Rows == 0 {
		return
	}
	for j := 0; j < whole*width; j += width {
		to := s.strip(j)
		if fast {
			copyStrip(&to[0], &b.Data[j], b.Stride, b.Rows)
			continue
		}
		for k := range b.Rows {
			*(*[width]float32)(to[k*width:]) = *(*[width]float32)(b.Data[k*b.Stride+j:])
		}
	}
	if j := whole * width; j < b.Cols {
		to := s.strip(j)
		clear(to)
		for k := range b.Rows {
			copy(to[k*width:], b.Row(k)[j:])
		}
	}
}

// PackTransposed lays out the transpose of b, that is (b.Cols, b.Rows).
func (s *Strips) PackTransposed(b Mat) {
	whole := s.size(b.Cols, b.Rows)
	if b.Cols == 0 {
		return
	}
	for j := 0; j < whole*width; j += width {
		to, k := s.strip(j), 0
		if n := b.Cols / 8; fast && n > 0 {
			transposeStrip(&to[0], &b.Data[j*b.Stride], b.Stride, n)
			k = 8 * n
		}
		if k < b.Cols {
			scatter(to, b.Part(j, k, width, b.Cols-k), k)
		}
	}
	if j := whole * width; j < b.Rows {
		clear(s.strip(j))
		scatter(s.strip(j), b.Part(j, 0, b.Rows-j, b.Cols), 0)
	}
}

// scatter writes the rows of b as columns into a strip, from row k of it.
func scatter(to []float32, b Mat, k int) {
	for j := range b.Rows {
		for i, v := range b.Row(j) {
			to[(k+i)*width+j] = v
		}
	}
}
