package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const noGPUs = "the built-in recipes use none"

// gpus checks which GPUs the runs of a command hold, and where.
func (c *checker) gpus(e *Experiment, t table) {
	r := &e.rules
	if c.own(e, t, "gpus", noGPUs) {
		r.gpus, r.placement.Only = t.gpus("gpus")
	}
	if c.own(e, t, "gpu_type", noGPUs) {
		const wrong = "?" // that it is no string was said
		if r.placement.Type = strings.TrimSpace(t.text("gpu_type", wrong)); r.placement.Type == "" {
			c.report(t.valueAt("gpu_type"), "gpu_type is empty", `Write what the GPU is called, such as gpu_type = "H20", or leave it out for any`)
		}
	}
	if c.own(e, t, "keep_off", noGPUs) {
		r.placement.KeepOff = t.gpuList("keep_off")
	}
	for _, key := range []string{"gpu_type", "keep_off"} {
		_, there := t.m[key]
		if _, holds := t.m["gpus"]; there && !holds && (e.Recipe == Command || e.Recipe == "") {
			c.report(t.keyAt(key), key+" without gpus: the runs hold no GPU", "gpus = 1 says that each run holds one")
		}
	}
	if e.host = c.hosts[e.Host]; e.Recipe == Command {
		c.enough(e, t)
	}
}

// enough reports what leaves the runs of a command fewer GPUs than they hold.
func (c *checker) enough(e *Experiment, t table) {
	place, h := e.placement(), e.host
	for _, g := range place.Only {
		n, number := gpuIndex(g)
		switch {
		case slices.Contains(e.rules.placement.KeepOff, g):
			c.report(t.valueAt("keep_off"), gpuName(g)+" stands in gpus and in keep_off", "")
		case slices.Contains(h.KeepOff, g):
			c.report(t.valueAt("gpus"), fmt.Sprintf("%s is in the keep_off of host %s", gpuName(g), h.Name), "")
		case number && h.GPUs > 0 && n >= h.GPUs:
			c.report(t.valueAt("gpus"), fmt.Sprintf("there is no GPU %s: host %s has %d, numbered from 0", g, h.Name, h.GPUs), "")
		}
	}
	if h.GPUs == 0 || len(place.Only) > 0 {
		return
	}
	left := h.GPUs
	for i := range h.GPUs {
		if slices.Contains(place.KeepOff, strconv.Itoa(i)) {
			left--
		}
	}
	switch {
	case e.rules.gpus > h.GPUs:
		c.report(t.valueAt("gpus"), fmt.Sprintf("each run holds %d GPUs, and host %s has %d", e.rules.gpus, h.Name, h.GPUs), "")
	case e.rules.gpus > left:
		at := t.valueAt("gpus")
		if _, ok := t.m["keep_off"]; ok {
			at = t.valueAt("keep_off")
		}
		c.report(at, fmt.Sprintf("keep_off leaves %d of the %d GPUs of host %s, and each run holds %d", left, h.GPUs, h.Name, e.rules.gpus), "")
	}
}

// placement is what the experiment says, with what its host says.
func (e *Experiment) placement() Placement {
	p := e.rules.placement.clone()
	if e.Recipe != Command {
		return p // its runs hold none
	}
	off := slices.Clone(e.host.KeepOff)
	for _, g := range p.KeepOff {
		if !slices.Contains(off, g) {
			off = append(off, g)
		}
	}
	p.KeepOff = off
	return p
}

// gpus are a number of GPUs, or a list of some and how many it has.
func (t table) gpus(key string) (int, []string) {
	switch t.m[key].(type) {
	case int64:
		return int(t.whole(key, 1)), nil
	case string, []any:
		list := t.gpuList(key)
		return len(list), list
	}
	t.wrongKind(key, `an int, or a list such as "0-3"`)
	return 0, nil
}

