package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// rules are what an experiment says of how its runs are run. None of it changes
// what a run computes, so it is no part of a cell's identity.
type rules struct {
	limits Limits
	stop   []StopRule
	retry  *Retry
	pause  string

	gpus      int
	placement Placement // without what the host says
	model     *Model
}

func retryWords() []string { return []string{RetryLost, RetryNode, RetryPreempted, RetryFailed} }

func notifyWords() []string { return []string{"done", "failed", "verdict", "stalled"} }

func (c *checker) rules(e *Experiment, t table) {
	e.rules = rules{limits: c.limits(t), stop: c.stops(e, t), retry: c.retry(t)}
	if c.own(e, t, "pause", "the built-in recipes write a checkpoint and end") {
		e.rules.pause = t.oneOf("pause", "", PauseHalt, PauseCheckpoint)
	}
	c.gpus(e, t)
	e.rules.model = c.model(e, t)
}

func (c *checker) limits(t table) Limits {
	v, there := t.m["limits"]
	if _, ok := v.(map[string]any); there && !ok {
		c.report(t.valueAt("limits"), fmt.Sprintf("limits is %s; it takes a table", kindWords(v)),
			`Write limits = { wall = "2h", runs = 100, gpu_hours = 40 }, or one of these`)
		return Limits{}
	}
	sub, _ := t.sub("limits")
	sub.known("wall", "runs", "gpu_hours")
	l := Limits{Wall: sub.duration("wall", 1), Runs: int(sub.whole("runs", 1))}
	if hours, ok := sub.number("gpu_hours"); ok {
		if l.GPUHours = hours; hours <= 0 {
			c.report(sub.valueAt("gpu_hours"), fmt.Sprintf("gpu_hours is %v; it must be above 0", hours), "Leave it out for no limit")
		}
	}
	return l
}

// retry reads retry = { max = 3, on = [...], backoff = "10s" }, or the number of
// retries alone.
func (c *checker) retry(t table) *Retry {
	r := DefaultRetry
	r.On = slices.Clone(r.On)
	switch t.m["retry"].(type) {
	case nil:
		return nil
	case int64:
		r.Max = int(t.whole("retry", 0))
	case map[string]any:
		sub, _ := t.sub("retry")
		sub.known("max", "on", "backoff")
		if _, ok := sub.m["max"]; ok {
			r.Max = int(sub.whole("max", 0))
		}
		if _, ok := sub.m["on"]; ok {
			if r.On = sub.chosen("on", retryWords()); len(r.On) == 0 {
				c.report(sub.valueAt("on"), "on names no reason to retry", "Write retry = 0 for none at all. Known here: "+strings.Join(retryWords(), ", "))
			}
		}
		if _, ok := sub.m["backoff"]; ok {
			r.Backoff = sub.duration("backoff", 0)
		}
	default:
		t.wrongKind("retry", "a table, or the number of retries")
	}
	if r.Max == 0 {
		return &Retry{On: []string{}}
	}
	return &r
}

// own is true if a key is there that only recipe command takes; why says so.
func (c *checker) own(e *Experiment, t table, key, why string) bool {
	if _, ok := t.m[key]; !ok {
		return false
	}
	if e.Recipe != Command && e.Recipe != "" {
		c.report(t.keyAt(key), fmt.Sprintf("%s is for recipe command; this is recipe %s: %s", key, e.Recipe, why), "")
	}
	return true
}

// notify reads [notify], at the top of the file.
func (c *checker) notify(t table) *Notify {
	sub, ok := t.sub("notify")
	if !ok {
		return nil
	}
	sub.known("on", "argv")
	n := &Notify{On: notifyWords()}
	if _, ok := sub.m["on"]; ok {
		if n.On = sub.chosen("on", notifyWords()); len(n.On) == 0 {
			c.report(sub.valueAt("on"), "on names nothing to tell", "Known here: "+strings.Join(notifyWords(), ", "))
		}
	}
	if _, ok := sub.m["argv"]; !ok {
		c.report(sub.at(), "notify needs argv", `Write argv = ["./notify.sh"]; it gets one JSON object on standard input`)
		return n
	}
	before := len(c.list)
	n.Argv = sub.words("argv")
	switch {
	case len(c.list) > before:
	case len(n.Argv) == 0 || n.Argv[0] == "":
		c.report(sub.valueAt("argv"), "argv names no program", "")
	case slices.ContainsFunc(n.Argv, func(a string) bool { return strings.ContainsRune(a, 0) }):
		c.report(sub.valueAt("argv"), "an argument cannot hold a NUL", "")
	}
	return n
}
