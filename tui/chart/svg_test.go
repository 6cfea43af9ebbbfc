package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/chart"
)

// goldenSVG compares a picture with its recorded file, which a browser shows.
func goldenSVG(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".svg")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// lengths are the attributes that are single numbers.
var lengths = map[string]bool{"x": true, "y": true, "x1": true, "x2": true, "y1": true, "y2": true,
	"width": true, "height": true, "dx": true, "font-size": true, "cx": true, "cy": true, "r": true, "stroke-width": true, "fill-opacity": true}

// wellFormed checks that a picture is one <svg> element of XML with a name,
// whose numbers are numbers, and gives its texts.
func wellFormed(t *testing.T, s string) (texts []string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("no UTF-8: %q", s)
	}
	d, depth, elements := xml.NewDecoder(strings.NewReader(s)), 0, 0
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			if depth != 0 || elements == 0 || !strings.Contains(s, `role="img"`) || !strings.Contains(s, "<title>") {
				t.Fatalf("not a whole picture with a name:\n%.2000s", s)
			}
			return texts
		case err != nil:
			t.Fatalf("%v:\n%.2000s", err, s)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth == 0 && (e.Name.Local != "svg" || e.Name.Space != "http://www.w3.org/2000/svg" || elements > 0) {
				t.Fatalf("begins with %v", e.Name)
			}
			depth, elements = depth+1, elements+1
			for _, a := range e.Attr {
				checkAttribute(t, e.Name.Local, a)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if text := strings.TrimSpace(string(e)); text != "" {
				texts = append(texts, text)
			}
		}
	}
}

// checkAttribute refuses what is no number where there must be one.
func checkAttribute(t *testing.T, element string, a xml.Attr) {
	t.Helper()
	switch {
	case lengths[a.Name.Local]:
		if v, err := strconv.ParseFloat(a.Value, 64); err != nil || v-v != 0 {
			t.Fatalf("%s has %s=%q", element, a.Name.Local, a.Value)
		}
	case a.Name.Local == "d":
		if len(pathOf(t, a.Value)) == 0 {
			t.Fatalf("%s has an empty path", element)
		}
	}
}

func TestSVGGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		svg  string
	}{
		{"intervals_720x360", intervals().SVG(720, 360)},
		{"scaling_640x400", scaling().SVG(640, 400)},
		{"matrix_560x330", equalRows().SVG(560, 330)},
	} {
		wellFormed(t, tt.svg)
		goldenSVG(t, tt.name, tt.svg)
	}
}

// What the terminal says, the picture says: the title, ticks, names and values.
func TestSVGSaysWhatTheTerminalSays(t *testing.T) {
	t.Parallel()
	texts := wellFormed(t, intervals().SVG(900, 400))
	said := strings.Join(texts, "\n") + "\n"
	for _, want := range []string{"pass@1", "held-out, mean of 3 seeds", "step", "0.0", "0.2", "1.0", "250", "400", "2048×1", "0.776", "0.718", "at", "last", "best"} {
		if !strings.Contains(said, want+"\n") {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

// A matrix shows its cells about the cursor, and says how many others there are.
func TestMatrixSVG(t *testing.T) {
	t.Parallel()
	m := large(200)
	m.Cursor = &chart.At{Row: 20, Col: 20}
	svg := m.SVG(560, 300)
	texts := wellFormed(t, svg)
	for _, want := range []string{"r20", "c20", "400", "rows ↑+15 ↓+174 more", "cols ←+13 →+173 more", "╱ equal sum 20"} {
		if !slices.Contains(texts, want) {
			t.Errorf("it does not say %q: %q", want, texts)
		}
	}
	texts = wellFormed(t, design().SVG(560, 330))
	for _, want := range []string{"solutions per task", "tasks", "2048", ".78", "±.03 · 2/3 ●", "◌", "·"} {
		if !slices.Contains(texts, want) {
			t.Errorf("it does not say %q: %q", want, texts)
		}
	}
	if texts := wellFormed(t, (&chart.Matrix{Empty: "no cells"}).SVG(300, 100)); !slices.Contains(texts, "no cells") {
		t.Errorf("an empty one says %q", texts)
	}
}

// A stack says every count that has room, and how many parts have none; phases
// say their names and how far they are.
func TestStackAndPhasesSVG(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		svg       string
		has, lack []string
	}{
		{chart.StackSVG("verdicts", verdicts(), 400, 170, chart.Style{}), []string{"verdicts", "AC", "121", "MLE", "0", "NC"}, []string{"more"}},
		{chart.StackSVG("", verdicts(), 300, 70, chart.Style{}), []string{"AC", "121", "118", "+5 more"}, []string{"TLE", "RE"}},
		{chart.PhasesSVG("", stages(), 500, 80, chart.Style{}), []string{"data", "1.1s", "SFT", "262/400", "evaluation", "✓"}, []string{"NaN"}},
	} {
		texts := wellFormed(t, tt.svg)
		for _, want := range tt.has {
			if !slices.Contains(texts, want) {
				t.Errorf("it does not say %q: %q", want, texts)
			}
		}
		for _, no := range tt.lack {
			if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, no) }) {
				t.Errorf("it says %q: %q", no, texts)
			}
		}
	}
}

// equalRows is a matrix with its lines of equal budget.
func equalRows() *chart.Matrix {
	m := design()
	m.Equal = []string{"equal rows 2048", "equal rows 1024"}
	for r := range m.Cells {
		for c := range m.Cells[r] {
			switch r - c {
			case 0:
				m.Cells[r][c].Equal = 1
			case 1:
				m.Cells[r][c].Equal = 2
			}
		}
	}
	return m
}
