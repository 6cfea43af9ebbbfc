package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// stopKeys are the keys that a kind of stop rule needs, and those it may have.
var stopKeys = map[string]struct{ needs, may []string }{
	StopNaN:      {nil, []string{"metric"}},
	StopDiverge:  {[]string{"metric", "above"}, []string{"window"}},
	StopCollapse: {[]string{"metric", "below"}, []string{"window"}},
	StopPlateau:  {[]string{"metric", "window"}, []string{"above", "goal"}},
}

// stopHints say what a key that is missing is for.
var stopHints = map[string]string{
	"metric": `Name what it looks at, such as metric = "train/loss"`,
	"above":  "above = 20 ends a run whose metric is above 20 for window points",
	"below":  "below = 0.01 ends a run whose metric is below 0.01 for window points",
	"window": "window = 20 ends a run whose metric has not become better in 20 points",
}

func stopKinds() []string { return []string{StopNaN, StopDiverge, StopCollapse, StopPlateau} }

// comparing are rules that other programs have and that end a run because others
// do better.
var comparing = []string{"median", "median_stopping", "asha", "sha", "hyperband", "bohb", "successive_halving", "pbt"}

// stops reads [[.stop]].
func (c *checker) stops(e *Experiment, t table) []StopRule {
	v, ok := t.m["stop"]
	if !ok {
		return nil
	}
	list := tables(v)
	if list == nil {
		c.report(t.keyAt("stop"), fmt.Sprintf("stop is %s; it takes a list of tables", kindWords(v)),
			fmt.Sprintf("Write [[experiment.%s.stop]] once for each rule", e.Name))
		return nil
	}
	rules := make([]StopRule, 0, len(list))
	for i, m := range list {
		t := table{c, item(child(t.path, "stop"), i), m}
		before := len(c.list)
		r := c.stop(t)
		if len(c.list) == before && slices.Contains(rules, r) {
			c.report(t.at(), "this stop rule stands here twice", "Remove one of them")
		}
		rules = append(rules, r)
	}
	return rules
}

func (c *checker) stop(t table) StopRule {
	t.known("kind", "metric", "above", "below", "window", "goal")
	r := StopRule{Kind: c.stopKind(t)}
	keys, ok := stopKeys[r.Kind]
	if !ok {
		return r
	}
	takes := append(slices.Clone(keys.needs), keys.may...)
	for _, key := range keys.needs {
		if _, ok := t.m[key]; !ok {
			c.report(t.at(), fmt.Sprintf("a %s rule needs %s", r.Kind, key), stopHints[key])
		}
	}
	for _, key := range []string{"metric", "above", "below", "window", "goal"} {
		if _, ok := t.m[key]; ok && !slices.Contains(takes, key) {
			c.report(t.keyAt(key), fmt.Sprintf("a %s rule takes no %s", r.Kind, key), "It takes: "+strings.Join(takes, ", "))
		}
	}
	r.Metric = t.text("metric", "train/loss")
	if r.Metric == "" {
		c.report(t.valueAt("metric"), "metric is empty", stopHints["metric"])
	}
	r.Above, _ = t.number("above")
	r.Below, _ = t.number("below")
	c.span(t, &r)
	return r
}

// span fills in over how many points a rule looks, and which way is better.
func (c *checker) span(t table, r *StopRule) {
	switch r.Kind {
	case StopDiverge, StopCollapse:
		r.Window = max(1, int(t.whole("window", 1)))
	case StopPlateau:
		r.Window = int(t.whole("window", 2))
		if r.Above < 0 {
			c.report(t.valueAt("above"), fmt.Sprintf("above is %v; of a plateau it must be at least 0", r.Above),
				"It is the least improvement that counts as one")
		}
		better := Max
		if strings.Contains(r.Metric, "loss") {
			better = Min
		}
		r.Goal = t.oneOf("goal", better, Max, Min)
	}
}

func (c *checker) stopKind(t table) string {
	v, ok := t.m["kind"]
	known := "Known here: " + strings.Join(stopKinds(), ", ")
	if !ok {
		c.report(t.at(), "the stop rule has no kind", known)
		return ""
	}
	if s, ok := v.(string); ok && slices.Contains(comparing, strings.ToLower(s)) {
		c.report(t.valueAt("kind"), fmt.Sprintf("kind cannot be %s", shown(s)),
			"It ends runs because others do better, which biases the comparison that an experiment is for; such rules are not built. "+known)
		return ""
	}
	return t.oneOf("kind", "", stopKinds()...)
}

// String is the rule in words: "diverge: train/loss above 20 for 5 points".
func (r StopRule) String() string {
	points := fmt.Sprintf("%d points", r.Window)
	if r.Window == 1 {
		points = "1 point"
	}
	switch r.Kind {
	case StopNaN:
		return fmt.Sprintf("nan: %s is not a number, or infinite", r.Metric)
	case StopDiverge:
		return fmt.Sprintf("diverge: %s above %g for %s", r.Metric, r.Above, points)
	case StopCollapse:
		return fmt.Sprintf("collapse: %s below %g for %s", r.Metric, r.Below, points)
	case StopPlateau:
		way := "higher"
		if r.Goal == Min {
			way = "lower"
		}
		return fmt.Sprintf("plateau: %s not %s by more than %g in %s", r.Metric, way, r.Above, points)
	}
	return r.Kind
}
