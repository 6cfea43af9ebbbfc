package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// function begins a function whose twin is the plain loop of that name.
func function(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Doc(doc)
	Pragma("noescape")
}

func done() {
	VZEROUPPER()
	RET()
}

func elementwise() {
	function("addLanes", "func(y, x *float32, n int)", "addLanes is addPlain for n elements.")
	y, x := param("y"), param("x")
	lanes("loop", param("n"), []GPVirtual{y, x}, func(a access) {
		a.store(add(a.load(y), a.load(x)), y)
	})
	done()

	function("scaleLanes", "func(x *float32, n int, s float32)", "scaleLanes is scalePlain for n elements.")
	x = param("x")
	s := broadcast("s")
	lanes("loop", param("n"), []GPVirtual{x}, func(a access) { a.store(mul(a.load(x), s), x) })
	done()

	function("blendLanes", "func(y, x *float32, n int, share float32)", "blendLanes is blendPlain for n elements.")
	y, x = param("y"), param("x")
	share := broadcast("share")
	lanes("loop", param("n"), []GPVirtual{y, x}, func(a access) {
		old := a.load(y)
		a.store(add(old, mul(sub(a.load(x), old), share)), y)
	})
	done()

	gelu()
	rotate()
	adamw()
}

// geluArgument is a(x + b x^3) as the plain loop computes it, and x^2.
func geluArgument(v VecVirtual) (u, z VecVirtual) {
	z = mul(v, v)
	return mul(mul(v, constants["geluA"]), add(mul(z, constants["geluB"]), constants["one"])), z
}

// onePlusExpOf is 1 + Exp(-u).
func onePlusExpOf(u VecVirtual) VecVirtual {
	minus := YMM()
	VXORPS(constants["sign"], u, minus)
	return add(exp(minus), constants["one"])
}

func gelu() {
	function("geluLanes", "func(y, x *float32, n int)", "geluLanes is geluPlain for n elements.")
	y, x := param("y"), param("x")
	lanes("loop", param("n"), []GPVirtual{y, x}, func(a access) {
		v := a.load(x)
		u, _ := geluArgument(v)
		a.store(div(v, onePlusExpOf(u)), y)
	})
	done()

	function("geluBackwardLanes", "func(dy, x *float32, n int)", "geluBackwardLanes is geluBackwardPlain for n elements.")
	dy, x := param("dy"), param("x")
	lanes("loop", param("n"), []GPVirtual{dy, x}, func(a access) {
		v := a.load(x)
		u, z := geluArgument(v)
		s := div(number("one"), onePlusExpOf(u))
		du := mul(add(mul(z, constants["geluB3"]), constants["one"]), constants["geluA"])
		slope := add(s, mul(mul(v, du), mul(s, sub(number("one"), s))))
		a.store(mul(a.load(dy), slope), dy)
	})
	done()
}

func rotate() {
	function("rotateLanes", "func(x *float32, heads, half int, cos, sin *float32)",
		"rotateLanes is rotatePlain for heads of 2 half elements, one behind the other.")
	first, heads, half := param("x"), param("heads"), param("half")
	width, second := GP64(), GP64()
	MOVQ(half, width)
	floats(width)
	Label("head")
	LEAQ(Mem{Base: first, Index: width, Scale: 1}, second)
	p, q := GP64(), GP64()
	MOVQ(first, p)
	MOVQ(second, q)
	cos, sin := param("cos"), param("sin")
	lanes("loop", half, []GPVirtual{p, q, cos, sin}, func(a access) {
		u, v, c, s := a.load(p), a.load(q), a.load(cos), a.load(sin)
		a.store(sub(mul(u, c), mul(v, s)), p)
		a.store(add(mul(u, s), mul(v, c)), q)
	})
	LEAQ(Mem{Base: second, Index: width, Scale: 1}, first)
	DECQ(heads)
	JNZ(LabelRef("head"))
	done()
}

// adamw takes the optimiser's numbers in the order of the struct AdamW, with
// the two shares 1-Beta behind them.
func adamw() {
	function("adamwLanes", "func(p, grad, m, v *float32, n int, o *float32)",
		"adamwLanes is adamwPlain for n elements; o is the optimiser's numbers and 1-Beta1, 1-Beta2.")
	p, g, m, v, o := param("p"), param("grad"), param("m"), param("v"), param("o")
	at := func(i int) VecVirtual {
		r := YMM()
		VBROADCASTSS(Mem{Base: o, Disp: 4 * i}, r)
		return r
	}
	const rate, beta1, beta2, eps, decay, scale, unbias1, unbias2, share1, share2 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	lanes("loop", param("n"), []GPVirtual{p, g, m, v}, func(a access) {
		d := mul(a.load(g), at(scale))
		first := add(mul(a.load(m), at(beta1)), mul(d, at(share1)))
		a.store(first, m)
		second := add(mul(a.load(v), at(beta2)), mul(mul(d, d), at(share2)))
		a.store(second, v)
		root := YMM()
		VSQRTPS(mul(second, at(unbias2)), root)
		root = add(root, at(eps))
		x := a.load(p)
		step := mul(add(div(mul(first, at(unbias1)), root), mul(x, at(decay))), at(rate))
		a.store(sub(x, step), p)
	})
	done()
}
