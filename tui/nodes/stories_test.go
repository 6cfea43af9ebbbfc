package nodes

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/page"
)

// A page that is opened asks for the hosts.
func TestBegin(t *testing.T) {
	t.Parallel()
	if msg := NewGPUs(site(&driver{t: t})).Begin()(); msg != (page.ShowHosts{}) {
		t.Errorf("it begins with %#v", msg)
	}
}

// Whatever a host does, there is a line that says so, and the others go on.
func TestNodesInWords(t *testing.T) {
	t.Parallel()
	timeout := errors.New("ssh: connection timed out")
	for _, tt := range []struct {
		name string
		node gpu.Node
		want string
	}{
		{"begins", gpu.Node{Err: gpu.ErrNotYet}, "reading its GPUs"},
		{"connecting", gpu.Node{Err: gpu.ErrNotYet, Doing: "connecting"}, "connecting"},
		{"copying", gpu.Node{Doing: "copying the program, 12 of 18 MB"}, "copying the program, 12 of 18 MB"},
		{"again", gpu.Node{Err: timeout, Doing: "connecting"}, "connecting (ssh: connection timed out)"},
		{"never", gpu.Node{Err: timeout}, "ssh: connection timed out"},
		{"none", gpu.Node{Err: fmt.Errorf("open: %w", gpu.ErrNoDriver)}, "no NVIDIA driver"},
		{"empty", gpu.Node{}, "no GPU there"},
		{"sick", gpu.Node{Err: gpu.ErrNotAnswering}, "the NVIDIA driver does not answer"},
		{"sick, read", gpu.Node{Err: gpu.ErrNotAnswering, Devices: aged(25)}, "the NVIDIA driver does not answer (last values kept, of 20s ago)"},
		{"dead", gpu.Node{Err: timeout, Devices: aged(43)}, "no answer for 40s (last values kept, ssh: connection timed out)"},
		{"dead, again", gpu.Node{Doing: "connecting", Devices: aged(200)}, "no answer for 3m (last values kept, connecting)"},
		{"dead, tried", gpu.Node{Err: errors.New("it sent nothing for 47 s"), Doing: "next try in 7 s", Devices: aged(47)}, "no answer for 40s (last values kept, next try in a few s, it sent nothing for 40 s)"},
		{"named", gpu.Node{Err: errors.New("reach h200-2: refused")}, "refused"},
		{"wrong, fresh", gpu.Node{Err: errors.New("boom"), Devices: aged(1)}, "boom (last values kept)"},
		{"well", gpu.Node{Devices: aged(1)}, "1×H20"},
	} {
		d := &driver{t: t}
		d.p = NewGPUs(site(d))
		tt.node.Name = "h200-2"
		d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: machine()}, tt.node}, Now: noon()})
		for line := range strings.SplitSeq(d.screen(160, 40), "\n") {
			if strings.Contains(line, "▾ h200-2") && !strings.Contains(line, "▾ h200-2  "+tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, line, tt.want)
			}
		}
		d.sees("98%", "▾ h200-2", tt.want)
		d.press("G")
		d.sees("─ ") // what is under the cursor has a pane, whatever it is
	}
}

// aged is a GPU that was read some seconds ago.
func aged(seconds float64) []gpu.Device {
	x := card("h200-2", 0, 50, 10)
	x.AgeS = seconds
	return []gpu.Device{x}
}

// The page answers every key while a host says nothing, and what is greyed gets older.
func TestSilentHost(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	for second := 0.0; second < 120; second += 5 {
		nodes := lab()
		for i := range nodes[1].Devices {
			nodes[1].Devices[i].AgeS = second
		}
		nodes[1].Age = time.Duration(second) * time.Second
		d.send(page.Readings{Nodes: nodes, Now: noon() + 400 + second})
		d.press("j", "z", "z", "space", "u", "o", "O", "h", "h")
		if got := p.ageOf(p.nodes[1]); math.Abs(got-second) > 1e-9 {
			t.Fatalf("age %v, want %v", got, second)
		}
	}
	d.sees("no answer for 1m", "? free", "98%")
	if got := d.state(); !strings.HasPrefix(got, "? no answer from h20-2 for 1m") {
		t.Errorf("state %q", got)
	}
	d.send(page.Readings{Nodes: lab(), Now: noon() + 600})
	d.sees("1 free, 1 other's")
}

