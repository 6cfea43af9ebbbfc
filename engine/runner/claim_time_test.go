package runner

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ablate/engine"
	"ablate/gpu"
)

// A driver that hangs may come back: the run waits in the queue. One that takes its
// time to begin is waited for.
func TestClaimOverAHang(t *testing.T) {
	allVisible(t)
	for _, tt := range []struct {
		takes time.Duration
		want  string
	}{{time.Hour, "what the run needs cannot be had now: the NVIDIA driver does not answer"}, {15 * time.Second, ""}} {
		dir := claimant(t, `{"gpus":4}`, "")
		synctest.Test(t, func(t *testing.T) {
			r := *dir
			r.gpus = gpu.NewWatch(t.Context(), func() (gpu.Sampler, error) {
				time.Sleep(tt.takes)
				return &fakeGPUs{calls: [][]gpu.Device{four()}}, nil
			})
			began := time.Now()
			c, err := r.claim()
			switch {
			case tt.want == "" && (err != nil || len(c.UUIDs) != 4):
				t.Errorf("a slow driver: %v", err)
			case tt.want != "" && (!errors.Is(err, engine.ErrBusy) || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("a driver that hangs: %v, want %s", err, tt.want)
			}
			if d := time.Since(began); d > driverPatience+time.Second {
				t.Errorf("it took %v", d)
			}
			time.Sleep(tt.takes) // for the opening to end
		})
	}
}
