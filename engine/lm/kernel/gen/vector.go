package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// constants are the numbers that the functions use, eight times each, so that
// an instruction can take one from memory.
var constants = map[string]Mem{}

func words(name string, values ...uint32) {
	constants[name] = GLOBL(name, attr.RODATA|attr.NOPTR)
	for i, v := range values {
		DATA(4*i, U32(v))
	}
}

func eight(name string, v uint32) { words(name, v, v, v, v, v, v, v, v) }

func declareConstants() {
	for _, c := range []struct {
		name  string
		value float64
	}{
		{"log2e", 1.44269504088896341},
		{"ln2Hi", 0.693359375},
		{"ln2Lo", -2.12194440e-4},
		{"shift", 3 << 22},
		{"exp0", 1.9875691500e-4},
		{"exp1", 1.3981999507e-3},
		{"exp2", 8.3334519073e-3},
		{"exp3", 4.1665795894e-2},
		{"exp4", 1.6666665459e-1},
		{"exp5", 5.0000001201e-1},
		{"expLow", -87.33},
		{"expHigh", 88.37},
		{"infinity", math.Inf(1)},
		{"lowest", math.Inf(-1)},
		{"one", 1},
		{"geluA", 2 * 0.7978845608028654},
		{"geluB", 0.044715},
		{"geluB3", 3 * 0.044715},
		{"normEps", 1e-5},
	} {
		eight(c.name, math.Float32bits(float32(c.value)))
	}
	eight("sign", 1<<31)
	eight("bias", 127)
	const all = math.MaxUint32
	words("tails", all, all, all, all, all, all, all, all, 0, 0, 0, 0, 0, 0, 0, 0)
}

// access is how a body reads and writes eight elements at a pointer, all of
// them or those that are left. What is not there reads as zero.
type access struct {
	mask VecVirtual // nil for all
}

func (a access) load(p GPVirtual) VecVirtual {
	v := YMM()
	if a.mask == nil {
		VMOVUPS(Mem{Base: p}, v)
	} else {
		VMASKMOVPS(Mem{Base: p}, a.mask, v)
	}
	return v
}

func (a access) store(v VecVirtual, p GPVirtual) {
	if a.mask == nil {
		VMOVUPS(v, Mem{Base: p})
	} else {
		VMASKMOVPS(v, a.mask, Mem{Base: p})
	}
}

// keep clears what is not there.
func (a access) keep(v VecVirtual) {
	if a.mask != nil {
		VANDPS(a.mask, v, v)
	}
}

// orElse puts other where nothing is there.
func (a access) orElse(v VecVirtual, other Mem) {
	if a.mask != nil {
		w := YMM()
		VMOVUPS(other, w)
		VBLENDVPS(a.mask, v, w, v)
	}
}

// lanes runs a body over n elements of every pointer, eight at a time and then
// the rest under a mask. The pointers end behind the last eight.
func lanes(label string, n GPVirtual, pointers []GPVirtual, body func(a access)) {
	left := GP64()
	MOVQ(n, left)
	SUBQ(U8(8), left)
	JL(LabelRef(label + "Rest"))
	Label(label)
	body(access{})
	for _, p := range pointers {
		ADDQ(U8(32), p)
	}
	SUBQ(U8(8), left)
	JGE(LabelRef(label))
	Label(label + "Rest")
	ADDQ(U8(8), left)
	JZ(LabelRef(label + "Done"))
	table, mask := GP64(), YMM()
	LEAQ(constants["tails"].Offset(32), table)
	NEGQ(left)
	VMOVUPS(Mem{Base: table, Index: left, Scale: 4}, mask)
	body(access{mask})
	Label(label + "Done")
}

// Arithmetic on eight lanes; the result is a new register. An operand y may be
// in memory.
func add(x VecVirtual, y Op) VecVirtual { v := YMM(); VADDPS(y, x, v); return v }
func sub(x VecVirtual, y Op) VecVirtual { v := YMM(); VSUBPS(y, x, v); return v }
func mul(x VecVirtual, y Op) VecVirtual { v := YMM(); VMULPS(y, x, v); return v }
func div(x VecVirtual, y Op) VecVirtual { v := YMM(); VDIVPS(y, x, v); return v }

func number(name string) VecVirtual { v := YMM(); VMOVUPS(constants[name], v); return v }

func zero() VecVirtual { v := YMM(); VXORPS(v, v, v); return v }

// broadcast loads a float32 parameter into all lanes.
func broadcast(name string) VecVirtual {
	addr, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := YMM()
	VBROADCASTSS(addr.Addr, v)
	return v
}

// spread copies the first lane of x to all.
func spread(x VecVirtual) VecVirtual {
	v := YMM()
	VBROADCASTSS(x.AsX(), v)
	return v
}

// joined adds the eight lanes by the tree ((0+4)+(2+6))+((1+5)+(3+7)); the sum
// is in the first lane.
func joined(s VecVirtual) VecVirtual {
	high, t := YMM(), YMM()
	VEXTRACTF128(U8(1), s, high.AsX())
	VADDPS(high.AsX(), s.AsX(), t.AsX())
	VMOVHLPS(t.AsX(), t.AsX(), high.AsX())
	VADDPS(high.AsX(), t.AsX(), t.AsX())
	VMOVSHDUP(t.AsX(), high.AsX())
	VADDSS(high.AsX(), t.AsX(), t.AsX())
	return t
}

// exp is the package's Exp, lane by lane.
func exp(x VecVirtual) VecVirtual {
	n := sub(add(mul(x, constants["log2e"]), constants["shift"]), constants["shift"])
	r := sub(x, mul(n, constants["ln2Hi"]))
	r = sub(r, mul(n, constants["ln2Lo"]))
	y := mul(r, constants["exp0"])
	for _, c := range []string{"exp1", "exp2", "exp3", "exp4"} {
		y = mul(add(y, constants[c]), r)
	}
	y = add(y, constants["exp5"])
	y = add(add(mul(y, mul(r, r)), r), constants["one"])
	power := YMM()
	VCVTPS2DQ(n, power)
	VPADDD(constants["bias"], power, power)
	VPSLLD(U8(23), power, power)
	y = mul(y, power)

	const greaterOrEqual, greater, unordered = 13, 14, 3
	low, high, nan := YMM(), YMM(), YMM()
	VCMPPS(U8(greaterOrEqual), constants["expLow"], x, low)
	VANDPS(low, y, y)
	VCMPPS(U8(greater), constants["expHigh"], x, high)
	VBLENDVPS(high, constants["infinity"], y, y)
	VCMPPS(U8(unordered), x, x, nan)
	VBLENDVPS(nan, x, y, y)
	return y
}