// A host that is no more in the file is gone from the page.
func TestNodeGoes(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.send(page.Readings{Nodes: lab(), Now: noon() + 400})
	d.press("G", "space")
	d.send(page.Readings{Nodes: lab()[:1], Now: noon() + 401})
	if strings.Contains(d.screen(120, 38), "h20-2") || len(p.devices) != 8 || len(p.table.Marked()) > 0 {
		t.Errorf("left: %v", p.ids)
	}
}

// A GPU that the driver lists no more is there with its age, and slices are counted
// under their GPU and in no sum.
func TestGoneAndSlices(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	short := slices.Delete(machine(), 6, 7)
	whole := card("h20-1", 7, 0, 3)
	short[6] = whole
	for n := range 2 {
		short = append(short, gpu.Device{Host: "h20-1", Index: 7, Slice: new(7), UUID: gpu.Text(fmt.Sprint("MIG-", n)), Name: "NVIDIA H20 MIG 1g.12gb", MemoryUsedBytes: new(uint64(gib)), Processes: []gpu.Process{}})
	}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: short}}, Now: noon() + 400})
	d.sees("– in 2 slices", "7/0  1g.12gb", "7/1  1g.12gb", "gone for 1m")
	if got := d.state(); !strings.Contains(got, "0 of 8 free") {
		t.Errorf("state %q", got)
	}
	if p.devices["local/MIG-0"] == nil || p.devices["local/GPU-h20-1-6"] == nil {
		t.Errorf("rows %v", p.ids)
	}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: machine()}}, Now: noon() + 401})
	if len(p.ids) != 8 {
		t.Errorf("slices that are no more stay: %v", p.ids)
	}
}

// What the driver no longer tells of a lost GPU is known from before.
func TestLostKeepsItsName(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	list := machine()
	list[0] = gpu.Device{Host: "h20-1", Index: 0, Error: "GPU is lost (NVML error 15)"}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + 301})
	d.sees("H20  ! lost, it fell off the bus; restart the machine, held by " + first)
	if x := p.devices["local/GPU-h20-1-0"]; len(p.ids) != 8 || x == nil || x.Name != "NVIDIA H20" {
		t.Errorf("rows %v", p.ids)
	}
}

// A claim of this store's run is that run on this machine, and somebody's elsewhere:
// another machine may have a store of the same name.
func TestClaims(t *testing.T) {
	t.Parallel()
	d := &driver{t: t}
	p := NewGPUs(site(d))
	d.p = p
	claimed := card("a", 0, 50, 10)
	claimed.ClaimedBy = &gpu.Holder{PID: 5, User: "ada", Store: "/data/runs", Run: "x/y/s1"}
	other := claimed
	silent := card("a", 1, 50, 10)
	silent.ClaimedBy = &gpu.Holder{}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{claimed, silent}}, {Name: "loop", Devices: []gpu.Device{other}}}, Now: noon()})
	for id, want := range map[string]string{"local/GPU-a-0": "x/y/s1", "local/GPU-a-1": "", "loop/GPU-a-0": ""} {
		if got := p.devices[id].user.run; got != want {
			t.Errorf("%s is held by %q, want %q", id, got, want)
		}
	}
	d.press("G")
	d.sees("claimed by ada for x/y/s1 of /data/runs", "claimed")
	// The engine's word goes by UUID, by whatever way the GPU is seen.
	x := answer{to: &p.asker}
	x.status.Runs = []engine.Holder{{ID: "x/y/s1", Host: "a", GPUs: []string{"GPU-a-0"}}}
	d.send(x)
	if got := p.devices["loop/GPU-a-0"].user.run; got != "x/y/s1" {
		t.Errorf("held by %q", got)
	}
}

