package run

import (
	"math"
	"slices"
	"sort"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/report"
)

// What the x axis can count.
const (
	byStep   = "step"
	byEpoch  = "epoch"
	byTokens = "tokens"
	byTime   = "time"
)

func xAxes() []string { return []string{byStep, byEpoch, byTokens, byTime} }

// measure is the metric whose values an x axis counts, "" for none.
func measure(x string) string {
	switch x {
	case byEpoch:
		return "train/epoch"
	case byTokens:
		return "tokens"
	default:
		return ""
	}
}

// curves are the points on the two charts, at full resolution. They are read in
// pieces; while others are read anew, those that were there stay.
type curves struct {
	names  [2]string // of the metrics
	chosen [2]bool   // by the reader
	x      string    // what the x axis counts; "" is step

	trail   *store.Trail
	busy    bool
	whole   bool  // it has been read to its end once
	size    int64 // of the newest attempt's points when that began last
	attempt int   // the newest one then
	shown   *points
	coming  *points // what the trail fills; the same as shown but while others are read
	err     error
}

// points are what was read for two metrics and one x axis.
type points struct {
	curves   [2]curve
	names    [2]string
	x        string
	last     map[string]float64 // newest values of metrics that are no curve
	lastAt   map[string]float64 // and their steps
	last2    paceOf
	step     float64 // the last one
	begin    float64 // time of the very first point
	measured []float64
	at       []float64 // steps at which x was measured
	clocks   []clock   // by attempt
	ticks    int       // counts what was added to them
}

// paceOf tells how fast the newest attempt is.
type paceOf struct {
	attempt      int
	step0, time0 float64
	step, time   float64
}

// curve is one metric. Steps are kept where x is something else, to find what a
// later attempt replaces.
type curve struct {
	data   chart.Pyramid
	steps  []float64
	ghosts []chart.Segment
}

// pieceBytes is how much is read between two pictures; the first one is there
// sooner.
const (
	firstBytes = 512 << 10
	pieceBytes = 4 << 20
)

// pointsMsg brings a piece of the points.
type pointsMsg struct {
	trail *store.Trail
	piece store.Piece
	more  bool
	err   error
}

// verdicts in the order in which they are shown.
func verdicts() []string { return []string{"AC", "WA", "TLE", "MLE", "RE", "CE", "NC"} }

// besides are the metrics that are read beside the curves, for their last value.
func besides(objective string) []string {
	names := []string{"train/total_steps", objective}
	for _, v := range verdicts() {
		names = append(names, "eval/verdict/"+v)
	}
	return names
}

// readPoints reads on in the points, from the beginning where others are wanted.
func (p *Page) readPoints() tea.Cmd {
	c := &p.curves
	if p.facts.record.Attempt == 0 {
		return nil
	}
	p.chooseMetrics()
	if c.trail == nil || c.coming.names != c.names || c.coming.x != p.plots[0].X() {
		c.x = p.plots[0].X()
		metrics := p.read(c.names)
		if m := measure(c.x); m != "" {
			metrics = append([]string{m}, metrics...)
		}
		c.trail, c.busy, c.whole = store.OpenTrail(p.facts.record.Dir, metrics), false, false
		c.coming = &points{names: c.names, x: c.x, last: map[string]float64{}, lastAt: map[string]float64{}}
		if c.shown == nil {
			c.shown = c.coming
		}
	}
	if c.busy || c.whole && c.err == nil && c.size == p.facts.measured && c.attempt == p.facts.record.Attempt {
		return nil
	}
	c.busy, c.size, c.attempt = true, p.facts.measured, p.facts.record.Attempt
	return nextPiece(c.trail, firstBytes)
}

// read are the metrics that are read for these curves. Where one is of the GPUs, one of
// the trainer tells when which step was.
func (p *Page) read(names [2]string) []string {
	all := besides(p.objective())
	for _, name := range names {
		if p.ofGPUs(name) >= 0 {
			name = p.beat()
		}
		all = append(all, name)
	}
	return all
}

// beat is a metric that the trainer writes often, as far as anybody can tell.
func (p *Page) beat() string {
	latest := p.facts.latest
	has := func(name string) bool { _, ok := latest[name]; return ok }
	if name := report.CourseName(has); has(name) || len(latest) == 0 {
		return name
	}
	for _, name := range p.metrics() {
		if has(name) && !strings.HasPrefix(name, "eval/") {
			return name
		}
	}
	return p.objective()
}

