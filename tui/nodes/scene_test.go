package nodes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ablate/engine"
	"ablate/gpu"
	"ablate/gpu/record"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

const (
	third  = "grpo/kl=0,clip=0.28/s2"
	fourth = "sft-scaling/64k/s1"
)

// recording are the samples of a recording of testdata. Both were made up after the
// datasheets, as H20s and H200s would read under their usual loads: none was at hand.
func recording(t testing.TB, name string) (samples [][]gpu.Device) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := record.OpenReplay(f)
	if err != nil {
		t.Fatal(err)
	}
	for range 70 { // 590 seconds at a sample every 10, and 10 at one a second
		devices, err := s.Sample(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for i := range devices { // as if it ended at noon
			devices[i].XIDs = slices.Clone(devices[i].XIDs)
			for k := range devices[i].XIDs {
				devices[i].XIDs[k].Time += noon() - 1763700600
			}
		}
		samples = append(samples, devices)
	}
	return samples
}

// scene is a page after ten minutes in which this machine, eight H20s, and a host of
// H200s were read, while others are reached, dead, or have no GPUs.
func scene(t testing.TB) (*driver, *GPUs) {
	t.Helper()
	d := &driver{t: t}
	p := NewGPUs(site(d))
	d.p = p
	here, there := recording(t, "h20.jsonl"), recording(t, "h200.jsonl")
	d.send(runsOf(p, here[0]))
	for i := range here {
		at := noon() - 600 + float64(10*i)
		if i > 59 {
			at = noon() - float64(70-i)
		}
		nodes := []gpu.Node{{Name: gpu.Local, Devices: here[i]}, {Name: "h200-1", Devices: there[i]}, dead(noon()-at, len(here)-i), {Name: "h20-2", Err: gpu.ErrNotYet, Doing: "copying the program, 12 of 18 MB"}, {Name: "cpu-1", Err: gpu.ErrNoDriver}}
		d.send(page.Readings{Nodes: nodes, Now: at})
	}
	return d, p
}

// dead is a host that answered last 43 seconds before noon.
func dead(before float64, _ int) gpu.Node {
	list := []gpu.Device{card("h200-2", 0, 88, 120, 7), card("h200-2", 1, 0, 0)}
	for i := range list {
		list[i].Name, list[i].MemoryTotalBytes, list[i].PowerLimitW = "NVIDIA H200", new(uint64(140*gib)), new(700.0)
		list[i].AgeS = max(43-before, 0)
	}
	n := gpu.Node{Name: "h200-2", Devices: list, Age: time.Duration(list[0].AgeS * float64(time.Second))}
	if before < 43 {
		n.Err, n.Doing = errors.New("ssh: connection timed out"), ""
	}
	return n
}

// runsOf is the engine's answer that goes with the H20s.
func runsOf(p *GPUs, list []gpu.Device) answer {
	holder := func(id string, cards ...int) engine.Holder {
		h := engine.Holder{ID: id, Attempt: 1, Since: noon() - 3600, Host: "h20-1"}
		for _, i := range cards {
			h.GPUs = append(h.GPUs, string(list[i].UUID))
		}
		return h
	}
	x := answer{to: &p.asker, speeds: map[string]speed{fourth: {tokens: 2640, flops: 4.6e10}, second: {tokens: 1310, flops: 4.6e10}}}
	x.status = engine.Status{Serving: true, State: engine.State{Runs: []engine.Holder{holder(fourth, 0, 1), holder(second, 2), holder(third, 4), holder(first, 5)}}}
	return x
}

// The whole page, as a person sees it: a GPU that is too hot, one that fell off the
// bus, one that is held and idle, somebody else's process, slices, and a host of
// every kind.
func TestScene(t *testing.T) {
	t.Parallel()
	d, _ := scene(t)
	sizes := [][2]int{{60, 15}, {80, 24}, {120, 40}, {160, 45}}
	for _, size := range sizes {
		name := fmt.Sprintf("scene-%dx%d.golden", size[0], size[1])
		screentest.Golden(t, filepath.Join("testdata", name), d.screen(size[0], size[1]-2))
	}
	d.sees("5       H20      ! lost")
	d.press("j", "j", "j", "j", "j")
	d.sees("held by "+first, "XID 79 at 11:59:11: the GPU has fallen off the bus", "the driver says: read utilisation")
	d.press("g", "j", "z")
	for _, size := range sizes[1:] {
		name := fmt.Sprintf("zoom-%dx%d.golden", size[0], size[1])
		screentest.Golden(t, filepath.Join("testdata", name), d.screen(size[0], size[1]-2))
	}
}

