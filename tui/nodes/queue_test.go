package nodes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/page"
)

// line is a queue of five runs behind two that go and one that is halted.
func line(to *asker) answer {
	waiting := func(id string, minutes float64) engine.Waiting {
		return engine.Waiting{ID: id, By: "ada@h20-1", Asked: noon() - 60*minutes}
	}
	x := answer{to: to, status: engine.Status{Serving: true, Slots: 2, Live: 2, Waiting: 6}}
	x.status.Runs = []engine.Holder{
		{ID: first, Since: noon() - 754, Workers: 1, GPUs: []string{"GPU-0", "GPU-1"}},
		{ID: second, Since: noon() - 61, Workers: 2, Ends: "stopped"},
		{ID: "quick/c/s1", Since: noon() - 9000, Halted: true, GPUs: []string{}},
	}
	q := []engine.Waiting{waiting("quick/c/s1", 3), waiting("quick/a/s1", 12), waiting("quick/a/s2", 12), waiting("quick/b/s1", 11), waiting("quick/b/s2", 11), waiting("quick/d/s1", 1)}
	q[0].Halted = true
	q[0].Starts = new(noon() + 10)
	q[1].Starts = new(noon() + 300)
	q[2].Starts = new(noon() + 86400)
	q[3].Lacks = "too few GPUs are free: GPU-3 is held by run x of /data/bob"
	q[5].Due, q[5].Retries = new(noon()+90), "the node went away"
	x.status.Queue = q
	x.status.Budgets = []engine.Budget{
		{Experiment: "quick", Runs: &engine.Used{Used: 12, Limit: 40}, Wall: &engine.Used{Used: 3600, Limit: 28800}, GPUHours: &engine.Used{Used: 3.25, Limit: 10}},
		{Experiment: "tasks-vs-solutions", Runs: &engine.Used{Used: 18, Limit: 18}},
	}
	return x
}

func queue(t *testing.T) (*driver, *Queue) {
	t.Helper()
	d := &driver{t: t}
	p := NewQueue(site(d))
	d.p = p
	d.send(page.Tick{Now: noon()}, line(&p.asker))
	return d, p
}

func TestQueue(t *testing.T) {
	t.Parallel()
	d, _ := queue(t)
	d.golden("queue")
	if got := d.state(); got != "● 2 running  6 waiting" {
		t.Errorf("state %q", got)
	}
}

// Why the run under the cursor waits is told whole at 80 columns, of a long queue too.
func TestQueueReason(t *testing.T) {
	t.Parallel()
	d, p := queue(t)
	whole := func(want string) {
		t.Helper()
		screen := strings.Join(strings.Fields(d.screen(80, 22)), " ")
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not on the screen:\n%s", want, d.screen(80, 22))
		}
	}
	p.table.Point("quick/a/s1")
	whole("waiting: waits for a slot, asked for by")
	lacks := strings.Repeat("word ", 20) + "end"
	p.status.Queue[3].Lacks = lacks
	p.arrange()
	p.table.Point(p.status.Queue[3].ID)
	whole("waiting: " + lacks)
	for i := range 40 {
		x := p.status.Queue[3]
		x.ID = fmt.Sprintf("quick/more/s%d", i)
		p.status.Queue = append(p.status.Queue, x)
	}
	p.arrange()
	whole("waiting: " + lacks)
	long := strings.Repeat("word ", 90)
	p.status.Queue[3].Lacks = long
	p.arrange()
	whole("… enter tells the rest")
	d.screen(30, 9)
}

