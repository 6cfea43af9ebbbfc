package nodes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/record"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// noon is when the tests are, whatever the zone.
func noon() float64 {
	return float64(time.Date(2026, 11, 18, 12, 0, 0, 0, time.Local).Unix())
}

// driver uses a page as the root does.
type driver struct {
	t      testing.TB
	p      page.Page
	asked  []engine.Request
	said   []string
	opened []page.Open
	ask    *page.Ask
}

func site(d *driver) *page.Site {
	return &page.Site{Store: &store.Store{Dir: "/data/runs"}, Slots: 2, Do: func(r engine.Request) tea.Cmd {
		return func() tea.Msg {
			d.asked = append(d.asked, r)
			return nil
		}
	}}
}

func (d *driver) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			d.do(c)
		}
	case page.Say:
		d.said = append(d.said, msg.Text)
	case page.Open:
		d.opened = append(d.opened, msg)
	case page.Ask:
		d.ask = &msg
	}
}

func (d *driver) send(msgs ...tea.Msg) {
	for _, m := range msgs {
		d.do(d.p.Update(m))
	}
}

// press finds a key in the page's table, or types it.
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, name := range keys {
		if d.p.Typing() {
			d.send(screentest.Key(name))
			continue
		}
		i := slices.IndexFunc(d.p.Keys(), func(k page.Key) bool { return slices.Contains(strings.Fields(k.Keys), name) })
		if i < 0 {
			d.t.Fatalf("no key %q on the page", name)
		}
		d.do(d.p.Keys()[i].Do())
	}
}

func (d *driver) write(text string) {
	for _, r := range text {
		d.send(screentest.Key(string(r)))
	}
}

// yes answers the question.
func (d *driver) yes() {
	d.t.Helper()
	if d.ask == nil {
		d.t.Fatal("nothing was asked")
	}
	d.do(d.ask.Yes)
	d.ask = nil
}

