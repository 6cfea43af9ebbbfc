package lm

import "ablate/engine/lm/kernel"

// aim is what a step makes smaller.
type aim struct {
	policy bool    // StepPolicy's loss, in which every token of a completion counts
	bonus  float32 // for the entropy of every prediction
}

// StepPolicy makes one update of a policy. A weight is the factor of a token's
// grad log p, so any objective that is a function of log p comes down to
// weights: the advantage for the plain policy gradient, of either sign. The loss
// is the mean of weight times -log p, less bonus times the entropy of the
// prediction, over all tokens of the completions, also those whose weight is 0:
// a batch of nothing but zeros decays the weights and the moments. StepStats.Loss
// is without the entropy. On an error the model and the optimiser are as before.
func (t *Trainer) StepPolicy(batch []Sequence, lr, bonus float32) (StepStats, error) {
	t.aim = aim{policy: true, bonus: bonus}
	return t.step(batch, lr)
}

// policyLoss is loss, and the sum of the rows' entropies H beside it. It replaces
// the logits by the gradient of loss less bonus times H, with
//
//	dH/dz = -p (log p + H) = -p (z - p.z)
//
// which is the gradient of a softmax, as H is log(sum exp z) - p.z.
func (o *output) policyLoss(s *scratch, targets []int32, weights []float32, share, bonus float32) (loss, entropy float64) {
	mark := s.mark()
	defer s.release(mark)
	z := s.take(o.logits.Cols)
	for i, target := range targets {
		row := o.logits.Row(i)
		copy(z, row)
		largest, sum := kernel.Softmax(row, 1)
		nll := largest + kernel.Log(sum) - z[target]
		loss += float64(float64(weights[i]) * float64(nll))
		mean := 0.0 // p.z, less the largest: the digits of small differences stay
		for j, p := range row {
			mean += float64(float64(p) * float64(z[j]-largest))
		}
		entropy += float64(kernel.Log(sum)) - mean
		if bonus != 0 {
			kernel.SoftmaxBackward(z, row, bonus*share)
		}
		row[target]--
		kernel.Scale(row, weights[i]*share)
		if bonus != 0 {
			kernel.Add(row, z)
		}
	}
	return loss, entropy
}
