package runner

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"ablate/experiments/store"
	"ablate/gpu"
)

// Environment is env.json: where and with what an attempt ran. It is provenance
// and never part of a cell's identity.
type Environment struct {
	Build   string       `json:"build"` // of this program
	Version string       `json:"version"`
	Go      string       `json:"go"`
	OS      string       `json:"os"`
	Arch    string       `json:"arch"`
	Host    string       `json:"host"`
	CPUs    int          `json:"cpus"` // usable by this process
	GPUs    []gpu.Device `json:"gpus"`
	Commit  string       `json:"git_commit"` // of the working folder
	Diff    string       `json:"git_diff"`   // against it, shortened
	Workdir string       `json:"workdir"`

	// Arithmetic is what the built-in recipes computed with, and whether their
	// bits are those of other machines; a command has its own.
	Arithmetic string `json:"arithmetic,omitempty"`

	Provenance
}

// maxDiff bounds the difference that is kept.
const maxDiff = 256 << 10

func readEnvironment(r *Runner) Environment {
	dir := r.workdir()
	e := Environment{
		Build: r.Build, Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPUs: runtime.GOMAXPROCS(0), GPUs: []gpu.Device{}, Workdir: dir,
	}
	e.Commit, e.Diff = revision(dir)
	if r.builtIn() {
		e.Arithmetic = r.Arithmetic
	}
	e.Host, _ = os.Hostname() // provenance: an empty name is no reason to stop
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		e.Version = info.Main.Version
	}
	if len(e.Diff) > maxDiff {
		e.Diff = e.Diff[:maxDiff] + "\n... shortened\n"
	}
	e.GPUs = append(e.GPUs, latest(r.gpus)...)
	return e
}

func (e Environment) gpuUUIDs() []string {
	ids := []string{}
	for _, d := range e.GPUs {
		ids = append(ids, string(d.UUID))
	}
	return ids
}

// tell adds the machine's GPUs to env.json once they are known: no start waits for a
// driver on which it does not depend.
func (g *gpuWatch) tell() {
	if g.untold == nil {
		return
	}
	if g.untold.GPUs = append(g.untold.GPUs, latest(g.watch)...); len(g.untold.GPUs) > 0 {
		_ = store.WriteJSON(filepath.Join(g.dir, "env.json"), g.untold) // provenance: what was there stays
		g.untold = nil
	}
}