// All keys of the pane that has all the room.
func TestZoom(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.press("z")
	d.sees("GPU 0  last 10 min", "busy  98%", "power  365/400 W", "held by "+first)
	d.press("j")
	d.sees("GPU 1  last 10 min")
	d.send(page.Wheel{Lines: 3}, page.Click{X: 4, Y: 4})
	d.sees("─ GPU 4", "eve: jupyter 900")
	if !p.Back() || p.zoomed || p.Back() {
		t.Error("esc does not leave it once")
	}
	d.send(page.Readings{Nodes: lab(), Now: noon() + 301})
	d.press("g", "z")
	d.sees("this machine, h20-1", "2 free, 3 held, 2 others'")
	d.screen(20, 3)
	d.screen(60, 13)
}

// A node is closed by enter, and its line stays with its sums.
func TestFoldNode(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	d.send(page.Readings{Nodes: lab(), Now: noon() + 301})
	d.press("g", "enter")
	d.sees("▸ local", "2 free, 3 held")
	if n := p.table.Len(); n != 4 || len(d.opened) > 0 {
		t.Errorf("%d lines, opened %v", n, d.opened)
	}
	d.press("s") // of a node it is all runs
	if d.ask == nil || !strings.HasPrefix(d.ask.Text, "stop 2 runs? That frees 3 GPUs") {
		t.Errorf("asked %+v", d.ask)
	}
	d.press("enter")
	if n := p.table.Len(); n != 12 {
		t.Errorf("%d lines", n)
	}
}

// An idle screen is the same one second after the other: nothing is sent.
func TestStill(t *testing.T) {
	t.Parallel()
	d, p := scene(t)
	last := p.nodes
	var nodes []gpu.Node
	for _, n := range last {
		nodes = append(nodes, n.Node)
	}
	d.send(page.Readings{Nodes: nodes, Now: noon()})
	was := d.screen(160, 43)
	for second := 1.0; second < 9; second++ { // then the curves move on by a cell
		now := slices.Clone(nodes)
		for i := range now {
			now[i].Devices = slices.Clone(now[i].Devices)
			now[i].Age += time.Duration(second) * time.Second / 4
			for k := range now[i].Devices {
				now[i].Devices[k].AgeS += second / 3
			}
		}
		d.send(page.Readings{Nodes: now, Now: noon() + second}, page.Tick{Now: noon() + second})
		if got := d.screen(160, 43); got != was {
			t.Fatalf("after %.0f s the screen changed:\n%s\nwas\n%s", second, got, was)
		}
	}
}

// The filter asks for all that the page shows.
func TestFilterScene(t *testing.T) {
	t.Parallel()
	d, p := scene(t)
	for _, tt := range []struct{ query, want string }{
		{"node = h200-2", "0 1"},
		{"node = h200-1 and sm < 30%", "0 3"},
		{"busy > 90% and tensor < 50%", "2"},
		{"hbm > 70", "0"},
		{"mfu > 40%", "0 1 2"},
		{"mfu < 0.1", ""},
		{"clock < 400", "6 7 3"},
		{"has wrong", "0 2 4 5"},
		{`wrong = "too hot"`, "2"},
		{"wrong ~ idle", "4"},
		{"xid = 79", "5"},
		{"ecc > 0", "2"},
		{"1g.18gb or device = 1g.18gb", "1 1"},
		{"cpu-1", ""},
	} {
		d.press("/")
		d.write(tt.query)
		d.press("enter")
		p.table.MarkShown()
		var got []string
		for _, id := range p.table.Marked() {
			got = append(got, fmt.Sprint(p.devices[id].Index))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%q: %s, want %s", tt.query, s, tt.want)
		}
		p.table.ClearMarks()
		p.Back()
	}
}

