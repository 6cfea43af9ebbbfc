package report

import (
	"fmt"
	"slices"
	"strings"
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
		o.machine(o.add(r, recipe))
		if !slices.Contains(o.Seeds, r.Seed) {
			o.Seeds = append(o.Seeds, r.Seed)
		}
		if r.Started > 0 && (first == 0 || r.Started < first) {
			first = r.Started
		}
		last = max(last, r.Ended)
	}
	slices.Sort(o.Seeds)
	o.Started, o.Ended = nullIfZero(first), nullIfZero(last)
	return o
}

// machine takes up where a run ran.
func (o *reportOrigin) machine(e environment) {
	note(&o.Hosts, e.Host)
	note(&o.Builds, e.Version)
	o.Modified = o.Modified || e.Diff != ""
	if e.OS != "" {
		text := e.OS + "/" + e.Arch
		if e.CPU != "" {
			text += ", " + e.CPU
		}
		if e.Driver != "" {
			text += ", NVIDIA driver " + e.Driver
		}
		note(&o.Platforms, text)
	}
	for _, g := range e.GPUs {
		note(&o.GPUs, g.Name)
	}
}

// lines are the origin in names and texts.
func (o reportOrigin) lines() [][2]string {
	if o.Runs == 0 {
		return [][2]string{{"runs", "none is done yet"}}
	}
	name, program, version := "commit", orUnknown(o.Programs), strings.Join(o.Builds, ", ")
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
		{"host", strings.Join(o.Hosts, ", ")},
		{"machine", strings.Join(o.Platforms, ", ")},
		{"GPUs", strings.Join(o.GPUs, ", ")},
		{"arithmetic", strings.Join(o.Arithmetic, ", ")},
		{"design", o.Plan},
	}
	return slices.DeleteFunc(all, func(line [2]string) bool { return line[1] == "" })
}

// utc is a moment to the second, which is the same text wherever it is written.
func utc(t *float64) string {
	if t == nil {
		return "not known"
	}
	return time.UnixMilli(int64(*t * 1000)).UTC().Format(time.DateTime)
}
