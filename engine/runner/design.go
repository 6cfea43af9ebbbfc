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
	Stop      []experiments.StopRule `json:"stop"`
	GPUs      int                    `json:"gpus"` // that a run holds
	Placement experiments.Placement  `json:"placement"`
}

// readDesign reads STORE/EXPERIMENT/plan.json. Most plans say nothing that
// matters here and may have thousands of cells: those are not decoded. A run
// without a plan has an empty design.
func (r *Runner) readDesign() (d design, err error) {
	text, err := os.ReadFile((&store.Store{Dir: storeDir(r.Dir, r.run.ID)}).PlanFile(r.run.Experiment))
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	says := func(key string) bool { return bytes.Contains(text, []byte(`"`+key+`":`)) }
	if err == nil && (says("stop") || says("gpus") || says("placement")) {
		err = json.Unmarshal(text, &d)
	}
	return d, err
}

// storeDir is the store that an attempt of a run is in: the id is the run's path
// there.
func storeDir(attempt, id string) string {
	dir := filepath.Dir(attempt)
	for range strings.SplitSeq(id, "/") {
		dir = filepath.Dir(dir)
	}
	return dir
}
