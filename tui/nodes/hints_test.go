package nodes

import (
	"regexp"
	"strings"
	"testing"

	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

// The hint of a key stands where the key does something: a remote GPU cannot be run on
// from here, and one that no run has cannot be freed.
func TestHintsAsTheRowIs(t *testing.T) {
	t.Parallel()
	_, p := scene(t)
	hints := func(row string) (text string) {
		p.table.Point(row)
		for _, k := range p.Keys() {
			if strings.Contains("enter r s", k.Keys) && k.Hint != "" {
				text += k.Keys + " " + k.Hint + "; "
			}
		}
		return text
	}
	byIndex := func(node, index int) string { return p.nodes[node].cards[index].id }
	for _, c := range []struct{ row, want string }{
		{byIndex(0, 0), "enter open its run; r run on it; s free it; "},
		{byIndex(0, 6), "r run on it; "}, // free
		{byIndex(0, 5), "enter open its run; s free it; "},
		{byIndex(1, 0), ""}, // somebody's, of a host
		{byIndex(2, 0), ""}, // of a host that is down
		{"h20-2/", ""},
	} {
		if got := hints(c.row); got != c.want {
			t.Errorf("hints on %s: %q, want %q", c.row, got, c.want)
		}
	}
}

// The first line counts what begins with a mark below it.
func TestTroubleAsMarked(t *testing.T) {
	t.Parallel()
	d, _ := scene(t)
	screen := d.screen(80, 60)
	rows := len(regexp.MustCompile(`(?m)^.{1,90}  ! \S`).FindAllString(screen, -1))
	if got, want := d.state(), "! 3 in trouble"; rows != 3 || !strings.Contains(got, want) {
		t.Errorf("state %q beside %d marked rows:\n%s", got, rows, screen)
	}
}

// What is told of a GPU is whole at 80 columns.
func TestPersistenceOff(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	list := machine()
	list[0].Persistence, list[0].EnergyJ = new(bool), new(3.6e9)
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + 301})
	q := &pane{layout: &p.layout, look: look.New(chart.Style{}), w: 80}
	text := strings.Join(q.facts(p.nodes[0].cards[0]), "\n")
	if !strings.Contains(text, "1000.0 kWh since") || !strings.Contains(text, "persistence is off: a first process waits (`nvidia-smi -pm 1` ends that)") {
		t.Errorf("facts:\n%s", text)
	}
}
