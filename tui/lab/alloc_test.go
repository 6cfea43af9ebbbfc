package lab

import "testing"

// A view makes its lines and little else: what it shows was made when the data
// came. The bound lies between what it takes, 2,600 pieces of memory, and the
// 30,000 of making everything anew.
func TestViewMakesLittle(t *testing.T) {
	r, p := many(t)
	p.View(r.look, r.w, r.h)
	if n := testing.AllocsPerRun(20, func() { p.View(r.look, r.w, r.h) }); n > 6000 {
		t.Errorf("a view of 1,000 runs allocates %.0f times", n)
	}
	u := made{}
	p.grid.made = u
	if p.View(r.look, r.w, r.h); p.grid.made == u {
		t.Error("the matrix is not made anew when it has changed")
	}
}
