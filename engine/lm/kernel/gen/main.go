// Command gen writes the assembly of package kernel: kernels_amd64.s and its Go
// declarations. It is a module of its own, so that whoever builds ablate never
// needs what it imports. Run `go generate` in the package's folder.
//
// Every function is a twin of a plain loop in the package and gives the same
// bits: the same operations in the same order, eight lanes wide. The exception
// is the tile of the matrix product, which fuses the multiplication with the
// addition; plain loops cannot ask for that.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64,!purego")
	declareConstants()
	for height := 1; height <= 6; height++ {
		tile(height)
	}
	rowStrips(2)
	rowStrips(4)
	peak()
	copyStrip()
	transposeStrip()
	elementwise()
	rows()
	Generate()
}
