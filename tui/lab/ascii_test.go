package lab

import (
	"strings"
	"testing"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// On a terminal without UTF-8 no sign of the page becomes a question mark.
func TestNoSignIsLost(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		r, p := open(t, "grid", size[0], size[1])
		r.look = look.New(chart.Style{Theme: chart.Theme{NoColor: true}, Glyphs: chart.ASCII})
		r.send(data(p.study.plan, half()...))
		for _, key := range []string{"tab", "tab", "tab", "tab", "tab", "tab", "b", "i", "esc", "/", "d", "enter"} {
			r.press(key)
			text := look.Plain(r.text())
			if i := strings.IndexByte(text, '?'); i >= 0 && !strings.HasSuffix(text[:i], "per task") {
				line := text[strings.LastIndexByte(text[:i], '\n')+1:]
				t.Fatalf("%v after %s: %q", size, key, line[:min(len(line), size[0])])
			}
		}
	}
}