// screen is the page, checked to be exact.
func (d *driver) screen(w, h int) string {
	d.t.Helper()
	lines := d.p.View(look.New(chart.Style{}), w, h)
	if len(lines) != h {
		d.t.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, s := range lines {
		if got := ansi.StringWidth(s); got != w {
			d.t.Errorf("%dx%d: line %d has %d cells: %q", w, h, i, got, s)
		}
		lines[i] = strings.TrimRight(ansi.Strip(s), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// golden holds the page at three sizes of the screen, of which it has all but two
// lines, to files.
func (d *driver) golden(name string) {
	d.t.Helper()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
		file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.golden", name, size[0], size[1]))
		got := d.screen(size[0], size[1]-2)
		screentest.Golden(d.t, file, got)
	}
}

func (d *driver) state() string {
	return ansi.Strip(strings.Join(d.p.State(look.New(chart.Style{})), "  "))
}

// sees looks for texts on a wide screen.
func (d *driver) sees(texts ...string) {
	d.t.Helper()
	screen := d.screen(160, 40)
	for _, s := range texts {
		if !strings.Contains(screen, s) {
			d.t.Errorf("%q is not on the screen:\n%s", s, screen)
		}
	}
}

// last is what was asked of the engine last, in words.
func (d *driver) last() string {
	if len(d.asked) == 0 {
		return ""
	}
	r := d.asked[len(d.asked)-1]
	text := strings.Join(append([]string{r.Verb}, append(r.Runs, r.Order...)...), " ")
	if r.Place != "" {
		text += " to " + r.Place
	}
	if r.Slots > 0 {
		text += fmt.Sprint(" ", r.Slots)
	}
	return text
}

// device is an H20 with readings.
func card(host string, index int, busy, gigabytes float64, pids ...int) gpu.Device {
	d := gpu.Device{
		Host: gpu.Text(host), Index: index, UUID: gpu.Text(fmt.Sprintf("GPU-%s-%d", host, index)), Name: "NVIDIA H20",
		BusyPct: &busy, MemoryUsedBytes: new(uint64(gigabytes * gib)), MemoryTotalBytes: new(uint64(96 * gib)),
		PowerW: new(71 + 3*busy), PowerLimitW: new(400.0), TemperatureC: new(38 + busy/4), Throttle: []string{}, Processes: []gpu.Process{},
	}
	for _, pid := range pids {
		x := owners[pid]
		x.PID, x.MemoryUsedBytes = pid, new(uint64(gigabytes*gib/float64(len(pids))))
		d.Processes = append(d.Processes, x)
	}
	return d
}

const (
	first  = "tasks-vs-solutions/tasks=64k,solutions=1/s1"
	second = "tasks-vs-solutions/tasks=16k,solutions=4/s1"
)

// owners are the users of processes.
var owners = map[int]gpu.Process{
	203: {User: "ada", Command: "python", Parents: []int{202, 200}},
	900: {User: "eve", Command: "jupyter\x1b[2J", Parents: []int{1}},
}

// machine are eight GPUs: two of a run by claim, one by process, one of another
// store, one of a stranger, one that fails, two that are free.
func machine() []gpu.Device {
	list := []gpu.Device{
		card("h20-1", 0, 98, 71.2, 100), card("h20-1", 1, 97, 71.2, 100), card("h20-1", 2, 63, 40, 203), card("h20-1", 3, 12, 12),
		card("h20-1", 4, 41, 30, 900, 901), card("h20-1", 5, 0, 0), card("h20-1", 6, 0, 0.4), card("h20-1", 7, 0, 0.4),
	}
	list[0].Throttle = []string{"power cap"}
	list[3].ClaimedBy = &gpu.Holder{PID: 7, User: "bob", Store: "/data/bob", Run: "x/y/s1"}
	list[5] = gpu.Device{Host: "h20-1", Index: 5, UUID: "GPU-h20-1-5", Name: "NVIDIA H20", Error: "the GPU is lost"}
	return list
}

// told is the engine's answer that goes with it.
func told(to *asker) answer {
	return answer{
		to: to,
		status: engine.Status{Serving: true, Slots: 2, Live: 2, State: engine.State{Runs: []engine.Holder{
			{ID: first, Attempt: 1, Since: noon() - 600, Host: "h20-1", Runner: 90, Trainer: 99, GPUs: []string{"GPU-h20-1-0", "GPU-h20-1-1"}},
			{ID: second, Attempt: 2, Since: noon() - 60, Host: "h20-1", Runner: 200, Trainer: 202, GPUs: []string{}},
		}}},
	}
}

func gpus(t *testing.T) (*driver, *GPUs) {
	t.Helper()
	d := &driver{t: t}
	p := NewGPUs(site(d))
	d.p = p
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: machine()}}, Now: noon()}, told(&p.asker))
	for i := range 30 { // five minutes
		list := machine()
		*list[0].BusyPct = float64(i * 98 / 29)
		d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + float64(i+1)*bucket})
	}
	return d, p
}

func TestGPUs(t *testing.T) {
	t.Parallel()
	d, _ := gpus(t)
	d.golden("gpus")
	if got, want := d.state(), "! 1 in trouble  2 of 8 free  3 held by runs  1.4 kW  read now"; got != want {
		t.Errorf("state %q, want %q", got, want)
	}
}