func nextPiece(t *store.Trail, limit int64) tea.Cmd {
	return func() tea.Msg {
		piece, more, err := t.Next(limit)
		return pointsMsg{trail: t, piece: piece, more: more, err: err}
	}
}

// takePoints takes a piece in. Only then the next one is read: the trail uses its
// memory again.
func (p *Page) takePoints(msg pointsMsg) tea.Cmd {
	c := &p.curves
	if msg.trail != c.trail {
		return nil
	}
	c.coming.take(msg.piece)
	c.err = msg.err
	if msg.more && msg.err == nil {
		return nextPiece(c.trail, pieceBytes)
	}
	c.busy, c.whole, c.shown = false, true, c.coming
	return nil
}

// take takes a piece in.
func (q *points) take(piece store.Piece) {
	if piece.Points == 0 {
		return
	}
	q.pace(piece)
	q.tick(piece)
	for _, col := range piece.Columns {
		if col.Metric == measure(q.x) {
			q.measure(col)
		}
	}
	for _, col := range piece.Columns {
		curve := false
		for i, name := range q.names {
			if name == col.Metric {
				q.add(&q.curves[i], col)
				curve = true
			}
		}
		if n := len(col.Steps); n > 0 && (!curve || strings.HasPrefix(col.Metric, "eval/")) {
			q.last[col.Metric], q.lastAt[col.Metric] = col.Values[n-1], col.Steps[n-1]
		}
	}
	q.step = float64(piece.Last)
}

// pace takes from a piece how fast it went.
func (q *points) pace(piece store.Piece) {
	first, at := math.Inf(1), 0.0
	for _, col := range piece.Columns {
		if len(col.Steps) > 0 && col.Steps[0] < first {
			first, at = col.Steps[0], col.Times[0]
		}
	}
	if q.begin == 0 {
		q.begin = at
	}
	if piece.Attempt != q.last2.attempt && at > 0 {
		q.last2 = paceOf{attempt: piece.Attempt, step0: first, time0: at}
	}
	q.last2.step, q.last2.time = float64(piece.Last), piece.Time
}

// measure notes where along the steps x was what.
func (q *points) measure(col store.Column) {
	if i := sort.SearchFloat64s(q.at, col.Cut); i < len(q.at) {
		q.at, q.measured = q.at[:i], q.measured[:i]
	}
	q.at, q.measured = append(q.at, col.Steps...), append(q.measured, col.Values...)
}

// add adds a column to its curve.
func (q *points) add(c *curve, col store.Column) {
	byOther := q.x != byStep
	if !math.IsInf(col.Cut, 1) {
		c.cut(col.Cut, byOther)
	}
	if len(col.Ghost.Steps) > 0 && !byOther {
		c.ghosts = append(c.ghosts, chart.Segment{X: col.Ghost.Steps, Y: col.Ghost.Values})
	}
	if !byOther {
		c.data.AppendAll(col.Steps, col.Values)
		return
	}
	hint, last := 0, math.Inf(-1)
	if n := c.data.Len(); n > 0 {
		last, _ = c.data.At(n - 1)
	}
	for i, step := range col.Steps {
		x := col.Times[i] - q.begin
		if measure(q.x) != "" {
			if x, hint = q.measuredAt(step, hint); x != x {
				continue
			}
		}
		last = max(last, x) // a clock may have been set back
		if c.data.Append(last, col.Values[i]) {
			c.steps = append(c.steps, step)
		}
	}
}

// measuredAt is what x was at a step, or at the last one before that at which it
// was measured; NaN before any. It looks from an index on, and gives where it was.
func (q *points) measuredAt(step float64, from int) (x float64, at int) {
	if from == 0 {
		from = max(sort.SearchFloat64s(q.at, step)-1, 0)
	}
	for from+1 < len(q.at) && q.at[from+1] <= step {
		from++
	}
	if from >= len(q.at) || q.at[from] > step {
		if step == 0 {
			return 0, from // before the first step nothing is done
		}
		return math.NaN(), from
	}
	return q.measured[from], from
}

