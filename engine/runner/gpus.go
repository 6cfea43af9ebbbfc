package runner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"time"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/gpu/alert"
	"ablate/gpu/record"
)

const (
	// newer is by how many seconds a reading is another one than that before: those of
	// one Watch are a second apart.
	newer = 0.5
	// eachSecond is for how long every sample goes to gpu.jsonl. Later one does every 5 s:
	// the first that is fiveSeconds after the one before, as samples are not quite a second
	// apart.
	eachSecond  = 10 * time.Minute
	fiveSeconds = 4.5
)

// gpuWatch follows the GPUs of one run while it lives: those that were claimed for it,
// or if none were those that its processes are on. Of each sample it adds up the use,
// writes down what gpu.jsonl is to have, and tells what is wrong.
type gpuWatch struct {
	watch   *gpu.Watch   // nil: the run is known to use none
	untold  *Environment // env.json as it is, without the machine's GPUs; nil: they are known
	dir     string       // of the attempt
	claimed []string
	ours    func(gpu.Process) bool // whether it is one of the run's
	event   func(kind, text string)

	began   time.Time
	at      float64              // when the newest sample was taken
	own     map[gpu.Text]bool    // UUIDs of the run's GPUs by it
	seen    map[gpu.Text]float64 // and of all that were the run's, when they were so last
	meter   gpu.Meter
	alerts  alert.Watch
	log     *record.Writer // nil: no GPU so far
	lines   *store.Lines
	newest  record.Sample
	written float64 // time of the sample that was written last
	failed  bool    // to write; it is said once
}

// openGPUs begins to read GPUs, in the background. A trainer of ours computes on the
// CPU: without a claim there is nothing to read for it.
func (r *Runner) openGPUs(ctx context.Context) {
	if !r.builtIn() || r.design.GPUs > 0 {
		r.gpus = gpu.NewWatch(ctx, r.GPUs)
	}
}

// latest are the GPUs of the newest sample, if there is one yet; w may be nil.
func latest(w *gpu.Watch) []gpu.Device {
	if w == nil {
		return nil
	}
	devices, _, _ := w.Latest() // what is wrong with the driver does not change what there is
	return devices
}

// look takes the newest sample in. It never waits for the driver.
func (g *gpuWatch) look() {
	if g.watch == nil {
		return
	}
	now := time.Now()
	if g.began.IsZero() {
		g.began = now
	}
	seconds := float64(now.UnixNano()) / 1e9
	devices, age, err := g.watch.Latest()
	if len(devices) > 0 {
		g.take(seconds, slices.Clone(devices))
	}
	g.alert(seconds, gpu.Node{Name: gpu.Local, Devices: devices, Age: age, Err: err})
}

// take looks whether a sample is a new one. Ages are told from its newest reading on.
func (g *gpuWatch) take(now float64, devices []gpu.Device) {
	age := slices.MinFunc(devices, func(a, b gpu.Device) int { return cmp.Compare(a.AgeS, b.AgeS) }).AgeS
	at := now - age
	if math.Abs(at-g.at) < newer { // a clock that was set back makes new ones, too
		return
	}
	g.at = at
	g.find(devices)
	own := slices.DeleteFunc(devices, func(d gpu.Device) bool { return !g.own[d.UUID] })
	for i := range own {
		own[i].AgeS -= age
	}
	g.meter.Add(at, own)
	others := len(own) != len(g.newest.Devices)
	if len(own) == 0 && !others { // that it has left them is told once
		return
	}
	g.newest = record.Sample{Time: at, Devices: own}
	if since := at - g.written; others || since < 0 || since >= fiveSeconds || time.Since(g.began) < eachSecond {
		g.write()
	}
}

// find finds out which GPUs are the run's. One that tells of no processes, or that is
// listed no more, stays what it was.
func (g *gpuWatch) find(devices []gpu.Device) {
	if g.own == nil {
		g.own, g.seen = map[gpu.Text]bool{}, map[gpu.Text]float64{}
		for _, uuid := range g.claimed {
			g.own[gpu.Text(uuid)] = true
		}
	}
	for _, d := range devices {
		if d.UUID == "" {
			continue
		}
		if len(g.claimed) == 0 && d.Processes != nil {
			g.own[d.UUID] = slices.ContainsFunc(d.Processes, g.ours)
		}
		if g.own[d.UUID] {
			g.seen[d.UUID] = g.at
		}
	}
}

// write appends the newest sample to gpu.jsonl, unless that was done.
func (g *gpuWatch) write() {
	if g.newest.Time == g.written {
		return
	}
	err := g.open()
	if err == nil {
		g.written = g.newest.Time
		err = g.log.Write(g.newest)
	}
	if err != nil && !g.failed {
		g.failed = true
		g.event("alert", err.Error())
	}
}

func (g *gpuWatch) open() (err error) {
	if g.log != nil {
		return nil
	}
	if g.lines, err = store.AppendTo(filepath.Join(g.dir, "gpu.jsonl")); err == nil {
		g.log = record.NewWriter(lineWriter{g.lines})
	}
	return err
}

// lineWriter appends lines to a file of an attempt, each in one write.
type lineWriter struct{ lines *store.Lines }

func (w lineWriter) Write(b []byte) (n int, err error) {
	for line := range bytes.Lines(b) {
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := w.lines.Append(json.RawMessage(text)); err != nil {
				return n, err
			}
		}
		n += len(line)
	}
	return n, nil
}

// close writes the last sample down.
func (g *gpuWatch) close() {
	if g.lines != nil {
		g.write()
		_ = g.lines.Close() // every line was one write already
	}
}

// use is what the run made of its GPUs; nil if it had none.
func (g *gpuWatch) use() *gpu.Use {
	u := g.meter.Use()
	for _, uuid := range g.claimed { // one that could never be read
		if !slices.Contains(u.UUIDs, uuid) {
			u.UUIDs, u.Names = append(u.UUIDs, uuid), append(u.Names, "")
		}
	}
	if len(u.UUIDs) == 0 {
		return nil
	}
	return &u
}
