package form_test

import (
	"testing"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// BenchmarkView draws the fields with the preview beside them.
func BenchmarkView(b *testing.B) {
	d, l := drive(b, 200, 58, page.Clone, "quick"), look.New(chart.Style{})
	for b.Loop() {
		d.f.View(l, 200, 58)
	}
}

// BenchmarkKey is a letter in a field: it is read, and all that comes of the draft
// is worked out in the file that ships.
func BenchmarkKey(b *testing.B) {
	d := driveFile(b, 200, 58, "", page.Clone, "quick").at("lr").press("enter").typed("0.0")
	for b.Loop() {
		d.do(d.f.Update(keyPress("1")))
		d.do(d.f.Update(keyPress("backspace")))
	}
}
