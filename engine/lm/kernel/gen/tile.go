package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// unroll is how many k one turn of a tile's loop takes.
const unroll = 4

// floats turns a number of elements into bytes.
func floats(r GPVirtual) GPVirtual {
	SHLQ(U8(2), r)
	return r
}

func param(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// tile is the matrix product's inner loop: n blocks of height rows and 16
// columns of C, one below the other. Two registers hold a row of the strip of
// B, and each element of A is broadcast once for two fused multiply-adds.
func tile(height int) {
	TEXT(fmt.Sprintf("tile%d", height), NOSPLIT, "func(n, k int, a *float32, ar, ak, at int, b, c *float32, cs, fresh int)")
	Doc(
		fmt.Sprintf("tile%d adds n blocks of %d rows and 16 columns to C, or sets them if fresh is not 0.", height, height),
		"Element (i, l) of A is a[i*ar+l*ak], and the next block's begins at a[at]; B is a",
		"strip (k, 16), rows of C are cs apart. Each sum is one chain of fused",
		"multiply-adds over ascending k.",
	)
	Pragma("noescape")
	n, k, a, b, c := param("n"), param("k"), param("a"), param("b"), param("c")
	ar, ak, at, cs := floats(param("ar")), floats(param("ak")), floats(param("at")), floats(param("cs"))

	acc := make([][2]VecVirtual, height)
	for r := range acc {
		acc[r] = [2]VecVirtual{YMM(), YMM()}
	}
	// Rows 0 to 2 are reached from the first pointer, 3 to 5 from the second.
	a0, a3, bp, left := GP64(), GP64(), GP64(), GP64()
	row := func(p0, p3 GPVirtual, stride GPVirtual, r, disp int) Mem {
		m := Mem{Base: p0, Disp: disp}
		if r >= 3 {
			m.Base = p3
		}
		if r%3 > 0 {
			m.Index, m.Scale = stride, uint8(r%3)
		}
		return m
	}
	third := func(p, to, stride GPVirtual) {
		if height > 3 {
			LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, to)
			ADDQ(p, to)
		}
	}
	c3 := a3 // not needed at the same time

	Label("block")
	fresh := Load(Param("fresh"), GP64())
	TESTQ(fresh, fresh)
	JZ(LabelRef("load"))
	for r := range acc {
		VXORPS(acc[r][0], acc[r][0], acc[r][0])
		VXORPS(acc[r][1], acc[r][1], acc[r][1])
	}
	JMP(LabelRef("start"))
	Label("load")
	third(c, c3, cs)
	for r := range acc {
		VMOVUPS(row(c, c3, cs, r, 0), acc[r][0])
		VMOVUPS(row(c, c3, cs, r, 32), acc[r][1])
	}

	Label("start")
	MOVQ(a, a0)
	third(a, a3, ar)
	MOVQ(b, bp)
	MOVQ(k, left)
	step := func(u int) {
		b0, b1 := YMM(), YMM()
		VMOVUPS(Mem{Base: bp, Disp: 64 * u}, b0)
		VMOVUPS(Mem{Base: bp, Disp: 64*u + 32}, b1)
		for r := range acc {
			x := YMM()
			VBROADCASTSS(row(a0, a3, ar, r, 0), x)
			VFMADD231PS(b0, x, acc[r][0])
			VFMADD231PS(b1, x, acc[r][1])
		}
		ADDQ(ak, a0)
		if height > 3 {
			ADDQ(ak, a3)
		}
	}
	SUBQ(U8(unroll), left)
	JL(LabelRef("rest"))
	Label("many")
	for u := range unroll {
		step(u)
	}
	ADDQ(U32(64*unroll), bp)
	SUBQ(U8(unroll), left)
	JGE(LabelRef("many"))
	Label("rest")
	ADDQ(U8(unroll), left)
	JZ(LabelRef("store"))
	Label("one")
	step(0)
	ADDQ(U8(64), bp)
	DECQ(left)
	JNZ(LabelRef("one"))

	Label("store")
	third(c, c3, cs)
	for r := range acc {
		VMOVUPS(acc[r][0], row(c, c3, cs, r, 0))
		VMOVUPS(acc[r][1], row(c, c3, cs, r, 32))
	}
	ADDQ(at, a)
	for range height {
		ADDQ(cs, c)
	}
	DECQ(n)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// rowStrips is a tile of one row over several strips at once: one row has too
// few chains to keep the machine busy with a single strip.
func rowStrips(strips int) {
	TEXT(fmt.Sprintf("row%d", strips), NOSPLIT, "func(k int, a *float32, ak int, b *float32, bs int, c *float32, fresh int)")
	Doc(
		fmt.Sprintf("row%d is tile1 for %d strips of B that begin bs elements apart, into %d elements", strips, strips, 16*strips),
		"of one row of C.",
	)
	Pragma("noescape")
	k, a, b, c := param("k"), param("a"), param("b"), param("c")
	ak, bs := floats(param("ak")), floats(param("bs"))
	acc := make([]VecVirtual, 2*strips)
	for i := range acc {
		acc[i] = YMM()
	}
	fresh := Load(Param("fresh"), GP64())
	TESTQ(fresh, fresh)
	JZ(LabelRef("load"))
	for _, r := range acc {
		VXORPS(r, r, r)
	}
	JMP(LabelRef("start"))
	Label("load")
	for i, r := range acc {
		VMOVUPS(Mem{Base: c, Disp: 32 * i}, r)
	}
	Label("start")
	TESTQ(k, k)
	JZ(LabelRef("store"))
	b3 := GP64()
	LEAQ(Mem{Base: bs, Index: bs, Scale: 2}, b3)
	ADDQ(b, b3)
	Label("loop")
	x := YMM()
	VBROADCASTSS(Mem{Base: a}, x)
	for s := range strips {
		m := Mem{Base: b}
		switch s {
		case 1, 2:
			m.Index, m.Scale = bs, uint8(s)
		case 3:
			m.Base = b3
		}
		VFMADD231PS(m, x, acc[2*s])
		m.Disp = 32
		VFMADD231PS(m, x, acc[2*s+1])
	}
	ADDQ(ak, a)
	ADDQ(U8(64), b)
	ADDQ(U8(64), b3)
	DECQ(k)
	JNZ(LabelRef("loop"))
	Label("store")
	for i, r := range acc {
		VMOVUPS(r, Mem{Base: c, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

// peakChains hides the latency of a fused multiply-add: 4 or 5 cycles, two a
// cycle.
const peakChains = 12

func peak() {
	TEXT("peak", NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("peak runs n rounds of %d independent fused multiply-adds of eight lanes.", peakChains))
	n := param("n")
	x := YMM()
	VXORPS(x, x, x)
	acc := make([]VecVirtual, peakChains)
	for i := range acc {
		acc[i] = YMM()
		VXORPS(acc[i], acc[i], acc[i])
	}
	Label("loop")
	for _, r := range acc {
		VFMADD231PS(x, x, r)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