// gpuList is a list of GPUs, as one string or as a list of strings and numbers; nil
// where it is wrong.
func (t table) gpuList(key string) (list []string) {
	v := t.m[key]
	if s, ok := v.(string); ok {
		list, wrong := addGPUs(nil, s)
		if wrong != nil {
			t.report(t.valueAt(key), fmt.Sprintf("%s is %s: %s", key, shown(s), wrong.message), wrong.hint)
		}
		return list
	}
	entries, ok := v.([]any)
	switch {
	case !ok:
		t.report(t.valueAt(key), fmt.Sprintf("%s is %s; it takes a list of GPUs", key, kindWords(v)), fmt.Sprintf(`Write %s = "6-7", or ["GPU-1a2b"]`, key))
		return nil
	case len(entries) == 0:
		t.report(t.valueAt(key), key+" names no GPU", listHint)
		return nil
	}
	right := true
	for i, v := range entries {
		at := t.places[item(child(t.path, key), i)].value
		text, ok := v.(string)
		if n, number := v.(int64); number {
			text, ok = strconv.FormatInt(n, 10), true
		}
		more, wrong := addGPUs(slices.Clone(list), text)
		switch {
		case !ok:
			t.report(at, fmt.Sprintf("%s holds %s; it takes strings and ints", key, kindWords(v)), listHint)
		case wrong != nil:
			t.report(at, fmt.Sprintf("%s: %s", key, wrong.message), wrong.hint)
		default:
			list = more
			continue
		}
		right = false
	}
	if !right {
		return nil
	}
	return list
}

// model reads model = { params = 7.6e9, layers = 28, hidden = 3584, context = 8192 }.
func (c *checker) model(e *Experiment, t table) *Model {
	const example = "Write model = { params = 7.6e9 }, or with layers, hidden and context for attention's part"
	if !c.own(e, t, "model", "the built-in recipes know their own") {
		return nil
	}
	sub, ok := t.sub("model")
	if !ok {
		return nil
	}
	sub.known("params", "layers", "hidden", "context")
	m := &Model{Layers: int(sub.whole("layers", 1)), Hidden: int(sub.whole("hidden", 1)), Context: int(sub.whole("context", 1))}
	params, ok := sub.number("params")
	if m.Params = params; ok && params <= 0 {
		c.report(sub.valueAt("params"), fmt.Sprintf("params is %v; it must be above 0", params), "")
	}
	if _, there := sub.m["params"]; !there {
		c.report(t.keyAt("model"), "model has no params", example)
	}
	var missing []string
	for _, key := range []string{"layers", "hidden", "context"} {
		if _, ok := sub.m[key]; !ok {
			missing = append(missing, key)
		}
	}
	if n := len(missing); n == 1 || n == 2 {
		c.report(t.keyAt("model"), "model has no "+strings.Join(missing, " and no "), "layers, hidden and context belong together: attention's part is made of all three")
	}
	return m
}

// few warns of what works and may not be what was meant.
func (c *checker) few(e *Experiment) {
	at := path("experiment", e.Name)
	place, h := e.rules.placement, e.host
	gpus := c.places[child(at, "gpus")].value
	if len(place.Only) == 1 && gpus.end <= len(c.text) && strings.HasPrefix(c.text[gpus.at:gpus.end], `"`) {
		if _, number := gpuIndex(place.Only[0]); number {
			c.report(gpus, fmt.Sprintf("this is the GPU with the number %s; gpus = %s is any %s", place.Only[0], place.Only[0], place.Only[0]),
				fmt.Sprintf("Write gpus = [%s] if that one is meant", place.Only[0]))
		}
	}
	if place.Type != "" && h.GPUType != "" && !strings.EqualFold(place.Type, h.GPUType) {
		c.report(c.places[child(at, "gpu_type")].value, fmt.Sprintf("the runs want GPUs of type %s, and host %s says that it has %s", place.Type, h.Name, h.GPUType), "")
	}
	if m := e.rules.model; m != nil && m.Params < 1e4 {
		c.report(c.places[child(child(at, "model"), "params")].value, fmt.Sprintf("the model has %g parameters, no more", m.Params), "7.6e9 is 7.6 billion")
	}
}
