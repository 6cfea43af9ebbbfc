package lm

import "ablate/engine/lm/kernel"

// head is what follows the last layer, over the M rows that carry loss: a norm
// and the embedding, transposed, as output layer.
type head struct {
	x      kernel.Mat // (M, C)
	norm   kernel.Norm
	h      kernel.Mat // (M, C), normalised
	logits kernel.Mat // (M, V); loss puts their gradient in their place
}

func (hd *head) forward(s *scratch, p params, x kernel.Mat) {
	hd.x = x
	hd.norm, hd.h = s.normalise(p.norm, x)
	hd.logits = s.zeros(x.Rows, p.embed.Rows)
	s.work.NT(hd.logits, hd.h, p.embed)
}

// loss is the sum of weight times -log p(target) over the rows, in float64. It
// replaces the logits by their gradient, w (p - onehot), where w is the weight
// times share (one over the batch's number of weighted tokens).
func (hd *head) loss(targets []int32, weights []float32, share float32) float64 {
	total := 0.0
	for i, target := range targets {
		row := hd.logits.Row(i)
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
// gradients of the weights. It lives until the caller releases the scratch.
func (hd *head) backward(s *scratch, p, grad params) kernel.Mat {
	dx := s.zeros(hd.x.Rows, hd.x.Cols)
	mark := s.mark()
	defer s.release(mark)
	dh := s.zeros(hd.x.Rows, hd.x.Cols)
	s.work.NN(dh, hd.logits, p.embed)
	s.work.TN(grad.embed, hd.logits, hd.h)
	hd.norm.Backward(dx.Data, grad.norm, dh.Data, hd.x.Data)
	return dx
}
