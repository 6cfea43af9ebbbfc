package report

import (
	"fmt"
	"slices"
	"time"

	"ablate/experiments/store"
)

// reportOrigin is where the numbers of an exported report come from.
type reportOrigin struct {
	provenance
	Plan      string   `json:"plan"`      // hash of the design
	Builds    []string `json:"builds"`    // versions of the program that ran them
	Modified  bool     `json:"modified"`  // some ran from files that no commit has
	Hosts     []string `json:"hosts"`     //
	Platforms []string `json:"platforms"` // system and architecture, CPU and driver where they were written down
	GPUs      []string `json:"gpus"`      // names
	Seeds     []int64  `json:"seeds"`
	Started   *float64 `json:"started"` // the first of them
	Ended     *float64 `json:"ended"`   // the last of them
}

// host is what the origin of a report needs of env.json.
type host struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Host    string `json:"host"`
	Diff    string `json:"git_diff"`
	CPU     string `json:"cpu_model"`
	Driver  string `json:"nvidia_driver"`
	GPUs    []struct {
		Name string `json:"name"`
	} `json:"gpus"`
}

// origin is that of the runs that are done.
func (s *study) origin() reportOrigin {
	o := reportOrigin{Plan: s.plan.Hash, Builds: []string{}, Hosts: []string{}, Platforms: []string{}, GPUs: []string{}, Seeds: []int64{}}
	o.Recipes, o.Programs, o.Arithmetic = []string{}, []string{}, []string{}
	first, last := 0.0, 0.0
	for _, r := range s.records {
		if r.Status != store.Done {
			continue
		}
		recipe := r.Recipe
		if r.RecipeVersion > 0 {
			recipe = fmt.Sprintf("%s version %d", r.Recipe, r.RecipeVersion)
		}
		o.add(r, recipe)
		o.machine(r)
		if !slices.Contains(o.Seeds, r.Seed) {
			o.Seeds = append(o.Seeds, r.Seed)
		}
		if r.Started > 0 && (first == 0 || r.Started < first) {
			first = r.Started
		}
		last = max(last, r.Ended)
	}
	slices.Sort(o.Seeds)
	o.Started, o.Ended = timeOrNull(first), timeOrNull(last)
	return o
}

// machine takes up where a run ran.
func (o *reportOrigin) machine(r store.Record) {
	var h host
	_ = store.ReadRunJSON(r.Dir, r.Attempt, "env.json", &h) // old or damaged: it says nothing
	note(&o.Hosts, h.Host)
	note(&o.Builds, h.Version)
	o.Modified = o.Modified || h.Diff != ""
	if h.OS != "" {
		text := h.OS + "/" + h.Arch
		if h.CPU != "" {
			text += ", " + h.CPU
		}
		if h.Driver != "" {
			text += ", NVIDIA driver " + h.Driver
		}
		note(&o.Platforms, text)
	}
	for _, g := range h.GPUs {
		note(&o.GPUs, g.Name)
	}
}

// lines are the origin in names and texts.
func (o reportOrigin) lines() [][2]string {
	if o.Runs == 0 {
		return [][2]string{{"runs", "none is done yet"}}
	}
	name, program, version := "commit", orUnknown(o.Programs), listed(o.Builds)
	if slices.Equal(o.Programs, o.Builds) { // no commit is known
		name, version = "program", ""
	}
	if o.Modified {
		program += ", with changes that no commit has"
	}
	if version == "(devel)" { // as Go calls what is no release
		version = ""
	}
	all := [][2]string{
		{"runs", fmt.Sprintf("%d done, %s", o.Runs, seedWords(o.Seeds))},
		{"time", utc(o.Started) + " to " + utc(o.Ended) + " UTC"},
		{"recipe", orUnknown(o.Recipes)},
		{name, program},
		{"version", version},
		{"host", listed(o.Hosts)},
		{"machine", listed(o.Platforms)},
		{"GPUs", listed(o.GPUs)},
		{"arithmetic", listed(o.Arithmetic)},
		{"design", o.Plan},
	}
	return slices.DeleteFunc(all, func(line [2]string) bool { return line[1] == "" })
}

// listed are words in a line, "" for none.
func listed(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return orUnknown(words)
}

// utc is a moment to the second, which is the same text wherever it is written.
func utc(t *float64) string {
	if t == nil {
		return "not known"
	}
	return time.UnixMilli(int64(*t * 1000)).UTC().Format(time.DateTime)
}
