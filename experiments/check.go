package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// recipeNames are the recipes a file may name; those that are not handed in are
// not built yet.
func recipeNames() []string { return []string{"sft", "grpo", "sft+grpo", Command} }

func hostKeys() []string {
	return []string{"kind", "login", "nodes", "partition", "account", "qos", "workdir", "gpus", "gpu_type", "keep_off"}
}

// file checks the top of the file.
func (c *checker) file(t table) *File {
	t.known("schema", "project", "host", "notify", "cost", "experiment")
	c.schema(t)
	f := &File{Project: t.text("project", ""), Notify: c.notify(t), Cost: c.cost(t)}
	t.each("host", func(name string, t table) {
		h := c.host(name, t)
		c.hosts[name] = h
		f.Hosts = append(f.Hosts, h)
	})
	lower := map[string]string{}
	t.each("experiment", func(name string, t table) {
		if other, ok := lower[strings.ToLower(name)]; ok {
			c.report(t.at(), fmt.Sprintf("experiment names %q and %q differ only in case", other, name),
				"Their folders would be one on a disk that does not tell case apart")
		}
		lower[strings.ToLower(name)] = name
		f.Experiments = append(f.Experiments, c.experiment(name, t))
	})
	return f
}

func (c *checker) schema(t table) {
	v, ok := t.m["schema"]
	if !ok {
		c.report(span{}, "schema is missing", "Begin the file with: schema = 1")
		return
	}
	if v != int64(1) {
		c.report(t.valueAt("schema"), fmt.Sprintf("schema is %s; this program reads schema 1", shown(v)), "")
	}
}

func (c *checker) host(name string, t table) Host {
	c.folderName("a host", name, t.at())
	t.known(hostKeys()...)
	h := Host{
		Name:      name,
		Kind:      t.oneOf("kind", "", "local", "ssh", "slurm"),
		Login:     t.text("login", ""),
		Partition: t.text("partition", ""),
		Account:   t.text("account", ""),
		QOS:       t.text("qos", ""),
		Workdir:   t.text("workdir", ""),
		GPUs:      int(t.whole("gpus", 0)),
		GPUType:   t.text("gpu_type", ""),
	}
	if _, ok := t.m["kind"]; !ok {
		c.report(t.at(), fmt.Sprintf("host %s has no kind", name), "Give kind: local, ssh or slurm")
	}
	if name == "local" && h.Kind != "local" && h.Kind != "" {
		c.report(t.valueAt("kind"), "host local is this machine; its kind is local", "Give the host another name")
		h.Kind = "local"
	}
	if _, ok := t.m["keep_off"]; ok {
		h.KeepOff = t.gpuList("keep_off")
	}
	switch t.m["nodes"].(type) {
	case int64:
		h.NodeCount = int(t.whole("nodes", 1))
	case nil, []any:
		h.Nodes = t.words("nodes")
		h.NodeCount = len(h.Nodes)
	default:
		t.wrongKind("nodes", "an int or a list of strings")
	}
	c.reach(t, h)
	return h
}

// folderName reports a name that cannot be a folder of the store or a word on a
// command line.
func (c *checker) folderName(what, name string, at span) {
	if message, hint := wrongName(what, name); message != "" {
		c.report(at, message, hint)
	}
}

// wrongName is what is wrong with a name and what to do about it; "" if nothing is.
func wrongName(what, name string) (message, hint string) {
	const allowed = "Names have letters a-z A-Z, digits, '-', '_' and '.', and begin with a letter, a digit or '_'"
	legal := name != "" && name[0] != '.' && name[0] != '-'
	for _, r := range name {
		legal = legal && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}
	switch {
	case !legal:
		return fmt.Sprintf("%q cannot name %s", name, what), allowed
	case len(name) > maxName:
		return fmt.Sprintf("this name has %d characters; at most %d fit", len(name), maxName), ""
	case what == "an experiment" && (strings.EqualFold(name, "engine") || strings.EqualFold(name, "marks.jsonl")):
		return fmt.Sprintf("no experiment can be named %q: the store keeps its own files there", name), ""
	}
	return "", ""
}

