//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

//go:generate go run -C gen . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg kernel

// fast says that the assembly runs on this machine: Intel since 2013, AMD since
// 2015.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// tiles runs the assembly for a height.
func tiles(height, n, k int, a []float32, ar, ak, at int, b, c []float32, cs, fresh int) {
	switch height {
	case 6:
		tile6(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	case 5:
		tile5(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	case 4:
		tile4(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	case 3:
		tile3(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	case 2:
		tile2(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	default:
		tile1(n, k, &a[0], ar, ak, at, &b[0], &c[0], cs, fresh)
	}
}
