// Package kernel is the arithmetic of the tiny language model: matrix products
// and the element-wise and row-wise functions between them, on flat float32
// slices.
//
// It knows no model. A matrix product is where the time goes, so its right
// operand is laid out in strips first (Strips), once for many products if it is
// a weight, and a register tile runs over it; everything else is a loop over
// rows or elements. Every function has a plain loop, and on machines with AVX2
// an assembly twin that gen writes (kernels_amd64.s). The build tag purego leaves
// the assembly out.
//
// The bits of a result are part of the contract, because two runs with one seed
// must end with equal weights whatever the machine and the number of workers:
//
//   - an element of a product is one chain over k in ascending order that
//     starts at the value it is added to, so blocking, the height of a tile and
//     the position of a row in a batch do not show;
//   - a reduction inside a row uses eight fixed lanes (element i goes to lane
//     i mod 8) and one fixed tree, ((0+4)+(2+6))+((1+5)+(3+7));
//   - a product is rounded before it is added. That is what float32(a*b) is for
//     all over this package: without it the compiler may fuse the two on some
//     machines and not on others;
//   - exp, log, sine and cosine are polynomials of our own, since those of
//     package math differ between machines in the last bit; nothing takes the
//     processor's approximate reciprocals.
//
// The one exception is the tile of the matrix product in assembly, which fuses
// multiplication and addition: all AVX2 machines agree with each other, all
// plain ones too, but not one kind with the other. Name tells which it is.
//
// A wrong shape is a mistake in the program that calls, stopped by broken.
package kernel

import "fmt"

// Mat is a view of a row-major matrix in a slice: element (i, j) is
// Data[i*Stride+j].
type Mat struct {
	Data               []float32
	Rows, Cols, Stride int
}

// Dense is the matrix of rows x cols that fills the start of data without gaps.
func Dense(data []float32, rows, cols int) Mat {
	if rows < 0 || cols < 0 || len(data) < rows*cols {
		broken("dense matrix of %d x %d in %d elements", rows, cols, len(data))
	}
	return Mat{Data: data[:rows*cols], Rows: rows, Cols: cols, Stride: cols}
}

// Part is the view of rows x cols that starts at (row, col) of m.
func (m Mat) Part(row, col, rows, cols int) Mat {
	if row < 0 || col < 0 || rows < 0 || cols < 0 || row+rows > m.Rows || col+cols > m.Cols {
		broken("part of %d x %d at (%d, %d) of a matrix of %d x %d", rows, cols, row, col, m.Rows, m.Cols)
	}
	if rows == 0 || cols == 0 {
		return Mat{Rows: rows, Cols: cols, Stride: m.Stride}
	}
	from := row*m.Stride + col
	return Mat{Data: m.Data[from : from+(rows-1)*m.Stride+cols], Rows: rows, Cols: cols, Stride: m.Stride}
}

// Row is row i of m.
func (m Mat) Row(i int) []float32 {
	return m.Data[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols]
}

// broken stops the program on a shape that cannot be: there is nothing a caller
// could do with an error but pass it on. It is called behind the test, so that
// its arguments cost nothing when all is well.
func broken(format string, args ...any) {
	panic("kernel: " + fmt.Sprintf(format, args...)) //nolint:forbidigo // a shape mismatch is a programming error
}
