package synth

import "slices"

// lastConstant is the constant that matters most to what an expression does:
// the last that is not 0, or else the last.
func (e expr) lastConstant() (k int64, ok bool) {
	if e.constant() {
		return e.k, true
	}
	for _, a := range slices.Backward(e.args) {
		if c, found := a.lastConstant(); found && (!ok || k == 0 && c != 0) {
			k, ok = c, true
		}
	}
	return k, ok
}

// parametrised replaces the last constant by the parameter.
func (e expr) parametrised() expr {
	want, ok := e.lastConstant()
	if !ok {
		return e
	}
	if e.constant() {
		return expr{op: "param", k: e.k}
	}
	e.args = slices.Clone(e.args)
	for i, a := range slices.Backward(e.args) {
		if k, found := a.lastConstant(); found && k == want {
			e.args[i] = a.parametrised()
			break
		}
	}
	return e
}

// with is the shape with the constant where the parameter stands.
func (s shape) with(k int64) shape {
	s.expr = s.expr.with(k)
	return s
}

func (e expr) with(k int64) expr {
	if e.op == "param" {
		return constantOf(k)
	}
	if len(e.args) > 0 {
		e.args = slices.Clone(e.args)
		for i, a := range e.args {
			e.args[i] = a.with(k)
		}
	}
	return e
}
