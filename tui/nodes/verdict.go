package nodes

import (
	"fmt"
	"math"

	"ablate/gpu"
)

// minute is how many cells of a curve are one.
const minute = 60 / bucket

// verdict says what keeps a device from doing more, by the last minute; "": nothing
// that these readings would tell.
func (d *device) verdict(now float64) string {
	h := &d.history
	busy, sm, tensor, hbm := h.busy.recent(now), h.sm.recent(now), h.tensor.recent(now), h.hbm.recent(now)
	switch {
	case tensor >= well && !(hbm > tensor):
		return "bound by arithmetic: tensor cores " + inPercent(tensor) + " in use" + d.balance(tensor, hbm)
	case hbm >= well:
		return "bound by memory: its bandwidth " + inPercent(hbm) + " in use; larger batches help" + d.balance(tensor, hbm)
	case busy >= working && sm < hollow:
		return "busy, but few of its multiprocessors work: it waits for kernels to start, for data or for other GPUs"
	case busy >= working && tensor < well && hbm < well:
		return fmt.Sprintf("bound by neither: tensor cores %s, memory %s; small kernels or waits", inPercent(tensor), inPercent(hbm)) + d.balance(tensor, hbm)
	}
	return ""
}

// balance is how many operations of BF16 a device does for each byte of its memory,
// beside the ridge of its roofline: the number at which it is bound by both, 37 for an
// H20 and 206 for an H200. "": nobody knows.
func (d *device) balance(tensor, hbm float64) string {
	s, known := gpu.SpecOf(string(d.Name))
	if ridge := s.BF16 / s.BandwidthBytes; known && hbm >= 1 && tensor >= 1 {
		return fmt.Sprintf(" (%.0f FLOP a byte; %s balances at %.0f)", tensor/hbm*ridge, s.Model, ridge)
	}
	return ""
}

// recent is the mean of the last minute; NaN, which is like no number, where nothing
// was read.
func (c *curve) recent(now float64) float64 {
	sum, n := 0.0, 0.0
	for _, v := range c.last(minute, now) {
		if !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / n
}
