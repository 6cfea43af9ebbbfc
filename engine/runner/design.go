package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
)

// design is what a runner needs of its experiment's plan, as that is when the
// attempt starts.
type design struct {
	Stop []experiments.StopRule `json:"stop"`
	GPUs int                    `json:"gpus"` // that a run holds
}

// readDesign reads STORE/EXPERIMENT/plan.json. Most plans say nothing that
// matters here and may have thousands of cells: those are not decoded. A run
// without a plan has an empty design.
func (r *Runner) readDesign() (d design, err error) {
	text, err := os.ReadFile((&store.Store{Dir: r.storeDir()}).PlanFile(r.run.Experiment))
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err == nil && (bytes.Contains(text, []byte(`"stop":`)) || bytes.Contains(text, []byte(`"gpus":`))) {
		err = json.Unmarshal(text, &d)
	}
	return d, err
}

// storeDir is the store that the attempt is in: a run's id is its path there.
func (r *Runner) storeDir() string {
	dir := filepath.Dir(r.Dir)
	for range strings.SplitSeq(r.run.ID, "/") {
		dir = filepath.Dir(dir)
	}
	return dir
}