// The order changes on the screen at once, and the engine is asked for the same.
func TestMove(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at, keys   string
		want, asks string
	}{
		{"quick/b/s1", "K", "c a1 b1 a2 b2", "move quick/b/s1 to quick/a/s2"},
		{"quick/b/s1", "K K", "c b1 a1 a2 b2", "move quick/b/s1 to quick/a/s1"},
		{"quick/b/s1", "K K K", "b1 c a1 a2 b2", "move quick/b/s1 to quick/c/s1"},
		{"quick/b/s1", "K K K K", "b1 c a1 a2 b2", "move quick/b/s1 to first"},
		{"quick/b/s1", "<", "b1 c a1 a2 b2", "move quick/b/s1 to first"},
		{"quick/a/s1", ">", "c a2 b1 b2 a1", "move quick/a/s1 to last"},
		{"quick/a/s1", "J", "c a2 a1 b1 b2", "move quick/a/s1 to quick/b/s1"},
		{"quick/a/s1", "J J J", "c a2 b1 b2 a1", "move quick/a/s1 to last"},
		{"quick/a/s1", "J J J J", "c a2 b1 b2 a1", "move quick/a/s1 to last"},
		{"quick/a/s1", "space space K", "a1 a2 c b1 b2", "move quick/a/s1 quick/a/s2 to quick/c/s1"},
		{"quick/a/s1", "space space J", "c b1 a1 a2 b2", "move quick/a/s1 quick/a/s2 to quick/b/s2"},
		{"quick/a/s1", "space j space <", "a1 b1 c a2 b2", "move quick/a/s1 quick/b/s1 to first"},
		{first, "K", "c a1 a2 b1 b2", ""},
		{"quick/d/s1", "<", "c a1 a2 b1 b2", ""},
	} {
		d, p := queue(t)
		if !p.table.Point(tt.at) {
			t.Fatalf("%s is not there", tt.at)
		}
		d.press(strings.Fields(tt.keys)...)
		var order []string
		for _, id := range p.order() {
			order = append(order, strings.NewReplacer("quick/", "", "/s", "", "c1", "c").Replace(strings.Replace(id, "c/s1", "c", 1)))
		}
		if got := strings.Join(order, " "); got != tt.want || d.last() != tt.asks {
			t.Errorf("%s at %s: %s by %q, want %s by %q", tt.keys, tt.at, got, d.last(), tt.want, tt.asks)
		}
		if tt.asks == "" && !slices.Equal(d.said, []string{"only what waits in the queue can be moved"}) {
			t.Errorf("said %q", d.said)
		}
		if u := p.table.Cursor(); !strings.Contains(tt.keys, "space") && u != tt.at {
			t.Errorf("the cursor went to %s", u)
		}
		// What the engine tells counts.
		d.send(line(&p.asker))
		if p.order()[0] != "quick/c/s1" || p.order()[1] != "quick/a/s1" {
			t.Errorf("order %v", p.order())
		}
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	d, p := queue(t)
	d.press("+", "+")
	if d.last() != "slots 4" || p.slots() != 4 {
		t.Errorf("asked %s, %d slots", d.last(), p.slots())
	}
	d.send(page.Reply{Verb: "slots", Reply: engine.Reply{Slots: 4}}, page.Reply{Verb: "move", Reply: engine.Reply{Moved: 1}}, page.Reply{Verb: "move", Err: errors.New("no")})
	if !slices.Equal(d.said, []string{"4 runs at a time from now on", "1 moved"}) {
		t.Errorf("said %q", d.said)
	}
	d.send(line(&p.asker))
	d.said = nil
	d.press("-", "-")
	if d.last() != "slots 1" || len(d.said) != 1 || !strings.Contains(d.said[0], "one slot is the least") {
		t.Errorf("asked %s, said %q", d.last(), d.said)
	}
}

func TestQueueVerbs(t *testing.T) {
	t.Parallel()
	d, p := queue(t)
	d.press("s")
	if d.ask == nil || !strings.HasPrefix(d.ask.Text, "stop "+first+"?") {
		t.Fatalf("asked %+v", d.ask)
	}
	if d.yes(); d.last() != "stop "+first {
		t.Errorf("done: %s", d.last())
	}
	d.press("p")
	if d.last() != "pause "+first {
		t.Errorf("done: %s", d.last())
	}
	d.press("enter")
	if len(d.opened) != 1 || d.opened[0].Place != page.Run || d.opened[0].Names[0] != first {
		t.Errorf("opened %v", d.opened)
	}
	d.press("G", "space", "k", "space", "s")
	if d.ask == nil || !strings.HasPrefix(d.ask.Text, "stop 2 runs?") {
		t.Errorf("asked %+v", d.ask)
	}
	d.press("u", "/")
	d.write("status = halted")
	d.press("enter", "p") // it waits for a slot already
	if d.last() != "pause quick/c/s1" {
		t.Errorf("done: %s", d.last())
	}
	x := line(&p.asker)
	x.status.Queue = x.status.Queue[1:]
	d.send(x)
	d.press("p")
	if d.last() != "resume quick/c/s1" {
		t.Errorf("done: %s", d.last())
	}
	d.screen(100, 20)
	p.Back()
	d.screen(100, 20)
	d.send(page.Click{X: 9, Y: 2}, page.Click{X: 9, Y: 2}, page.Click{X: 9, Y: 0})
	if key, _ := p.table.Sorted(); len(d.opened) != 2 || d.opened[1].Names[0] != second || key != "" {
		t.Errorf("opened %v, sorted by %q", d.opened, key)
	}
}