// cut drops the points from a step on.
func (c *curve) cut(step float64, byOther bool) {
	if !byOther {
		c.data.Cut(step)
		return
	}
	i := sort.SearchFloat64s(c.steps, step)
	if i == len(c.steps) {
		return
	}
	x, _ := c.data.At(i)
	c.data.Cut(x)
	c.steps = c.steps[:c.data.Len()]
}

// chooseMetrics are the loss and the objective, or what else there is where that is
// one or is not there, until the reader chooses.
func (p *Page) chooseMetrics() {
	c := &p.curves
	has := p.has
	if !c.chosen[0] {
		c.names[0] = report.CourseName(has)
	}
	if !c.chosen[1] {
		c.names[1] = p.objective()
	}
	if len(p.facts.latest)+len(p.gpus.latest) == 0 {
		return
	}
	if !c.chosen[1] && c.names[1] == c.names[0] {
		c.names[1] = p.another(c.names[0])
	}
	for i := range c.names {
		if c.chosen[i] || has(c.names[i]) || p.expected(c.names[i]) {
			continue
		}
		for _, name := range p.metrics() {
			if name != c.names[1-i] {
				c.names[i] = name
				break
			}
		}
	}
}

// another is what is drawn beside the course of a run that is judged by it.
func (p *Page) another(course string) string {
	names := append([]string{"perf/tokens_per_s", "gpu/busy_pct"}, p.metrics()...)
	i := slices.IndexFunc(names, func(name string) bool {
		grows := name == measure(byEpoch) || name == measure(byTokens) // with the steps
		return name != course && !grows && p.has(name)
	})
	if i < 0 {
		return course
	}
	return names[i]
}

// expected reports whether a built-in recipe will write a metric that is not there
// yet.
func (p *Page) expected(name string) bool {
	r := p.facts.record
	return r.Status.Live() && len(r.Argv) == 0 && (name == p.objective() || name == "train/loss")
}

// objective is what the experiment is judged by.
func (p *Page) objective() string {
	if p.aim.Metric != "" {
		return p.aim.Metric
	}
	if plan := p.site.Design(p.experiment()); plan != nil {
		return plan.Objective.Metric
	}
	return "eval/pass@1"
}

// metrics are the names of all metrics, those that are looked for most first.
func (p *Page) metrics() []string {
	var names []string
	for name := range p.facts.latest {
		if name != "train/total_steps" {
			names = append(names, name)
		}
	}
	for name := range p.gpus.latest {
		if p.ofGPUs(name) >= 0 {
			names = append(names, name)
		}
	}
	usual := []string{
		"train/loss", "loss", p.objective(), "train/reward", "train/entropy", "train/kl", "train/lr", "train/grad_norm", "perf/tokens_per_s",
	}
	rank := func(name string) int {
		if i := p.ofGPUs(name); i >= 0 {
			return len(usual) + 1 + i
		}
		if i := slices.Index(usual, name); i >= 0 {
			return i
		}
		return len(usual)
	}
	slices.SortFunc(names, func(a, b string) int {
		if x, y := rank(a), rank(b); x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return names
}

// has reports whether there are values of a metric, of the trainer or of the GPUs.
func (p *Page) has(name string) bool { _, ok := p.value(name); return ok }

// value is the newest value of a metric.
func (p *Page) value(name string) (float64, bool) {
	v, ok := p.facts.latest[name]
	if !ok {
		v, ok = p.gpus.latest[name]
	}
	return v, ok
}

// ofGPUs is the place of a metric among those of the GPUs, -1 for any other: what the
// trainer calls so is the trainer's.
func (p *Page) ofGPUs(name string) int {
	if _, own := p.facts.latest[name]; own {
		return -1
	}
	return gpuMetric(name)
}

// total is how many steps the run is to make, 0 where it does not say.
func (p *Page) total() float64 {
	if q := p.curves.shown; q != nil && q.last["train/total_steps"] > 0 {
		return q.last["train/total_steps"]
	}
	return 0
}

// eta is how many seconds a run has to go at the mean speed of its newest attempt;
// 0 where nobody knows.
func (p *Page) eta() float64 {
	q := p.curves.shown
	if q == nil || p.facts.record.Status != store.Running {
		return 0
	}
	s := q.last2
	if s.step <= s.step0 || s.attempt != p.facts.record.Attempt {
		return 0
	}
	return max(0, (s.time-s.time0)/(s.step-s.step0)*(p.total()-s.step))
}
