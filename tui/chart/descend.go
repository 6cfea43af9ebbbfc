package chart

import "math"

// A node of a pyramid is clean if all points below it are above a floor, void if
// none is, and mixed otherwise. The floor is 0 on a log axis, else -Inf; gaps
// count as below it. A search descends only into mixed nodes.

// patience is how many mixed nodes a search may open a column before it takes
// one as a whole; only data that change their sign all the time get there.
const patience = 256

// void reports whether node i of a level is void.
func (l *level) void(i int, floor float64) bool { return !(l.nodes.at(i).max > floor) }

// above reports whether a value is no gap and above the floor.
func above(y, floor float64) bool { return y-y == 0 && y > floor }

// after is the first point from i to below n whose y is above floor, or n.
func (p *Pyramid) after(i, n int, floor float64) int {
next:
	for i < n {
		for k := p.step(i, n); k > 0; k-- {
			if p.levels[k-1].void(i>>shift(k), floor) {
				i += 1 << shift(k)
				continue next
			}
		}
		if above(p.ys.at(i), floor) {
			return i
		}
		i++
	}
	return n
}

// before is the last point below n whose y is above floor, or -1.
func (p *Pyramid) before(n int, floor float64) int {
next:
	for n > 0 {
		for k := p.step(n, 2*n); k > 0; k-- {
			if p.levels[k-1].void(n>>shift(k)-1, floor) {
				n -= 1 << shift(k)
				continue next
			}
		}
		n--
		if above(p.ys.at(n), floor) {
			return n
		}
	}
	return -1
}

// above is the least and the greatest y above floor of the points from lo to
// below hi; +Inf and -Inf where there is none.
func (p *Pyramid) above(lo, hi int, floor float64) (least, greatest float64) {
	least, greatest = math.Inf(1), math.Inf(-1)
	left := patience
next:
	for lo < hi {
		for k := p.step(lo, hi); k > 0; k-- {
			l, i := &p.levels[k-1], lo>>shift(k)
			d := l.nodes.at(i)
			switch {
			case d.min > floor:
			case l.void(i, floor):
			case left <= 0:
				d.min = d.max
			default:
				left--
				continue
			}
			if d.max > floor {
				least, greatest = min(least, d.min), max(greatest, d.max)
			}
			lo += 1 << shift(k)
			continue next
		}
		if y := p.ys.at(lo); above(y, floor) {
			least, greatest = min(least, y), max(greatest, y)
		}
		lo++
	}
	return least, greatest
}

// run is the first point from lo to below hi that is not above floor, with the
// least and the greatest y before it.
func (p *Pyramid) run(lo, hi int, floor, least, greatest float64) (end int, _, _ float64) {
next:
	for lo < hi {
		for k := p.step(lo, hi); k > 0; k-- {
			l, i := &p.levels[k-1], lo>>shift(k)
			if d := l.nodes.at(i); d.min > floor && !l.gap(i) {
				least, greatest = min(least, d.min), max(greatest, d.max)
				lo += 1 << shift(k)
				continue next
			}
		}
		y := p.ys.at(lo)
		if !above(y, floor) {
			return lo, least, greatest
		}
		least, greatest = min(least, y), max(greatest, y)
		lo++
	}
	return hi, least, greatest
}