func TestFilterQueue(t *testing.T) {
	t.Parallel()
	d, p := queue(t)
	for _, tt := range []struct {
		query string
		want  int
	}{
		{"quick", 6}, {"status = waiting", 4}, {"status = stopping or status = later", 2}, {"place <= 2", 2}, {"why ~ GPU", 2}, {"gpus > 1", 1},
		{"time > 1h", 1}, {"time < 2m", 2}, {"by ~ ada", 6}, {"cell = a", 2},
	} {
		d.press("/")
		d.write(tt.query)
		d.press("enter")
		if n, _ := p.table.Count(); n != tt.want {
			t.Errorf("%q: %d, want %d", tt.query, n, tt.want)
		}
		p.Back()
	}
}

func TestEmptyQueue(t *testing.T) {
	t.Parallel()
	d := &driver{t: t}
	p := NewQueue(site(d))
	d.p = p
	d.press("s", "p", "<", "enter", "space")
	d.send(answer{to: &asker{}, status: engine.Status{Serving: true, Slots: 7}}) // another page's
	if d.state() != "" {
		t.Errorf("state %q", d.state())
	}
	d.send(answer{to: &p.asker, status: engine.Status{Serving: true, Slots: 2}})
	d.golden("noqueue")
	d.send(answer{to: &p.asker, status: engine.Status{Live: 1, Waiting: 3}})
	d.sees("no engine serves this store: 1 run going, 3 waiting")
	if strings.Contains(d.screen(80, 20), "nothing goes") {
		t.Error("it says that nothing goes, too")
	}
	x := line(&p.asker)
	x.status.Trouble = engine.ErrBusy.Error() + ": claim GPUs: 0 of 1 are free"
	d.send(x)
	if strings.Contains(d.screen(120, 40), "0 of 1 are free") {
		t.Error("to wait is no trouble")
	}
	x.status.Trouble = "sbatch: no such partition"
	d.send(x)
	d.sees("runs cannot be launched: sbatch: no such partition", "quick/a/s1")
	d.send(answer{to: &p.asker, err: errors.New("permission denied")})
	d.sees("the engine cannot be asked: permission denied", "quick/a/s1") // what was told last stays
}

// What is paused stands in no queue: a line says where it is. The runs that are
// halted in their slots stand in the table.
func TestPausedRuns(t *testing.T) {
	t.Parallel()
	d, p := queue(t)
	p.site.Summaries = []store.Summary{{Name: "quick", Runs: map[store.Status]int{store.Paused: 1}}}
	if strings.Contains(d.screen(80, 20), "paused") {
		t.Error("a run that is halted here is counted")
	}
	p.site.Summaries = []store.Summary{{Name: "quick", Runs: map[store.Status]int{store.Paused: 3}}, {Name: "rl"}, {Name: "tiny", Runs: map[store.Status]int{store.Paused: 1}}}
	d.sees("3 runs paused, of quick, tiny: p there goes on with them", "quick/a/s1")
	d.send(answer{to: &p.asker, status: engine.Status{Serving: true}})
	d.sees("4 runs paused", "nothing goes and nothing waits")
}

