package recipe

import (
	"fmt"

	"ablate/engine/seed"
)

// order deals the indices of n things into batches: a new shuffle each epoch, one
// after the other, whatever the number of steps. With a sorting every epoch has
// that instead.
type order struct {
	seed    int64
	purpose string // of the stream of its shuffles
	n       int
	sorted  []int // of the n, never shuffled; nil: shuffled
	perm    []int // of this epoch, what is left
	epoch   int   // that began
}

// next fills batch with the indices of the next update.
func (o *order) next(batch []int) {
	for i := range batch {
		if len(o.perm) == 0 {
			o.shuffle()
		}
		batch[i] = o.perm[0]
		o.perm = o.perm[1:]
	}
}

func (o *order) shuffle() {
	if o.epoch++; o.sorted != nil {
		o.perm = o.sorted
		return
	}
	o.perm = seed.Stream(o.seed, o.purpose, o.epoch-1).Perm(o.n)
}

// place is where the order is: so many of the epoch were dealt.
func (o *order) place() (epoch, dealt int) { return o.epoch, o.n - len(o.perm) }

// seek goes to a place. The shuffles come from the seed, so that is all there is
// to know of an order.
func (o *order) seek(epoch, dealt int) error {
	if epoch < 1 || dealt < 0 || dealt > o.n {
		return fmt.Errorf("seek rows: %d dealt of epoch %d, and an epoch has %d", dealt, epoch, o.n)
	}
	o.epoch = epoch - 1
	o.shuffle()
	o.perm = o.perm[dealt:]
	return nil
}
