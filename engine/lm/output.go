package lm

import "ablate/engine/lm/kernel"

// output is what follows the last layer, over the M rows that carry loss: a norm
// and the embedding, transposed.
type output struct {
	x      kernel.Mat // (M, C)
	norm   kernel.Norm
	h      kernel.Mat // (M, C), normalised
	logits kernel.Mat // (M, V); loss puts their gradient in their place
}

func (o *output) forward(s *scratch, p params, w *layout, x kernel.Mat) {
	o.x = x
	o.norm, o.h = s.normalise(p.norm, x)
	o.logits = s.matrix(x.Rows, p.embed.Rows)
	kernel.Multiply(o.logits, o.h, &w.embed.transposed, kernel.Fresh)
}

// loss is the sum of weight times -log p(target) over the rows, in float64. It
// replaces the logits by their gradient, w (p - onehot), where w is the weight
// times share (one over the batch's number of weighted tokens).
func (o *output) loss(targets []int32, weights []float32, share float32) float64 {
	total := 0.0
	for i, target := range targets {
		row := o.logits.Row(i)
		at := row[target]
		largest, sum := kernel.Softmax(row, 1)
		nll := largest + kernel.Log(sum) - at
		total += float64(float64(weights[i]) * float64(nll))
		row[target]--
		kernel.Scale(row, weights[i]*share)
	}
	return total
}

// backward returns dx (M, C), the gradient of the input, and adds to the
// gradients of the weights, or sets them. dx lives until the caller releases the
// scratch.
func (o *output) backward(s *scratch, grad params, w *layout, form kernel.Form) kernel.Mat {
	dx := s.matrix(o.x.Rows, o.x.Cols)
	clear(dx.Data)
	mark := s.mark()
	defer s.release(mark)
	dh := s.matrix(o.x.Rows, o.x.Cols)
	kernel.Multiply(dh, o.logits, &w.embed.as, kernel.Fresh)
	s.outer(grad.embed, o.logits, o.h, form)
	o.norm.Backward(dx.Data, grad.norm, dh.Data, o.x.Data)
	return dx
}
