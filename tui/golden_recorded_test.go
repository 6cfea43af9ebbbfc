package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ablate/gpu"
	"ablate/gpu/record"
	"ablate/tui/chart"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// depths are terminals by how many colours they have.
func depths() map[string]terminal {
	return map[string]terminal{
		"no colours": {style: chart.Style{Theme: chart.Theme{NoColor: true}}}, "16 colours": {sixteen: true}, "256 colours": {},
	}
}

// escape is a sequence of a screen: colours and weight, nothing else may be there.
var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// beyond are the sequences that a depth of colour does not have: bold, faint and
// reverse are no colours.
var beyond = map[string]*regexp.Regexp{
	"no colours": regexp.MustCompile(`⟨[0-9;]*\b[349][0-8]\b[0-9;]*⟩`), "16 colours": regexp.MustCompile(`⟨[0-9;]*\b[34]8;[0-9;]*⟩`), "256 colours": regexp.MustCompile(`⟨[0-9;]*\b[34]8;2;[0-9;]*⟩`),
}

// readable is a screen with its escape sequences to be read, and no blanks at ends
// of lines.
func readable(screen string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(screen, "\n") {
		line = escape.ReplaceAllString(line, "⟨$1⟩")
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// The main pages at four sizes and three depths of colour, a file a page. Half of
// them show the recorded store.
func TestScreens(t *testing.T) {
	t.Parallel()
	recorded := func(way func(*person)) func(*testing.T, int, int, terminal) *Model {
		return func(t *testing.T, w, h int, term terminal) *Model {
			p := sitAt(t, w, h, term, "testdata/recorded")
			way(p)
			return p.m
		}
	}
	made := func(way func(*driver)) func(*testing.T, int, int, terminal) *Model {
		return func(t *testing.T, w, h int, term terminal) *Model {
			d := drive(t, w, h, "quick")
			d.m.term, d.m.look = term, term.look()
			way(d.send(midway(t)))
			return d.m
		}
	}
	for name, screen := range map[string]func(*testing.T, int, int, terminal) *Model{
		"recorded-list":    recorded(func(p *person) { p.press("esc").hours(6) }), // one verdict is read at a time, after a rest
		"recorded-grid":    recorded(func(p *person) { p.does("experiment grid").second().press("u") }),
		"recorded-failed":  recorded(func(p *person) { p.press("↓", "↓", "↓", "enter").second() }),
		"recorded-samples": recorded(func(p *person) { p.does("experiment reward").second().press("enter").second() }),
		"recorded-compare": recorded(func(p *person) { p.does("experiment grid").second().press("v").second().press("k") }),
		"recorded-flips":   recorded(func(p *person) { p.does("experiment grid").second().press("v", "enter").second() }),
		"recorded-edit":    recorded(func(p *person) { p.does("experiment grid").second().press("e").second().press("j", "k") }),
		"made-experiment":  made(func(d *driver) { d.press("u") }),
		"made-matrix":      made(func(d *driver) { d.press("tab", "l") }),
		"made-marks":       made(func(d *driver) { d.press("g", "space", "space", "b") }),
		"made-gpus": made(func(d *driver) {
			d.press("D").send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: twoCards()}}, Now: 1e9})
		}),
		"made-fleet": made(func(d *driver) {
			d.press("D")
			for _, r := range fleetOf(t) {
				d.send(r)
			}
			d.press("j", "j")
		}),
		"made-help":     made(func(d *driver) { d.press("?") }),
		"made-palette":  made(func(d *driver) { d.press(":", "c", "o") }),
		"made-question": made(func(d *driver) { d.press("S") }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for _, depth := range []string{"no colours", "16 colours", "256 colours"} {
				m := screen(t, 120, 40, depths()[depth])
				for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
					m.width, m.height = size[0], size[1]
					m.screen() // what is drawn settles how a pane is scrolled
					text := readable(m.screen())
					if strings.Contains(text, "\x1b") {
						t.Errorf("%dx%d in %s has other escape sequences", size[0], size[1], depth)
					}
					if bad := beyond[depth].FindString(text); bad != "" {
						t.Errorf("%dx%d in %s has %s", size[0], size[1], depth, bad)
					}
					fmt.Fprintf(&b, "══ %dx%d, %s\n%s", size[0], size[1], depth, text)
				}
			}
			screentest.Golden(t, filepath.Join("testdata", "screens", name+".golden"), b.String())
		})
	}
}

// hours lets hours pass, in each of which the clock is looked at once.
func (p *person) hours(n int) *person {
	p.t.Helper()
	for i := range n {
		p.send(page.Tick{Now: recordedAt + 3600*float64(i+1)})
	}
	return p
}

// fleetOf are the last readings of two recordings, of a host that is reached for and
// of one without a driver.
func fleetOf(t *testing.T) (all []page.Readings) {
	t.Helper()
	const samples, last = 70, 1763700600
	nodes := make([][]gpu.Node, samples)
	for _, name := range []string{"h20", "h200"} {
		f, err := os.Open(filepath.Join("nodes", "testdata", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s, err := record.OpenReplay(f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range nodes {
			devices, err := s.Sample(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n := gpu.Node{Name: gpu.Local, Devices: devices}
			if len(nodes[i]) > 0 {
				n.Name = "h200-1"
			}
			nodes[i] = append(nodes[i], n)
		}
	}
	for i := range nodes {
		nodes[i] = append(nodes[i], gpu.Node{Name: "h20-2", Err: gpu.ErrNotYet, Doing: "connecting"}, gpu.Node{Name: "cpu-1", Err: gpu.ErrNoDriver})
		at := float64(last - samples + i)
		if early := samples - 11 - i; early > 0 { // a sample every 10 seconds at first
			at = float64(last - 11 - 10*early)
		}
		all = append(all, page.Readings{Nodes: nodes[i], Now: at})
	}
	return all
}

// twoCards are the GPUs of a machine: one is busy, one is free.
func twoCards() []gpu.Device {
	free := card(1, "GPU-5678")
	free.BusyPct, free.MemoryUsedBytes = new(0.0), new(uint64(0))
	busy := card(0, "GPU-1234")
	busy.PowerW, busy.PowerLimitW, busy.TemperatureC = new(391.0), new(400.0), new(66.0)
	busy.Processes = []gpu.Process{{PID: 999999999, MemoryUsedBytes: new(uint64(64 << 30))}}
	return []gpu.Device{busy, free}
}
