package report

import (
	"encoding/csv"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments/store"
)

// csv writes a row a run, or with --points a row a point, as RFC 4180 has it: lines
// end in CR LF. An empty field is what nobody knows.
func (e *exporter) csv(w io.Writer, names []string) error {
	ids, err := find(e.store, names)
	if err != nil {
		return err
	}
	records, unread := store.OpenLedger(e.store).Look(ids)
	e.reading(unread)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if e.flags.Points {
		err = e.points(out, records)
	} else {
		err = e.runs(out, records)
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// runColumns stand before the axes and behind them.
var runColumns = [2][]string{
	{"experiment", "cell"},
	{"seed", "status", "attempt", "in_design", "distrusted", "started", "ended", "seconds"},
}

// runs writes a row a run.
func (e *exporter) runs(out *csv.Writer, records []store.Record) error {
	marks, err := store.ReadMarks(e.store)
	if err != nil {
		return err
	}
	uses, unknown := usesOf(e.store, records)
	e.reading(unknown)
	axes, metrics := e.columns(records)
	head := slices.Concat(runColumns[0], axes, runColumns[1], metrics, []string{"gpu_hours", "kwh"})
	for i := range axes {
		if at := len(runColumns[0]) + i; slices.Index(head, axes[i]) != at || slices.Contains(head[at+1:], axes[i]) {
			head[at] = "axis." + axes[i]
		}
	}
	for i, name := range head {
		head[i] = noFormula(name)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	designs := map[string]map[string]bool{}
	for _, r := range records {
		if designs[r.Experiment] == nil {
			designs[r.Experiment] = e.designed(r.Experiment)
		}
		row := []string{r.Experiment, r.Cell}
		for _, name := range axes {
			row = append(row, noFormula(settingText(r.Axes, name)))
		}
		row = append(row,
			strconv.FormatInt(r.Seed, 10), string(r.Status), strconv.Itoa(r.Attempt), yesNo(designs[r.Experiment][r.ID]),
			yesNo(marks.Of(r.ID).Distrusted != nil), known(r.Started), known(r.Ended), known(r.Seconds))
		for _, name := range metrics {
			row = append(row, metricText(r, name))
		}
		if err := out.Write(append(row, useText(r, uses)...)); err != nil {
			return err
		}
	}
	return nil
}

// columns are the axes of all runs, in the order in which they come, and the metrics
// that any ended with.
func (e *exporter) columns(records []store.Record) (axes, metrics []string) {
	seen := map[string]bool{}
	for _, r := range records {
		for _, a := range r.Axes {
			if !slices.Contains(axes, a.Name) {
				axes = append(axes, a.Name)
			}
		}
		for name := range r.Metrics {
			if e.flags.Metric == "" || e.means(name) {
				seen[name] = true
			}
		}
	}
	return axes, slices.Sorted(maps.Keys(seen))
}

// means reports whether --metric names a metric, in full or without its eval/.
func (e *exporter) means(name string) bool {
	return name == e.flags.Metric || ShortName(name) == e.flags.Metric
}

// designed are the runs of an experiment's newest design; the others are of earlier ones.
func (e *exporter) designed(experiment string) map[string]bool {
	in := map[string]bool{}
	p, err := e.store.ReadPlan(experiment)
	if err != nil {
		return in
	}
	for _, run := range p.Runs() {
		in[run.ID] = true
	}
	return in
}

// noFormula is a text that a spreadsheet takes for one: a colleague's =cmd(...) would be
// carried out. A number stays as it is.
func noFormula(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil || text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	return "'" + text
}

func metricText(r store.Record, name string) string {
	v, ok := r.Metrics[name]
	if !ok || TooFew(name, r.Params) {
		return ""
	}
	return exactly(v)
}

// useText are GPU-hours and kWh; what ended and had no GPU took none of these hours.
func useText(r store.Record, uses map[string]Use) []string {
	u, ok := uses[r.ID]
	switch {
	case ok && u.KWh != nil:
		return []string{exactly(u.Hours), exactly(*u.KWh)}
	case ok:
		return []string{exactly(u.Hours), ""}
	case r.Status == store.Done:
		return []string{"0", ""}
	}
	return []string{"", ""}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// known is a time or a duration, "" for 0.
func known(x float64) string {
	if x == 0 {
		return ""
	}
	return exactly(x)
}

// exactly is a number with all its digits, as the run folder has it: NaN, Inf and -Inf
// for what is none.
func exactly(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "Inf"
	case x == math.Trunc(x) && math.Abs(x) < 1e15, math.Abs(x) >= 1e-4 && math.Abs(x) < 1e15:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
