package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func copyStrip() {
	TEXT("copyStrip", NOSPLIT, "func(to, from *float32, stride, n int)")
	Doc("copyStrip copies n >= 1 rows of 16 elements, which are stride apart, into a strip.")
	Pragma("noescape")
	to, from, n := param("to"), param("from"), param("n")
	stride := floats(param("stride"))
	Label("loop")
	x, y := YMM(), YMM()
	VMOVUPS(Mem{Base: from}, x)
	VMOVUPS(Mem{Base: from, Disp: 32}, y)
	VMOVUPS(x, Mem{Base: to})
	VMOVUPS(y, Mem{Base: to, Disp: 32})
	ADDQ(stride, from)
	ADDQ(U8(64), to)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transposeStrip goes in blocks of 8 x 8: two of them, one for each half of the
// strip.
func transposeStrip() {
	TEXT("transposeStrip", NOSPLIT, "func(to, from *float32, stride, n int)")
	Doc("transposeStrip turns 16 rows of 8n elements, n >= 1, which are stride apart, into a strip (8n, 16).")
	Pragma("noescape")
	to, from, n := param("to"), param("from"), param("n")
	stride := floats(param("stride"))
	rows := []GPVirtual{from, GP64(), GP64(), GP64(), GP64(), GP64()} // every third row
	for i := 1; i < len(rows); i++ {
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, rows[i])
		ADDQ(rows[i-1], rows[i])
	}
	Label("loop")
	for half := range 2 {
		block := make([]VecVirtual, 8)
		for i := range block {
			r := 8*half + i
			m := Mem{Base: rows[r/3]}
			if r%3 > 0 {
				m.Index, m.Scale = stride, uint8(r%3)
			}
			block[i] = YMM()
			VMOVUPS(m, block[i])
		}
		for i, r := range transpose(block) {
			VMOVUPS(r, Mem{Base: to, Disp: 64*i + 32*half})
		}
	}
	for _, r := range rows {
		ADDQ(U8(32), r)
	}
	ADDQ(U32(512), to)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose turns an 8 x 8 block in registers: pairs, quarters, halves.
func transpose(r []VecVirtual) []VecVirtual {
	pairs := make([]VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		pairs[i], pairs[i+1] = YMM(), YMM()
		VUNPCKLPS(r[i+1], r[i], pairs[i])
		VUNPCKHPS(r[i+1], r[i], pairs[i+1])
	}
	quarters := make([]VecVirtual, 8)
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			quarters[i+2*j], quarters[i+2*j+1] = YMM(), YMM()
			VSHUFPS(U8(0x44), pairs[i+j+2], pairs[i+j], quarters[i+2*j])
			VSHUFPS(U8(0xee), pairs[i+j+2], pairs[i+j], quarters[i+2*j+1])
		}
	}
	out := make([]VecVirtual, 8)
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(U8(0x20), quarters[i+4], quarters[i], out[i])
		VPERM2F128(U8(0x31), quarters[i+4], quarters[i], out[i+4])
	}
	return out
}