// To free a GPU takes two keys once the cursor is on it, the question among them.
func TestFree(t *testing.T) {
	t.Parallel()
	d, _ := gpus(t)
	d.press("j", "s")
	if d.ask == nil || !strings.Contains(d.ask.Text, "stop "+first+"? That frees GPU 1;") || len(d.asked) != 0 {
		t.Fatalf("asked %+v, done %v", d.ask, d.asked)
	}
	if d.yes(); d.last() != "stop "+first {
		t.Errorf("done: %s", d.last())
	}
	// Two GPUs of one run and one of another.
	d.press("g", "space", "space", "space", "s")
	if d.yes(); d.last() != "stop "+first+" "+second {
		t.Errorf("done: %s", d.last())
	}
	d.press("u")
	n := len(d.asked)
	for _, tt := range []struct{ key, want string }{
		{"g", ""},
		{"j", ""},
		{"j", ""},
		{"j", "GPU 3: claimed by bob for x/y/s1 of /data/bob: no run of this store, so nothing here can stop it"},
		{"j", "GPU 4: eve: jupyter\x1b[2J 900 +1: no run of this store, so nothing here can stop it"},
		{"j", "GPU 5: it cannot be read: the GPU is lost"},
		{"j", "GPU 6: it is free, nobody has it"},
	} {
		d.said, d.ask = nil, nil
		d.press(tt.key, "s")
		if tt.want == "" {
			continue
		}
		if d.ask != nil || !slices.Equal(d.said, []string{tt.want}) {
			t.Errorf("said %q, want %q", d.said, tt.want)
		}
	}
	if len(d.asked) != n {
		t.Errorf("something was done: %v", d.asked[n:])
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.press("j", "j", "enter")
	want := page.Open{Place: page.Run, Names: []string{second}}
	if len(d.opened) != 1 || !cmp.Equal(d.opened[0], want) {
		t.Errorf("opened %v", d.opened)
	}
	d.screen(120, 38)
	d.send(page.Click{X: 5, Y: 1}, page.Click{X: 5, Y: 1})
	if len(d.opened) != 2 || d.opened[1].Names[0] != first {
		t.Errorf("a second click opened %v", d.opened)
	}
	d.send(page.Click{X: 3, Y: 0}, page.Wheel{Lines: 2})
	if key, _ := p.table.Sorted(); key != "gpu" || p.table.Cursor() != "local/GPU-h20-1-2" {
		t.Errorf("sorted by %q, on %q", key, p.table.Cursor())
	}
}

func TestFilterGPUs(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	for _, tt := range []struct{ query, want string }{
		{"free", "6 7"},
		{"status = free", "6 7"},
		{"not has run", "3 4 5 6 7"},
		{"busy > 50%", "0 1 2"},
		{"busy > 50", "0 1 2"},
		{"busy > 0.5", "0 1 2"},
		{"memory >= 40GiB and power < 300", "2"}, {"memory >= 40 and power < 300", "2"},
		{"user = ada or user = eve", "4"},
		{"bob", "3"},
		{"throttle ~ power", "0"},
		{"run ~ /64k/ gpu = 1", "1"},
		{"temp > 62", "0 1"},
	} {
		d.press("/")
		d.write(tt.query)
		d.press("enter")
		p.table.MarkShown()
		var got []string
		for _, id := range p.table.Marked() {
			got = append(got, strings.TrimPrefix(id, "local/GPU-h20-1-"))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%q: %s, want %s", tt.query, s, tt.want)
		}
		p.table.ClearMarks()
		if !p.Back() || p.Back() {
			t.Errorf("%q: not one layer", tt.query)
		}
	}
}

// A filter that is not right yet leaves the rows, and says what is expected.
func TestTyping(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	count := func(want int) {
		t.Helper()
		if n, _ := p.table.Count(); n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
	}
	d.press("/")
	if !p.Typing() || len(p.Keys()) != 3 {
		t.Error("no filter is typed")
	}
	d.write("sta")
	d.sees("status")
	d.press("tab")
	d.write("= fr")
	d.press("tab")
	d.sees("status = free", "2 of 8 match")
	count(2)
	d.write("and (")
	d.sees("tab status") // what a term may begin with
	count(2)
	d.send(tea.PasteMsg{Content: "busz > 1)"})
	d.sees("no field busz, the nearest is busy")
	d.press("enter")
	if !p.Typing() {
		t.Error("a filter with a mistake was kept")
	}
	d.press("esc")
	count(8)
	d.press("/")
	d.write("free x")
	count(0)
	d.sees("none of 8 matches the filter")
	d.press("backspace", "backspace", "enter")
	if p.Typing() || p.filter.Text() != "free" {
		t.Errorf("kept %q", p.filter.Text())
	}
	d.sees("/ free   esc shows all", "2 of 8")
	count(2)
}

// Readings that end leave what was read last, and say how long ago.
func TestStale(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: gpu.ErrNotAnswering}}, Now: noon() + 330}, page.Tick{Now: noon() + 373})
	d.sees("the NVIDIA driver does not answer (last values kept, of 1m ago)", "? tasks")
	if got := d.state(); !strings.HasPrefix(got, "? no answer for 1m  0 of 8 free") {
		t.Errorf("state %q", got)
	}
	if n := len(p.devices["local/GPU-h20-1-0"].history.busy.last(cells, p.now)); n != 38 { // of 31 cells with values, and the 7 since
		t.Errorf("%d cells of history", n)
	}
}