// GPUs are sorted by number, slices behind their GPU, and by what is wrong from the
// gravest on.
func TestSorted(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	list := machine()
	for i := range list {
		list[i].Index = 11 - i
	}
	part := card("h20-1", 11, 0, 1)
	part.UUID, part.Slice = "MIG-1", new(11)
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: append(list, part)}}, Now: noon() + 301})
	p.layout.narrow = false
	shown := func(key string) (order []string) {
		p.table.SortBy(key)
		for _, line := range strings.Split(d.screen(160, 30), "\n")[1:10] {
			order = append(order, strings.Fields(strings.TrimLeft(line, "›"))[0])
		}
		return order
	}
	if got, want := strings.Join(shown("gpu"), " "), "4 5 6 7 8 9 10 11 11/0"; got != want {
		t.Errorf("by number %s, want %s", got, want)
	}
	if got, want := strings.Join(shown("wrong"), " "), "6 11"; !strings.HasPrefix(got, want) {
		t.Errorf("by what is wrong %s, want %s first", got, want)
	}
}

// All GPUs of a machine with their curves, and those of the next as the cursor comes there.
func TestBoard(t *testing.T) {
	t.Parallel()
	d, _ := scene(t)
	d.press("g", "Z")
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {160, 45}} {
		name := fmt.Sprintf("board-%dx%d.golden", size[0], size[1])
		screentest.Golden(t, filepath.Join("testdata", name), d.screen(size[0], size[1]-2))
	}
	for range 8 {
		d.press("j")
	}
	if lines := strings.Split(d.screen(60, 8), "\n"); !strings.HasPrefix(lines[len(lines)-2], "›7") {
		t.Errorf("the GPU under the cursor is not the last line: %q", lines)
	}
	d.press("j", "j")
	d.sees("─ h200-1", "›0 H200", "2 H200")
	d.press("z")
	d.sees("─ GPU 0 of h200-1")
	d.press("Z", "Z")
	d.sees("held by")
	for _, size := range [][2]int{{1, 1}, {5, 3}, {17, 4}, {30, 60}} {
		d.press("Z")
		d.screen(size[0], size[1])
		d.press("Z")
	}
}

// A GPU that is held and idle is named within five seconds, and not for a moment's
// pause; so is one that is too hot.
func TestNamedSoon(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	read := func(second float64, busy float64, throttle ...string) string {
		list := machine()
		list[0].BusyPct, list[0].Throttle = &busy, throttle
		d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + 300 + second})
		text, _ := p.short(p.nodes[0].cards[0])
		return text
	}
	for second := 1.0; second < 30; second++ { // what was before is over
		read(second, 98)
	}
	for second := 30.0; second < 36; second++ {
		if got := read(second, 0); got != "" && second < 33 || got != "idle, held" && second >= 35 {
			t.Errorf("after %v s of idling it says %q", second-30, got)
		}
	}
	if got := read(36, 98); got != "" {
		t.Errorf("at work again it says %q", got)
	}
	for second := 37.0; second < 43; second++ {
		if got := read(second, 98, "too hot"); got != "" && second < 39 || got != "too hot" && second >= 42 {
			t.Errorf("after %v s of heat it says %q", second-37, got)
		}
	}
	if got := d.state(); !strings.HasSuffix(got, "read now") {
		t.Errorf("state %q", got)
	}
	d.send(page.Tick{Now: noon() + 345.5})
	if got := d.state(); !strings.HasSuffix(got, "read now") {
		t.Errorf("state %q", got)
	}
	d.send(page.Tick{Now: noon() + 348})
	if got := d.state(); !strings.HasSuffix(got, "read seconds ago") {
		t.Errorf("state %q", got)
	}
}
