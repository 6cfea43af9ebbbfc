package form_test

import (
	"os"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// BenchmarkView draws the fields with the preview beside them.
func BenchmarkView(b *testing.B) {
	d, l := drive(b, 200, 58, page.Clone, "quick"), look.New(chart.Style{})
	for b.Loop() {
		d.f.View(l, 200, 58)
	}
}

// BenchmarkKey is a letter in a field: it is read, and all that comes of the draft
// is worked out for a file that has all that ships.
func BenchmarkKey(b *testing.B) {
	text, err := os.ReadFile("../../experiments.toml")
	if err != nil {
		b.Fatal(err)
	}
	d := driveFile(b, 200, 58, string(text), page.Clone, "quick").at("lr").press("enter").typed("0.0")
	outcome := func(cmd tea.Cmd) { d.f.Update(cmd()) }
	for b.Loop() {
		outcome(d.f.Update(screentest.Key("1")))
		outcome(d.f.Update(screentest.Key("backspace")))
	}
}