// The MFU is that of all GPUs of the run, and of a GPU without a datasheet nobody
// guesses it.
func TestMFU(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		speed speed
		names []string
		want  string
	}{
		{speed{tokens: 2000, flops: 74e9}, []string{"NVIDIA H20"}, "100%"}, // 148e12 FLOP/s
		{speed{tokens: 2000, flops: 74e9}, []string{"NVIDIA H20", "NVIDIA H20"}, "50%"},
		{speed{tokens: 2000, flops: 74e9}, []string{"NVIDIA H20", "NVIDIA RTX"}, "n/a"},
		{speed{tokens: 2000, flops: 74e9}, []string{"NVIDIA H200"}, "15%"},     // 989e12
		{speed{tokens: 8000, flops: 73.8e9}, []string{"NVIDIA H20"}, "399% ?"}, // more than there is
		{speed{tokens: 2000}, []string{"NVIDIA H20"}, ""},
		{speed{}, nil, ""},
	} {
		if got := tt.speed.mfu(tt.names).text; got != tt.want {
			t.Errorf("%v of %v is %q, want %q", tt.speed, tt.names, got, tt.want)
		}
	}
	d, p := scene(t)
	d.press("j")
	x := p.answer
	x.speeds = map[string]speed{fourth: {tokens: 12345, flops: 1e9}}
	d.send(answer{to: x.to, status: x.status, speeds: map[string]speed{fourth: {tokens: 16000, flops: 73.8e9}}})
	d.sees("399% ?", "MFU 399% cannot be: check model and tokens/s (16.0k)")
	for _, c := range p.nodes[0].cards[:2] {
		c.Name = "NVIDIA RTX 9000"
	}
	d.send(x)
	d.sees("12.3k tokens/s, MFU n/a")
}

// The speed of a run is the last one that it wrote, where its plan says what a token
// takes.
func TestReadSpeeds(t *testing.T) {
	t.Parallel()
	s := &store.Store{Dir: t.TempDir()}
	plan := &experiments.Plan{Experiment: "x", Model: &experiments.Model{Params: 1e9}, Cells: []experiments.Cell{{Name: "c"}}, Seeds: []int64{1}}
	if err := s.WritePlan(plan); err != nil {
		t.Fatal(err)
	}
	dir := store.AttemptDir(s.RunDir("x/c/s1"), 1)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteJSON(filepath.Join(s.RunDir("x/c/s1"), "run.json"), plan.Runs()[0]); err != nil {
		t.Fatal(err)
	}
	lines := `{"step":1,"time":1,"m":{"perf/tokens_per_s":100}}` + "\n" + `{"step":2,"time":2,"m":{"perf/tokens_per_s":200}}` + "\n" + `{"step":3,"time":3,"m":{"train/loss":1}}` + "\n" + `{"ste`
	if err := os.WriteFile(filepath.Join(dir, "metrics.jsonl"), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	got := readSpeeds(s, []string{"x/c/s1", "x/c/s2", "nothing/c/s1"})
	if want := (speed{200, 6e9}); len(got) != 1 || got["x/c/s1"] != want {
		t.Errorf("speeds %v", got)
	}
}

// What keeps a GPU from doing more is said by the last minute, not by a moment.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		busy, sm, tensor, hbm float64
		want                  string
	}{
		{98, 91, 74, 38, "bound by arithmetic: tensor cores 73% in use (71 FLOP a byte; H20 balances at 37)"},
		{63, 22, 9, 71, "bound by memory: its bandwidth 71% in use; larger batches help (5 FLOP a byte; H20 balances at 37)"},
		{98, 20, 5, 10, "busy, but few of its multiprocessors work"},
		{98, 95, 75, 90, "bound by memory"},
		{98, 60, 30, 40, "bound by neither: tensor cores 30%, memory 40%; small kernels or waits (27 FLOP"},
		{0, 0, 0, 0, ""},
	} {
		d := &device{Device: gpu.Device{Name: "NVIDIA H20"}}
		for second := range 60 {
			x := card("a", 0, tt.busy, 1)
			x.SMActivePct, x.TensorActivePct, x.DRAMActivePct = &tt.sm, &tt.tensor, &tt.hbm
			if second == 59 {
				x.TensorActivePct, x.BusyPct = new(1.0), new(100.0)
			}
			d.history.add(noon()+float64(second), x)
		}
		if got := d.verdict(noon() + 59); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%+v is %q", tt, got)
		}
		if got := d.verdict(noon() + 200); got != "" {
			t.Errorf("long after: %q", got)
		}
	}
	d := &device{Device: gpu.Device{Name: "NVIDIA B300"}}
	for second := range 60 {
		d.history.add(noon()+float64(second), gpu.Device{TensorActivePct: new(80.0)})
	}
	if got, want := d.verdict(noon()+59), "bound by arithmetic: tensor cores 80% in use"; got != want {
		t.Errorf("without a datasheet or the memory's share: %q", got)
	}
	if got := (&device{}).verdict(noon()); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
