package nodes

import "math"

// minute is how many cells of a curve are one.
const minute = 60 / bucket

// verdict says what keeps a device from doing more, by the last minute; "": nothing
// that these readings would tell. Which of the two limits one model meets depends on the
// GPU: for each byte that an H20 reads it can do 37 operations, an H200 can do 206.
func (d *device) verdict(now float64) string {
	h := &d.history
	busy, sm, tensor, hbm := h.busy.recent(now), h.sm.recent(now), h.tensor.recent(now), h.hbm.recent(now)
	switch {
	case tensor >= well:
		return "near the limit of its tensor cores: as fast as it gets"
	case hbm >= well:
		return "near the limit of its memory's bandwidth: larger batches or fewer reads would help, more arithmetic costs nothing"
	case busy >= working && sm < hollow:
		return "busy, but few of its multiprocessors work: it waits for kernels to start, for data or for other GPUs"
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