// lab are this machine and a host.
func lab() []gpu.Node {
	other := []gpu.Device{card("h20-1", 0, 50, 10, 202), card("h20-1", 1, 0, 0)} // where 202 is another process, though the name is the same
	other[0].UUID, other[1].UUID = "GPU-h20-2-0", "GPU-h20-2-1"
	return []gpu.Node{{Name: gpu.Local, Devices: machine()}, {Name: "h20-2", Devices: other}}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.send(page.Readings{Nodes: lab(), Now: noon() + 301})
	late := lab()
	late[1].Age, late[1].Err = 44*time.Second, errors.New("ssh: connection timed out")
	for i := range late[1].Devices {
		late[1].Devices[i].AgeS = 44
	}
	d.send(page.Readings{Nodes: late, Now: noon() + 345})
	d.golden("hosts")
	if got := d.state(); got != "? no answer from h20-2 for 40s  ! 1 in trouble  2 of 10 free  3 held by runs  2 nodes  1.4 kW  read now" {
		t.Errorf("state %q", got)
	}
	d.press("h")
	d.sees("h20-2 1", "local 0")
	d.press("o", "O")
	if key, down := p.table.Sorted(); key != "gpu" || !down {
		t.Errorf("sorted by %q, down %v", key, down)
	}
	// The same place, another GPU: its history is not the other's.
	swapped := lab()
	swapped[1].Devices = swapped[1].Devices[1:]
	swapped[1].Devices[0].UUID, swapped[1].Devices[0].BusyPct = "GPU-new", new(7.0)
	d.send(page.Readings{Nodes: swapped, Now: noon() + 346})
	if got := p.devices["h20-2/GPU-new"].history.busy.last(cells, p.now); !slices.Equal(got, []float64{7}) {
		t.Errorf("history %v", got)
	}
	if p.devices["h20-2/GPU-h20-2-1"] != nil || p.devices["h20-2/GPU-h20-2-0"] == nil {
		t.Errorf("rows %v", p.ids)
	}
}

func TestNoGPUs(t *testing.T) {
	t.Parallel()
	d := &driver{t: t}
	d.p = NewGPUs(site(d))
	d.sees("reading the GPUs ...")
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: gpu.ErrNotYet}}})
	d.sees("reading the GPUs ...")
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: errors.New("the driver is too old")}}})
	d.sees("the driver is too old")
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: fmt.Errorf("open: %w", gpu.ErrNoDriver)}}})
	d.golden("nogpus")
	d.press("s", "enter", "h", "j")
	if d.state() != "" {
		t.Errorf("state %q", d.state())
	}
}

// A recording of other machines is shown as they are.
func TestReplay(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../gpu/record/testdata/two.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := record.OpenReplay(f)
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t}
	d.p = NewGPUs(site(d))
	devices, err := s.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: devices}}, Now: noon()})
	d.sees("  92%  58.0/96", "58.0/96 GB", "355/500 W", "! lost, it fell off the bus", "used by process 4242")
}

func TestCurve(t *testing.T) {
	t.Parallel()
	var c curve
	c.add(1000, new(4.0))
	c.add(1009, new(6.0))
	c.add(1010, nil)
	c.add(1031, new(9.0))
	got := fmt.Sprint(c.last(10, 1031))
	if got != "[5 NaN NaN 9]" {
		t.Errorf("curve %s", got)
	}
	if got := len(c.last(2, 1031)); got != 1 {
		t.Errorf("%d of the last two", got)
	}
	if got := fmt.Sprint(c.last(3, 1050)); got != "[9 NaN NaN]" {
		t.Errorf("two cells later the curve is %s", got)
	}
	if got := c.last(cells, 1e6); len(got) != 0 {
		t.Errorf("after a long time there is %v", got)
	}
}
