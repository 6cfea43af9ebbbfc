package lab

import (
	"fmt"
	"slices"
	"testing"

	"ablate/experiments/store"
)

var sizes = [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}}

// half has some cells whole, some on their way, some that failed, some to come.
func half() []store.Status {
	d, r, f := store.Done, store.Running, store.Failed
	return []store.Status{d, d, d, d, d, r, d, f, f, r, store.Queued, store.Queued, d, d, d, d, d, d, d, d}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		w, h := size[0], size[1]
		t.Run(fmt.Sprintf("%dx%d", w, h), func(t *testing.T) {
			t.Parallel()
			r, p := open(t, "grid", w, h)
			r.golden(fmt.Sprintf("empty-%dx%d", w, h))
			r.send(data(p.study.plan, half()...)).golden(fmt.Sprintf("half-%dx%d", w, h))
			r.press("tab").golden(fmt.Sprintf("matrix-%dx%d", w, h))
			r.press("tab", "z").golden(fmt.Sprintf("chart-%dx%d", w, h))
			r.press("z", "tab", "tab").golden(fmt.Sprintf("scaling-%dx%d", w, h))
			r.press("esc", "b", "/", "p", "a", "s").golden(fmt.Sprintf("filter-%dx%d", w, h))
			r.press("esc", "i").golden(fmt.Sprintf("columns-%dx%d", w, h))
		})
	}
}

// Whatever the size, the page has exactly that, and whatever has the keys is on it.
func TestLayout(t *testing.T) {
	t.Parallel()
	for w := 40; w < 230; w += 3 {
		for h := 8; h < 70; h++ {
			for focus := range panes {
				for _, whole := range []bool{false, true} {
					l := arrange(w, h, wants{runs: 12, matrix: 15, verdict: 5, scaling: true, focus: focus, whole: whole})
					if !slices.ContainsFunc(l.spots, func(s spot) bool { return s.pane == focus }) && focus != paneLog {
						t.Fatalf("%dx%d: pane %d has the keys and no room: %+v", w, h, focus, l.spots)
					}
					cells := 0
					for i, s := range l.spots {
						cells += s.w * s.h
						if s.x < 0 || s.y < l.header || s.x+s.w > w || s.y+s.h > h {
							t.Fatalf("%dx%d: %+v is out of the page", w, h, s)
						}
						for _, o := range l.spots[:i] {
							if s.x < o.x+o.w && o.x < s.x+s.w && s.y < o.y+o.h && o.y < s.y+s.h {
								t.Fatalf("%dx%d: %+v and %+v overlap", w, h, s, o)
							}
						}
					}
					if full := (h - l.header) * (w - min(l.split, 1)*3); cells != full {
						t.Fatalf("%dx%d focus %d whole %v: the panes take %d cells of %d: %+v", w, h, focus, whole, cells, full, l.spots)
					}
				}
			}
		}
	}
}

// A small terminal leaves a chart of sixty columns and more.
func TestChartsAreWideEnough(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		l := arrange(size[0], size[1], wants{runs: 12, matrix: 15})
		i := slices.IndexFunc(l.spots, func(s spot) bool { return s.pane == paneObjective })
		if i < 0 || l.spots[i].w < min(size[0], 56) {
			t.Errorf("%v: the chart is in %+v", size, l.spots)
		}
	}
}
