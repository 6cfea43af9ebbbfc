package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Row is one run of `ls --json`. Times are seconds since 1970 or null, a queued
// run has attempt 0, rates are fractions.
type Row struct {
	ID         string             `json:"id"`
	Experiment string             `json:"experiment"`
	Cell       string             `json:"cell"`
	Axes       experiments.Params `json:"axes"`
	Seed       int64              `json:"seed"`
	Status     store.Status       `json:"status"`
	Attempt    int                `json:"attempt"`
	Started    *float64           `json:"started"`
	Ended      *float64           `json:"ended"`
	Metrics    store.Values       `json:"metrics"`
	Reason     string             `json:"reason"`
	Marks      Marks              `json:"marks"`
	GPU        *Use               `json:"gpu,omitempty"` // over all attempts; nil: it had none
}

// NewRow is the row of one run.
func NewRow(r store.Record, marks store.Marks) Row {
	axes := experiments.Params{}
	for _, a := range r.Axes {
		axes[a.Name] = a.Value
	}
	metrics := r.Metrics
	if metrics == nil {
		metrics = store.Values{}
	}
	return Row{
		ID: r.ID, Experiment: r.Experiment, Cell: r.Cell, Axes: axes, Seed: r.Seed, Status: r.Status, Attempt: r.Attempt,
		Started: nullIfZero(r.Started), Ended: nullIfZero(r.Ended), Metrics: metrics, Reason: r.Reason,
		Marks: newMarks(marks.Of(r.ID)),
	}
}

// Detail is `show RUN --json`: the row and what only one run has room for.
type Detail struct {
	Row
	Params        experiments.Params `json:"params"`
	Dir           string             `json:"dir"`
	WeightsSHA256 string             `json:"weights_sha256"`
	Events        []store.Event      `json:"events"`
	Attempts      []AttemptRow       `json:"attempts"`
}

// writeJSON writes v as one indented document.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// RunsOptions say what `ls` lists and how.
type RunsOptions struct {
	Names []string // of experiments, cells or runs; none: all of the store
	Filter
	JSON bool
}

// Runs is `ls [NAME]...`. Runs that cannot be read are left out and named in the
// error; how many are hidden is said on warn.
func Runs(w, warn io.Writer, s *store.Store, o RunsOptions) error {
	ids, err := find(s, o.Names)
	if err != nil {
		return err
	}
	marks, err := store.ReadMarks(s)
	if err != nil {
		return err
	}
	ids, hidden := o.keep(marks, ids)
	if hidden > 0 {
		fmt.Fprintf(warn, "%s hidden; --all shows them\n", Count(hidden, "run"))
	}
	records, unreadable := store.OpenLedger(s).Look(ids)
	if o.JSON {
		of, unknown := usesOf(s, records)
		rows := make([]Row, len(records))
		for i, r := range records {
			rows[i] = NewRow(r, marks)
			if use, ok := of[r.ID]; ok {
				rows[i].GPU = &use
			}
		}
		return errors.Join(writeJSON(w, rows), unreadable, unknown)
	}
	if len(records) == 0 && unreadable != nil {
		return unreadable
	}
	if len(records) == 0 {
		words := "no runs here yet; `ablate run quick` makes the first ones"
		if hidden > 0 || o.Filter != (Filter{}) {
			words = "no runs to show"
		}
		_, err := fmt.Fprintln(w, words)
		return err
	}
	return errors.Join(runsTable(w, s, records, marks), unreadable)
}

