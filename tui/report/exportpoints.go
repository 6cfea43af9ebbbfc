package report

import (
	"encoding/csv"
	"sort"

	"ablate/experiments/store"
)

// points writes a row a point, run by run and metric by metric. Of a run its points
// are in memory as numbers while it is written.
func (e *exporter) points(out *csv.Writer, records []store.Record) error {
	if err := out.Write([]string{"run", "metric", "step", "value", "time"}); err != nil {
		return err
	}
	row := make([]string, 5)
	for _, r := range records {
		if r.Attempt == 0 {
			continue
		}
		columns, err := e.pointsOf(r)
		e.reading(err)
		row[0] = r.ID
		for _, c := range columns {
			row[1] = noFormula(c.Metric)
			for i := range c.Steps {
				row[2], row[3], row[4] = exactly(c.Steps[i]), exactly(c.Values[i]), known(c.Times[i])
				if err := out.Write(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pointsOf are all points of a run; those of the newest attempt count where several
// have one.
func (e *exporter) pointsOf(r store.Record) ([]store.Column, error) {
	h, err := store.ReadHistory(r.Dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range sortedKeys(h.Series) {
		if e.flags.Metric == "" || e.means(name) {
			names = append(names, name)
		}
	}
	const piece = 4 << 20
	trail, all := store.OpenTrail(r.Dir, names), make([]store.Column, len(names))
	for i, name := range names {
		all[i].Metric = name
	}
	for more := true; more; {
		var p store.Piece
		if p, more, err = trail.Next(piece); err != nil {
			return all, err
		}
		for i, c := range p.Columns {
			join(&all[i], c)
		}
	}
	return all, nil
}

// join puts what a piece has of a metric behind what was read before.
func join(to *store.Column, c store.Column) {
	n := sort.SearchFloat64s(to.Steps, c.Cut)
	to.Steps = append(to.Steps[:n], c.Steps...)
	to.Values = append(to.Values[:n], c.Values...)
	to.Times = append(to.Times[:n], c.Times...)
}
