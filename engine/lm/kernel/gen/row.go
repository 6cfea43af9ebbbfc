package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func rows() {
	dot()
	softmax()
	softmaxBackward()
	norm()
	normBackward()
}

// again is a fresh pointer to where p points.
func again(p GPVirtual) GPVirtual {
	q := GP64()
	MOVQ(p, q)
	return q
}

func accumulate(sum, v VecVirtual) { VADDPS(v, sum, sum) }

func dot() {
	function("dotLanes", "func(x, y *float32, n int) float32", "dotLanes is dotPlain for n elements.")
	x, y, sum := param("x"), param("y"), zero()
	lanes("loop", param("n"), []GPVirtual{x, y}, func(a access) { accumulate(sum, mul(a.load(x), a.load(y))) })
	Store(joined(sum).AsX(), ReturnIndex(0))
	done()
}

func softmax() {
	function("softmaxLanes", "func(x *float32, n int, scale float32) (largest, total float32)",
		"softmaxLanes is softmaxPlain for a row of n >= 1 elements.")
	x, n, scale := param("x"), param("n"), broadcast("scale")
	largest := number("lowest")
	p := again(x)
	lanes("scaled", n, []GPVirtual{p}, func(a access) {
		v := mul(a.load(p), scale)
		a.store(v, p)
		a.orElse(v, constants["lowest"])
		VMAXPS(largest, v, largest)
	})
	half := YMM()
	VEXTRACTF128(U8(1), largest, half.AsX())
	VMAXPS(half.AsX(), largest.AsX(), largest.AsX())
	VMOVHLPS(largest.AsX(), largest.AsX(), half.AsX())
	VMAXPS(half.AsX(), largest.AsX(), largest.AsX())
	VMOVSHDUP(largest.AsX(), half.AsX())
	VMAXSS(half.AsX(), largest.AsX(), largest.AsX())
	Store(largest.AsX(), Return("largest"))
	top := spread(largest)

	sum := zero()
	p = again(x)
	lanes("exp", n, []GPVirtual{p}, func(a access) {
		e := exp(sub(a.load(p), top))
		a.store(e, p)
		a.keep(e)
		accumulate(sum, e)
	})
	total := joined(sum)
	Store(total.AsX(), Return("total"))
	share := div(number("one"), spread(total))
	lanes("share", n, []GPVirtual{x}, func(a access) { a.store(mul(a.load(x), share), x) })
	done()
}

func softmaxBackward() {
	function("softmaxBackwardLanes", "func(dy, p *float32, n int, scale float32)",
		"softmaxBackwardLanes is softmaxBackwardPlain for a row of n elements.")
	dy, p, n, sum := param("dy"), param("p"), param("n"), zero()
	x, y := again(p), again(dy)
	lanes("dot", n, []GPVirtual{x, y}, func(a access) { accumulate(sum, mul(a.load(x), a.load(y))) })
	d, scale := spread(joined(sum)), broadcast("scale")
	lanes("loop", n, []GPVirtual{dy, p}, func(a access) {
		a.store(mul(mul(a.load(p), sub(a.load(dy), d)), scale), dy)
	})
	done()
}

// perElement divides a sum by the number of elements.
func perElement(sum VecVirtual, n GPVirtual) VecVirtual {
	count := YMM()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count.AsX(), count.AsX())
	mean := YMM()
	VDIVSS(count.AsX(), sum.AsX(), mean.AsX())
	return mean
}

func norm() {
	function("normLanes", "func(y, x, gain *float32, n int) (mean, scale float32)", "normLanes is normPlain for a row of n elements.")
	y, x, gain, n := param("y"), param("x"), param("gain"), param("n")
	sum := zero()
	p := again(x)
	lanes("sum", n, []GPVirtual{p}, func(a access) { accumulate(sum, a.load(p)) })
	mean := perElement(joined(sum), n)
	Store(mean.AsX(), Return("mean"))
	centre := spread(mean)

	squares := zero()
	q := again(y)
	lanes("squares", n, []GPVirtual{x, q}, func(a access) {
		v := sub(a.load(x), centre)
		a.store(v, q)
		a.keep(v)
		accumulate(squares, mul(v, v))
	})
	variance := perElement(joined(squares), n)
	VADDSS(constants["normEps"], variance.AsX(), variance.AsX())
	VSQRTSS(variance.AsX(), variance.AsX(), variance.AsX())
	scale := number("one")
	VDIVSS(variance.AsX(), scale.AsX(), scale.AsX())
	Store(scale.AsX(), Return("scale"))
	factor := spread(scale)
	lanes("gain", n, []GPVirtual{y, gain}, func(a access) { a.store(mul(mul(a.load(y), factor), a.load(gain)), y) })
	done()
}

func normBackward() {
	function("normBackwardLanes", "func(dx, dgain, dy, x, gain *float32, n int, mean, scale float32)",
		"normBackwardLanes is normBackwardPlain for a row of n elements.")
	dx, dgain, dy, x, gain, n := param("dx"), param("dgain"), param("dy"), param("x"), param("gain"), param("n")
	mean, scale := broadcast("mean"), broadcast("scale")
	sum, product := zero(), zero()
	p, q := again(x), again(dy)
	lanes("gain", n, []GPVirtual{p, q, gain, dgain}, func(a access) {
		centred, up := sub(a.load(p), mean), a.load(q)
		a.store(add(a.load(dgain), mul(up, mul(centred, scale))), dgain)
		u := mul(up, a.load(gain))
		a.store(u, q)
		accumulate(sum, u)
		// Lanes that are not there hold -mean here, but zero in u.
		accumulate(product, mul(u, centred))
	})
	mu := spread(perElement(joined(sum), n))
	mh := joined(product)
	VMULSS(scale.AsX(), mh.AsX(), mh.AsX())
	mh = spread(perElement(mh, n))
	lanes("loop", n, []GPVirtual{dx, dy, x}, func(a access) {
		h := mul(sub(a.load(x), mean), scale)
		v := sub(sub(a.load(dy), mu), mul(h, mh))
		a.store(add(a.load(dx), mul(v, scale)), dx)
	})
	done()
}