// usesOf are what runs made of GPUs, those that had some, by id. Only runs of recipe
// command have them.
func usesOf(s *store.Store, records []store.Record) (map[string]Use, error) {
	byExperiment := map[string][]store.Record{}
	for _, r := range records {
		byExperiment[r.Experiment] = append(byExperiment[r.Experiment], r)
	}
	all, errs := map[string]Use{}, []error{}
	for _, name := range sortedKeys(byExperiment) {
		p, err := s.ReadPlan(name)
		switch {
		case err != nil: // then nobody says what model it trained
			p = &experiments.Plan{}
		case p.Recipe != experiments.Command:
			continue
		}
		of, _, err := readUses(p, byExperiment[name])
		maps.Copy(all, of)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// runsTable has a column of marks only where there are some.
func runsTable(w io.Writer, s *store.Store, records []store.Record, marks store.Marks) error {
	rows, marked := make([][]string, len(records)), false
	objectives := map[string]string{}
	score := ""
	for i, r := range records {
		name, ok := objectives[r.Experiment]
		if !ok {
			name = objective(s, r.Experiment)
			objectives[r.Experiment] = name
		}
		words := newMarks(marks.Of(r.ID)).words()
		marked = marked || words != ""
		rows[i] = []string{
			r.ID, Glyph(r.Status) + " " + string(r.Status), fmt.Sprint(r.Attempt), metric(r.Metrics, courseIn(r.Metrics)),
			scoreOf(r, name), Duration(nanIfZero(r.Seconds)), words, r.Reason,
		}
		if name = ShortName(name); i > 0 && name != score {
			name = "objective"
		}
		score = name
	}
	head := []string{"run", "status", ">attempt", ">" + courseWords(records), ">" + score, ">time", "marks", "reason"}
	if !marked {
		const column = 6
		head = slices.Delete(head, column, column+1)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], column, column+1)
		}
	}
	return table(w, head, rows)
}

// courseWords head the column in which every run has the metric of its course:
// "loss", or "loss/reward" where some are fine-tuned and some are not.
func courseWords(records []store.Record) string {
	var words []string
	for _, r := range records {
		name := courseIn(r.Metrics)
		if _, ok := r.Metrics[name]; ok && !slices.Contains(words, CourseWord(name)) {
			words = append(words, CourseWord(name))
		}
	}
	if len(words) == 0 {
		return CourseWord(courseIn(nil))
	}
	return strings.Join(words, "/")
}

// objective is the metric that an experiment is judged by.
func objective(s *store.Store, experiment string) string {
	if p, err := s.ReadPlan(experiment); err == nil {
		return p.Objective.Metric
	}
	return "eval/pass@1"
}

// inPlanOrder sorts the runs of one experiment as its design has them; those of
// earlier designs follow.
func inPlanOrder(s *store.Store, experiment string, ids []string) {
	p, err := s.ReadPlan(experiment)
	if err != nil {
		return
	}
	place := map[string]int{}
	for i, c := range p.Cells {
		for j, seed := range p.Seeds {
			place[fmt.Sprintf("%s/%s/s%d", experiment, c.Name, seed)] = i*len(p.Seeds) + j - len(p.Cells)*len(p.Seeds)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return place[a] - place[b] })
}

