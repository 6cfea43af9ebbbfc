package look

import "testing"

func TestStyle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		style Style
		text  string
		want  string
	}{
		{Style{}, "a b", "a b"},
		{newStyle(false, false, false, ""), "a b", "a b"},
		{newStyle(true, false, false, ""), "a b", "\x1b[1ma b\x1b[m"},
		{newStyle(true, true, false, ""), "a b", "\x1b[1;4ma b\x1b[m"},
		{newStyle(false, false, true, ""), "a b", "\x1b[7ma b\x1b[m"},
		{newStyle(false, false, false, "1"), "1°", "\x1b[31m1°\x1b[m"},
		{newStyle(false, false, false, "15"), "x", "\x1b[97mx\x1b[m"},
		{newStyle(true, false, false, "244"), "x", "\x1b[1;38;5;244mx\x1b[m"},
		{newStyle(true, false, false, "244").inColour("2"), "x", "\x1b[1;32mx\x1b[m"},
		{newStyle(true, false, false, "244").inColour(""), "x", "\x1b[1mx\x1b[m"},
		{newStyle(true, true, true, "1"), "", ""},
	} {
		if got := tt.style.Render(tt.text); got != tt.want {
			t.Errorf("%+v of %q is %q, want %q", tt.style, tt.text, got, tt.want)
		}
	}
	if got, want := newStyle(true, false, false, "").Render("a", "b"), "\x1b[1ma b\x1b[m"; got != want {
		t.Errorf("two texts are %q, want %q", got, want)
	}
}
