package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ablate/experiments/store"
)

// Provenance is what else env.json tells of how an attempt came about. No secret
// is in it.
type Provenance struct {
	Command   []string          `json:"command"`             // of the trainer
	Variables map[string]string `json:"variables"`           // of its environment
	Data      []DataFile        `json:"data,omitempty"`      // of a command
	Generated string            `json:"generated,omitempty"` // what made the data of a built-in recipe
	Machine
}

// Machine is what a trainer computes on; what cannot be read is left out.
type Machine struct {
	CPU          string  `json:"cpu_model,omitempty"`
	Memory       uint64  `json:"memory_bytes,omitempty"`
	Kernel       string  `json:"kernel,omitempty"`
	CgroupCPUs   float64 `json:"cgroup_cpus,omitempty"` // that a limit leaves
	CgroupMemory uint64  `json:"cgroup_memory_bytes,omitempty"`
	Driver       string  `json:"nvidia_driver,omitempty"`
}

// DataFile is a file that a parameter of a command names, as it was when the
// trainer began.
type DataFile struct {
	Param    string  `json:"param"`
	Path     string  `json:"path"`
	Bytes    int64   `json:"bytes"`
	Modified float64 `json:"modified"` // seconds since 1970
	SHA256   string  `json:"sha256,omitempty"`
	Partial  bool    `json:"partial,omitempty"` // the hash is of its first and last MB only
	Error    string  `json:"error,omitempty"`
}

// provenance is that of a trainer with this command and environment.
func (r *Runner) provenance(argv, env []string) Provenance {
	p := Provenance{Command: cleanArgv(argv), Variables: cleanVariables(env), Machine: machineAt("/")}
	if r.builtIn() {
		p.Generated = fmt.Sprintf("recipe %s, version %d, seed %d", r.run.Recipe, r.run.RecipeVersion, r.run.Seed)
		return p
	}
	dir := r.workdir()
	for _, name := range slices.Sorted(maps.Keys(r.run.Params)) {
		path, ok := r.run.Params[name].(string)
		if !ok || path == "" {
			continue
		}
		at := path
		if !filepath.IsAbs(at) {
			at = filepath.Join(dir, at)
		}
		if d, ok := dataFile(at, wholeHash); ok {
			d.Param, d.Path = name, masked(path)
			p.Data = append(p.Data, d)
		}
	}
	return p
}

// A file up to wholeHash is hashed in full, which takes less than a second where
// it is in memory afterwards anyhow, for its trainer to read.
const (
	wholeHash = 256 << 20
	endHash   = 1 << 20
)

// dataFile describes the file at path; ok is false if there is no regular one.
func dataFile(path string, whole int64) (d DataFile, ok bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return d, false
	}
	d.Bytes, d.Modified = info.Size(), float64(info.ModTime().UnixNano())/1e9
	f, err := store.OpenFile(path)
	if err != nil {
		d.Error = err.Error()
		return d, true
	}
	defer f.Close()
	h := sha256.New()
	if d.Partial = d.Bytes > whole; d.Partial {
		_, err = io.Copy(h, io.MultiReader(io.NewSectionReader(f, 0, endHash), io.NewSectionReader(f, d.Bytes-endHash, endHash)))
	} else {
		_, err = io.Copy(h, f)
	}
	if err != nil {
		d.Error = err.Error()
		return d, true
	}
	d.SHA256 = hex.EncodeToString(h.Sum(nil))
	return d, true
}
