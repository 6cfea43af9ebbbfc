package lm

import "ablate/engine/lm/kernel"

// layout is a model's matrices laid out for products. It goes stale when the
// weights change.
type layout struct {
	layers []layerLayout
	embed  bothWays // (V, C)
	jobs   []packing
}

// layerLayout is one layer's.
type layerLayout struct{ qkv, proj, up, down bothWays }

// bothWays is a matrix as it stands and transposed: the forward pass multiplies
// with one and the backward pass with the other.
type bothWays struct{ as, transposed kernel.Strips }

// packing is one matrix to lay out, one way.
type packing struct {
	to         *kernel.Strips
	from       kernel.Mat
	transposed bool
}

// newLayout prepares to lay out p: for a forward pass only, or for both.
func newLayout(p params, backward bool) *layout {
	w := &layout{layers: make([]layerLayout, len(p.layers))}
	add := func(m kernel.Mat, to *bothWays, as, transposed bool) {
		if as {
			w.jobs = append(w.jobs, packing{&to.as, m, false})
		}
		if transposed {
			w.jobs = append(w.jobs, packing{&to.transposed, m, true})
		}
	}
	add(p.embed, &w.embed, backward, true)
	for l := range p.layers {
		from, to := &p.layers[l], &w.layers[l]
		add(from.qkv, &to.qkv, true, backward)
		add(from.proj, &to.proj, true, backward)
		add(from.up, &to.up, true, backward)
		add(from.down, &to.down, true, backward)
	}
	return w
}

// pack does one of the jobs; they do not depend on each other.
func (w *layout) pack(i int) {
	j := w.jobs[i]
	if j.transposed {
		j.to.PackTransposed(j.from)
	} else {
		j.to.Pack(j.from)
	}
}