// recipe finds the recipe of an experiment and puts it into e.
func (c *checker) recipe(e *Experiment, t table) {
	built := []string{}
	for _, r := range c.recipes {
		built = append(built, r.Name)
	}
	if !slices.Contains(built, Command) {
		built = append(built, Command)
	}
	known := strings.Join(built, ", ")
	e.open = true
	if _, ok := t.m["recipe"]; !ok {
		c.report(t.at(), "recipe is missing", "Known: "+known)
		return
	}
	all := recipeNames()
	for _, name := range built {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if name, ok := t.m["recipe"].(string); ok && slices.Contains(all, name) {
		built = all
	}
	e.Recipe = t.oneOf("recipe", "", built...)
	if e.Recipe == Command {
		e.recipe = Recipe{Name: Command, Version: commandVersion}
		return
	}
	for _, r := range c.recipes {
		if r.Name == e.Recipe {
			e.recipe, e.open = r, false
			return
		}
	}
	if e.Recipe != "" {
		c.report(t.valueAt("recipe"), fmt.Sprintf("recipe %s is not built yet; known: %s", e.Recipe, known), "")
	}
}

// place finds the host of an experiment.
func (c *checker) place(e *Experiment, t table) {
	e.Host = t.text("host", "local")
	h, ok := c.hosts[e.Host]
	switch {
	case !ok && e.Host != "local":
		names := slices.Sorted(maps.Keys(c.hosts))
		if !slices.Contains(names, "local") {
			names = append([]string{"local"}, names...)
		}
		c.report(t.valueAt("host"), fmt.Sprintf("no host is named %q", e.Host), suggestion(e.Host, names))
	case ok && h.Kind != "local" && h.Kind != "":
		c.report(t.valueAt("host"), fmt.Sprintf("host %s has the kind %s; this version runs on local hosts only", e.Host, h.Kind), "")
	}
}

func (c *checker) objective(t table) Objective {
	o := Objective{Metric: "eval/pass@1", Goal: Max}
	if _, ok := t.m["objective"]; !ok {
		return o
	}
	sub, ok := t.sub("objective")
	if !ok {
		return o
	}
	sub.known("metric", "goal", "margin")
	o.Metric = sub.text("metric", "")
	o.Goal = sub.oneOf("goal", "", Max, Min)
	if v, ok := sub.m["metric"]; !ok || v == "" {
		c.report(t.keyAt("objective"), "objective has no metric", `Write objective = { metric = "eval/pass@1", goal = "max" }`)
	}
	if _, ok := sub.m["goal"]; !ok {
		c.report(t.keyAt("objective"), "objective has no goal", "Give goal: max or min")
	}
	o.Margin = c.margin(sub, o)
	return o
}

// seeds reads 3, which means 1, 2, 3, or a list.
func (c *checker) seeds(t table) []int64 {
	v, ok := t.m["seeds"]
	if !ok {
		return upTo(3)
	}
	switch v := v.(type) {
	case int64:
		if v < 1 || v > maxSeeds {
			c.report(t.valueAt("seeds"), fmt.Sprintf("seeds is %d; it must be from 1 to %d", v, maxSeeds), "seeds = 3 means the seeds 1, 2 and 3")
			return nil
		}
		return upTo(int(v))
	case []any:
		return c.seedList(t, v)
	}
	t.wrongKind("seeds", "an int or a list of ints")
	return nil
}

func (c *checker) seedList(t table, list []any) []int64 {
	if len(list) == 0 || len(list) > maxSeeds {
		c.report(t.valueAt("seeds"), fmt.Sprintf("seeds has %d seeds; it must have from 1 to %d", len(list), maxSeeds), "")
		return nil
	}
	seeds := make([]int64, 0, len(list))
	for i, v := range list {
		at := c.places[item(child(t.path, "seeds"), i)].value
		n, ok := v.(int64)
		switch {
		case !ok:
			c.report(at, fmt.Sprintf("a seed is %s; it must be an int", kindWords(v)), "")
		case n < 0:
			c.report(at, fmt.Sprintf("seed %d is negative", n), "")
		case slices.Contains(seeds, n):
			c.report(at, fmt.Sprintf("seed %d stands here twice", n), "")
		default:
			seeds = append(seeds, n)
		}
	}
	return seeds
}

// upTo is the seeds 1 to n.
func upTo(n int) []int64 {
	seeds := make([]int64, n)
	for i := range seeds {
		seeds[i] = int64(i + 1)
	}
	return seeds
}
