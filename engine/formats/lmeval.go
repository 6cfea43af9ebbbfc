package formats

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/experiments/store"
)

// scored are the metrics of lm-eval that count tasks, the likeliest first, for files
// that do not list their own.
var scored = []string{"acc", "exact_match", "pass@1", "pass_at_1", "acc_norm", "em"}

// readLMEval reads what lm-eval writes as samples_*.jsonl with --log_samples: a line
// for each document and filter. A document is known by its hash, since a shuffled or
// limited run moves its number. Each filter is a set; the first one is current. Metric
// and first filter stand for the data set: documents counted otherwise are another one.
func readLMEval(s *scanner, out *results) error {
	metric, names := "", map[string]string{}
	again := 0
	err := s.lines(func(int) error {
		d := document{values: map[string]float64{}}
		if err := s.object(func(key string) error { return d.field(s, key) }); err != nil {
			return err
		}
		if metric == "" {
			if metric = d.metric(); metric == "" {
				return fmt.Errorf("none of the metrics that count tasks is there: %s", strings.Join(scored, ", "))
			}
		}
		if out.hash == "" {
			out.hash = strings.TrimSuffix(metric+" by "+cmp.Or(d.filter, "none"), " by none")
		}
		x, ok := d.values[metric]
		switch {
		case d.hash == "":
			return errors.New("a document without a doc_hash")
		case !ok:
			return fmt.Errorf("the document %s has no %s", d.hash, metric)
		case x != 0 && x != 1:
			return fmt.Errorf("the document %s has %s %v: want 0 or 1, right or not", d.hash, metric, x)
		}
		if _, ok := names[d.filter]; !ok {
			names[d.filter] = "current"
			if len(names) > 1 {
				names[d.filter] = strings.NewReplacer("/", "-", "=", "-", "@", "-").Replace(d.filter)
			}
		}
		set := out.set(names[d.filter])
		if _, ok := set.at[d.hash]; ok {
			again++
		}
		return set.more(store.Item{ID: d.hash, N: 1, C: int(x)})
	})
	if again > 0 {
		out.warn("a set has some documents more than once: they count as more samples of one (lines: %d)", again)
	}
	return err
}

// document is a line of lm-eval.
type document struct {
	hash, filter string
	listed       []string // its metrics, where it says
	values       map[string]float64
}

func (d *document) metric() string {
	for _, name := range slices.Concat(d.listed, scored) {
		if _, ok := d.values[name]; ok {
			return name
		}
	}
	return ""
}

func (d *document) field(s *scanner, key string) (err error) {
	switch {
	case key == "doc_hash":
		d.hash, err = s.text()
	case key == "filter":
		d.filter, err = s.optionalText()
	case key == "metrics":
		d.listed = nil
		err = s.array(func(int) error {
			name, err := s.text()
			d.listed = append(d.listed, name)
			return err
		})
	case slices.Contains(scored, key):
		if c, _ := s.peek(); c == '"' || c == '[' || c == '{' {
			return s.skip() // a value that counts nothing
		}
		var x float64
		if x, err = s.number(); err == nil && !math.IsNaN(x) {
			d.values[key] = x
		}
	default:
		return s.skip()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}