// find returns the ids of the runs that the names mean, each once.
func find(s *store.Store, names []string) (ids []string, err error) {
	search := s.Find
	if len(names) == 0 {
		search = s.RunIDs // an experiment without any run is no mistake here
		if names, err = s.Experiments(); err != nil {
			return nil, err
		}
	}
	known := map[string]bool{}
	for _, name := range names {
		found, err := search(name)
		if err != nil {
			return nil, err
		}
		experiment, _, _ := strings.Cut(name, "/")
		inPlanOrder(s, experiment, found)
		for _, id := range found {
			if !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// one looks at the only run that the name means.
func one(s *store.Store, name string) (store.Record, error) {
	ids, err := s.Find(name)
	if err != nil {
		return store.Record{}, err
	}
	if len(ids) != 1 {
		return store.Record{}, fmt.Errorf("find run %q: it means %d runs, such as %s; name one", name, len(ids), ids[0])
	}
	records, err := store.OpenLedger(s).Look(ids)
	if err != nil {
		return store.Record{}, err
	}
	return records[0], nil
}

// Run is `show RUN [--attempt N]`: of the newest attempt for 0.
func Run(w io.Writer, s *store.Store, name string, attempt int, asJSON bool) error {
	r, err := one(s, name)
	if err != nil {
		return err
	}
	attempts, halfRead := store.ReadAttempts(r)
	if attempt > 0 {
		if r, err = ofAttempt(r, attempts, attempt); err != nil {
			return err
		}
	}
	events, unread := store.ReadEvents(r)
	unread = errors.Join(unread, halfRead)
	if events == nil {
		events = []store.Event{}
	}
	marks, err := store.ReadMarks(s)
	if err != nil {
		return err
	}
	use, unreadable := readUse(s, r)
	unread = errors.Join(unread, unreadable)
	d := Detail{Row: NewRow(r, marks), Params: r.Params, Dir: r.Dir, WeightsSHA256: r.SHA256, Events: events, Attempts: attemptRows(attempts)}
	if use.Any() {
		d.GPU = &use
	}
	if asJSON {
		return errors.Join(writeJSON(w, d), unread)
	}
	return errors.Join(
		section(w, "", [][2]string{
			{"run", d.ID}, {"status", string(d.Status)}, {"reason", d.Reason}, {"seed", fmt.Sprint(d.Seed)},
			{"attempt", fmt.Sprint(d.Attempt)}, {"started", Moment(r.Started)}, {"took", Duration(nanIfZero(r.Seconds))},
			{"folder", d.Dir}, {"weights", d.WeightsSHA256},
			{"marks", d.Marks.words()},
		}),
		section(w, "notes", d.Marks.lines(d.ID)),
		attemptsTable(w, attempts),
		section(w, "GPUs over all attempts", append(use.Which(nil), use.Pairs()...)),
		section(w, "metrics", values(d.Metrics, "%.6g")),
		section(w, "parameters", values(d.Params, "%v")),
		section(w, "events", happened(r.Started, d.Events)),
		programs(w, r),
		unread,
	)
}

// Glyph is the mark of a status: never colour alone.
func Glyph(s store.Status) string {
	switch s {
	case store.Running:
		return "●"
	case store.Done:
		return "✓"
	case store.Failed:
		return "✗"
	case store.Queued:
		return "◌"
	case store.Paused:
		return "‖"
	case store.Stopped:
		return "–"
	case store.Stalled:
		return "!"
	default:
		return "?"
	}
}

// scoreOf is a run's last value of the metric that it is judged by.
func scoreOf(r store.Record, name string) string {
	if TooFew(name, r.Params) {
		return FewSamples
	}
	return metric(r.Metrics, name)
}

func metric(m store.Values, name string) string {
	v, ok := m[name]
	if !ok {
		v = math.NaN()
	}
	return number(v)
}

func nanIfZero(x float64) float64 {
	if x == 0 {
		return math.NaN()
	}
	return x
}

// section writes pairs under a heading, but for those without a value.
func section(w io.Writer, heading string, pairs [][2]string) error {
	var rows [][]string
	for _, p := range pairs {
		if p[1] != "" {
			rows = append(rows, []string{"  " + p[0], p[1]})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if heading != "" {
		if _, err := fmt.Fprintf(w, "\n%s\n", heading); err != nil {
			return err
		}
	}
	return table(w, nil, rows)
}

// values are the entries of a map by name.
func values[V any](m map[string]V, format string) [][2]string {
	var pairs [][2]string
	for _, name := range sortedKeys(m) {
		pairs = append(pairs, [2]string{name, fmt.Sprintf(format, m[name])})
	}
	return pairs
}

// happened are the events of an attempt, each with the time since its start; one that
// has no start tells none.
func happened(started float64, events []store.Event) [][2]string {
	var pairs [][2]string
	for _, e := range events {
		if e.Kind != "beat" {
			since := "–"
			if started > 0 {
				since = "+" + Duration(max(e.Time-started, 0))
			}
			pairs = append(pairs, [2]string{since, strings.TrimSpace(e.Kind + " " + e.Text)})
		}
	}
	return pairs
}
