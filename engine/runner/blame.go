package runner

import (
	"fmt"
	"strings"
	"time"

	"ablate/experiments/store"
	"ablate/gpu/alert"
)

// lastWait is how long the end of a trainer that failed waits for a reading of its GPUs
// that was begun after it: what ends a trainer is often told a moment later.
const lastWait = 2 * time.Second

// readOnce waits for such a reading.
func (r *Runner) readOnce() {
	if len(r.claimed.UUIDs) > 0 {
		_, _ = awaitSample(r.gpus, lastWait, time.Now()) // a driver that hangs is told of, too
	}
}

// ends says which kinds of alerts can end a trainer.
var ends = map[alert.Kind]bool{alert.NotAnswering: true, alert.Lost: true, alert.ResetRequired: true, alert.XID: true, alert.ECC: true}

// blame is what has gone wrong with the run's GPUs since it began that may have ended
// its trainer: "; GPU 3: XID 79", "" for nothing.
func (g *gpuWatch) blame(began time.Time) (text string) {
	now := float64(time.Now().UnixNano()) / 1e9
	for _, a := range g.alerts.Now() {
		if !a.Grave || !ends[a.Kind] || a.Time < float64(began.UnixNano())/1e9 || !g.concerns(now, a) {
			continue
		}
		name := "driver"
		if a.Index >= 0 {
			name = fmt.Sprintf("GPU %d", a.Index)
		}
		text += fmt.Sprintf("; %s: %s", name, a.Short)
	}
	return text
}

// suspects are the GPUs of the attempt of a run before its newest, if one of them was
// blamed for its end.
func suspects(runDir string) []string {
	n, err := store.Attempts(runDir)
	if err != nil || n < 2 {
		return nil
	}
	var exit store.Exit
	var start store.Start
	if store.ReadRunJSON(runDir, n-1, "exit.json", &exit) != nil || !strings.Contains(exit.Reason, "; GPU ") ||
		store.ReadRunJSON(runDir, n-1, "start.json", &start) != nil {
		return nil
	}
	return start.Held
}
