package runner

import (
	"path/filepath"

	"ablate/experiments/store"
)

// workdir is the folder that whoever asked for the run named last, so that paths
// in its command mean what they meant to the one who wrote it. If nobody named
// one it is the folder that holds the store, where experiments.toml stands.
func (r *Runner) workdir() string {
	runDir := filepath.Dir(r.Dir)
	dir := filepath.Dir(storeDir(r.Dir, r.run.ID))
	asked, err := store.ReadAsked(runDir)
	if err != nil {
		r.event("alert", err.Error())
	}
	for _, a := range asked {
		if filepath.IsAbs(a.Workdir) {
			dir = a.Workdir
		}
	}
	return dir
}