// A driver that does not tell of processes leaves open whether a GPU is free.
func TestUnclaimed(t *testing.T) {
	t.Parallel()
	d, _ := gpus(t)
	list := machine()
	for i := range list {
		list[i].Processes = nil
	}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + 1})
	if got := d.state(); !strings.Contains(got, "2 not claimed") || strings.Contains(got, "free") {
		t.Errorf("state %q", got)
	}
	if text := d.screen(120, 38); strings.Count(text, "in use, unseen") != 2 {
		t.Errorf("two are in use, which their memory tells:\n%s", text)
	}
	d.press("/")
	d.write("nosuch")
	if text := d.screen(80, 24); strings.Contains(text, "─  ─") {
		t.Errorf("a line with no title:\n%s", text)
	}
}

// A container's processes are no processes here: a GPU that works for one, or whose
// memory is full of one, is not free.
func TestUnseenProcesses(t *testing.T) {
	t.Parallel()
	d, _ := gpus(t)
	list := machine()
	list[6].BusyPct = new(94.0)
	list[7].MemoryUsedBytes = new(uint64(64 * gib))
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list}}, Now: noon() + 301})
	if text := d.screen(120, 38); strings.Count(text, "in use, unseen") != 2 || strings.Contains(text, "– free") || !strings.Contains(d.state(), "0 of 8 free") {
		t.Errorf("state %q\n%s", d.state(), text)
	}
	d.press("j", "j", "j", "j", "j", "j")
	if text := d.screen(120, 38); !strings.Contains(text, "in use of somebody whose processes cannot be seen") {
		t.Error(text)
	}
}

// Whatever the size, and whatever names runs and GPUs have, the pages are exact.
func TestSizes(t *testing.T) {
	t.Parallel()
	g, gp := gpus(t)
	list := machine()
	list[1].Name, list[1].Host, list[1].Error = "中\x1b[2J\n文", "h\u0301\u202e", "\t\x00"
	g.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: list, Err: errors.New("a\nb")}}, Now: noon() + 301})
	q, qp := queue(t)
	qp.site.Summaries = []store.Summary{{Name: "中\x1b[2J", Runs: map[store.Status]int{store.Paused: 9}}}
	x := line(&qp.asker)
	x.status.Queue[1].ID, x.status.Queue[1].Lacks, x.status.Trouble = "中文\x1b[2J/\n/s1", strings.Repeat("字", 99), "x\ny"
	for i := range 99 {
		x.status.Budgets = append(x.status.Budgets, engine.Budget{Experiment: fmt.Sprint("中", i), Runs: &engine.Used{Used: 1, Limit: 1e9}})
	}
	q.send(x)
	for _, typing := range []bool{false, true} {
		if typing {
			g.press("/")
			g.write("中 = (")
			q.press("/")
			q.write("中 ")
		}
		for _, w := range []int{1, 2, 3, 7, 20, 40, 59, 80, 111, 200} {
			for h := range 30 {
				g.screen(w, h)
				q.screen(w, h)
			}
		}
	}
	_ = gp
}

// A question is asked once at a time, and again at once after a verb.
func TestAsker(t *testing.T) {
	t.Parallel()
	s := &page.Site{Client: engine.NewClient(nil)}
	a := asker{site: s, every: 2}
	if a.due(100, nil) == nil || a.due(200, nil) != nil {
		t.Error("not one question at a time")
	}
	a.answered(answer{status: engine.Status{Serving: true}}, 101)
	if a.due(101, nil) != nil || a.due(102, nil) == nil {
		t.Error("not every two seconds")
	}
	a.changed()
	a.answered(answer{status: engine.Status{Serving: true}}, 102)
	if a.due(102, nil) == nil {
		t.Error("not at once after a verb")
	}
	a.changed() // while it is asked, and there is no engine yet
	a.answered(answer{}, 102)
	if a.due(102, nil) == nil {
		t.Error("not at once after a verb that starts an engine")
	}
	a.answered(answer{}, 103)
	if a.due(112, nil) != nil || a.due(113, nil) == nil {
		t.Error("a store without an engine is read too often")
	}
	s.Slow = true
	a.answered(answer{status: engine.Status{Serving: true}}, 113)
	if a.due(120, nil) == nil {
		t.Error("not after ten seconds")
	}
	a.answered(answer{status: engine.Status{Serving: true}}, 121)
	if a.due(129, nil) != nil || a.due(130, nil) == nil {
		t.Error("a thin link is not spared")
	}
}
