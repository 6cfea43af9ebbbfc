package chart

import (
	"math"
	"math/bits"
)

// Pyramid is a series that only grows: its points, and above them levels of
// lowest and highest values, the first over 16 points each and the others over
// four of the level below, so that a chart reads a few entries a column however
// many points there are. It keeps 16 bytes a point for the points, 8 where x is
// evenly spaced, and 1.3 for the levels, in chunks, so that growing copies
// nothing. The zero Pyramid is empty and ready.
//
// X must not decrease: a point whose x is below the last one's, or no finite
// number, is not taken (see Cut for a series that is written anew from some x
// on). A y that is no finite number is kept as a gap.
//
// A Pyramid must not be changed while it is drawn.
type Pyramid struct {
	xs     ramp
	ys     list[float64]
	levels []level
}

// level is the nodes of four times as many of the level below; an unfinished
// node is not in it.
type level struct {
	nodes list[node]
	gaps  []uint64 // a bit a node: a gap is below it
	torn  bool     // there may be such a node
}

// base is the number of points below a node of the first level. With fewer the
// levels would take more memory than they save time: 16 values are two lines of
// a cache.
const base = 16

// shift is the power of two of the points below a node of level k, from 1; 0 for
// the points themselves.
func shift(k int) int {
	if k == 0 {
		return 0
	}
	return 2 * (k + 1)
}

// node is the least and the greatest y below; +Inf and -Inf where all are gaps.
type node struct{ min, max float64 }

// Append adds a point and reports whether it was taken.
func (p *Pyramid) Append(x, y float64) bool {
	n := p.xs.n
	if x-x != 0 || n > 0 && x < p.xs.at(n-1) {
		return false
	}
	p.xs.add(x)
	p.ys.add(y)
	if n++; n&(base-1) != 0 {
		return true
	}
	top, gap := node{math.Inf(1), math.Inf(-1)}, false
	for i := n - base; i < n; i++ {
		if y := p.ys.at(i); y-y == 0 {
			top.min, top.max = min(top.min, y), max(top.max, y)
		} else {
			gap = true
		}
	}
	for k := 0; ; k++ {
		if k == len(p.levels) {
			p.levels = append(p.levels, level{})
		}
		l := &p.levels[k]
		l.add(top, gap)
		if l.nodes.n&3 != 0 {
			return true
		}
		top, gap = l.last4()
	}
}

// AppendAll adds points, the shorter slice's number of them, and gives how many
// were taken.
func (p *Pyramid) AppendAll(xs, ys []float64) (taken int) {
	for i := range min(len(xs), len(ys)) {
		if p.Append(xs[i], ys[i]) {
			taken++
		}
	}
	return taken
}

// Cut drops every point from x on.
func (p *Pyramid) Cut(x float64) {
	n := p.search(0, 0, x)
	p.xs.cut(n)
	p.ys.cut(n)
	for k := range p.levels {
		p.levels[k].cut(n >> shift(k+1))
	}
}

// Len is the number of points, gaps included.
func (p *Pyramid) Len() int {
	if p == nil {
		return 0
	}
	return p.xs.n
}

// At is point i of Len; y is NaN or infinite at a gap.
func (p *Pyramid) At(i int) (x, y float64) { return p.xs.at(i), p.ys.at(i) }

// Range is the least and the greatest y of the points from lo to below hi, gaps
// left out; NaN twice if there is none.
func (p *Pyramid) Range(lo, hi int) (least, greatest float64) {
	lo, hi = max(lo, 0), min(hi, p.Len())
	least, greatest = math.Inf(1), math.Inf(-1)
	for lo < hi {
		k := p.step(lo, hi)
		if k == 0 {
			if y := p.ys.at(lo); y-y == 0 {
				least, greatest = min(least, y), max(greatest, y)
			}
		} else {
			d := p.levels[k-1].nodes.at(lo >> shift(k))
			least, greatest = min(least, d.min), max(greatest, d.max)
		}
		lo += 1 << shift(k)
	}
	if least > greatest {
		return math.NaN(), math.NaN()
	}
	return least, greatest
}

// step is the highest level whose node begins at point lo and does not reach
// beyond hi; 0 is the points themselves.
func (p *Pyramid) step(lo, hi int) int {
	k := (bits.Len(uint(hi-lo)) - 1) / 2
	if lo > 0 {
		k = min(k, bits.TrailingZeros(uint(lo))/2)
	}
	return max(0, min(k-1, len(p.levels)))
}

// search is the first point from i on whose x is at least that. It looks about
// guess points further on first, since columns are much alike.
func (p *Pyramid) search(i, guess int, x float64) int {
	n, reach := p.xs.n, 1
	lo, hi := i, min(i+guess, n)
	if hi < n && p.xs.at(hi) < x {
		for hi < n && p.xs.at(hi) < x {
			lo, hi = hi+1, hi+reach
			reach *= 2
		}
		hi = min(hi, n)
	} else {
		for at := hi - reach; at >= lo; at = hi - reach {
			if p.xs.at(at) < x {
				lo = at + 1
				break
			}
			hi = at
			reach *= 2
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.xs.at(mid) < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (l *level) add(d node, gap bool) {
	i := l.nodes.n
	l.nodes.add(d)
	if i&63 == 0 {
		l.gaps = append(l.gaps, 0)
	}
	if gap {
		l.gaps[i>>6] |= 1 << (i & 63)
		l.torn = true
	}
}

func (l *level) gap(i int) bool { return l.torn && l.gaps[i>>6]>>(i&63)&1 != 0 }

// last4 merges the last four nodes.
func (l *level) last4() (d node, gap bool) {
	d = node{math.Inf(1), math.Inf(-1)}
	for i := l.nodes.n - 4; i < l.nodes.n; i++ {
		v := l.nodes.at(i)
		d.min, d.max = min(d.min, v.min), max(d.max, v.max)
		gap = gap || l.gap(i)
	}
	return d, gap
}

func (l *level) cut(n int) {
	l.nodes.cut(n)
	l.gaps = l.gaps[:min(len(l.gaps), (n+63)/64)]
	if n&63 != 0 && n>>6 < len(l.gaps) {
		l.gaps[n>>6] &= 1<<(n&63) - 1
	}
}
