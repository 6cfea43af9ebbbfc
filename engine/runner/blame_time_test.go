package runner

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments/store"
	"ablate/gpu"
)

// A failed run names what is wrong with its GPUs and may have ended it, and nothing else.
func TestBlame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		at   func(seconds int, devices []gpu.Device)
		want string
	}{
		{"nothing", func(int, []gpu.Device) {}, ""},
		{"lost with an XID", func(s int, d []gpu.Device) {
			if s >= 8 {
				d[1].Error, d[1].XIDs = "read power: the GPU is lost (NVML error 15)", []gpu.XID{{Time: float64(time.Now().Unix()), Code: 79, Text: "fallen off the bus"}}
			}
		}, "; GPU 1: lost; GPU 1: XID 79"},
		{"of the program", func(s int, d []gpu.Device) {
			if s >= 8 {
				d[1].XIDs = []gpu.XID{{Time: float64(time.Now().Unix()), Code: 31, Text: "memory page fault"}}
			}
		}, ""},
		{"too hot", func(_ int, d []gpu.Device) { d[1].Throttle = []string{"too hot (hardware)"} }, ""},
		{"another's", func(s int, d []gpu.Device) {
			if s >= 8 {
				d[2].Error = "read power: the GPU is lost (NVML error 15)"
			}
		}, ""},
		{"over", func(s int, d []gpu.Device) {
			if s == 1 {
				d[1].Error = "read power: the GPU is lost (NVML error 15)"
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				g, events := follow(t, gpuWatch{claimed: []string{"GPU-0", "GPU-1"}}, 15*time.Second, func(s int) []gpu.Device {
					d := node(4, s)
					c.at(s, d)
					return d
				})
				if got := g.blame(began); got != c.want {
					t.Errorf("%q, want %q; events were %q", got, c.want, events)
				}
				if got := g.blame(time.Now()); got != "" {
					t.Errorf("of before it began: %q", got)
				}
			})
		})
	}
}

// The end of a trainer that failed waits for the next reading, and not for a driver that
// hangs.
func TestReadOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		hangs bool
		held  []string
		want  time.Duration
	}{{"held", false, []string{"GPU-0"}, time.Second / 2}, {"none", false, nil, 0}, {"hangs", true, []string{"GPU-0"}, lastWait}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer synctest.Wait()
				defer cancel()
				at := func(s int) []gpu.Device {
					if c.hangs && s > 0 {
						return nil
					}
					return node(1, s)
				}
				r := Runner{claimed: &gpu.Claim{UUIDs: c.held}}
				r.gpus = gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return machine{time.Now(), at}, nil })
				time.Sleep(time.Second / 2)
				began := time.Now()
				r.readOnce()
				if d := time.Since(began); d < c.want || d > c.want+time.Second/10 {
					t.Errorf("it took %v, want %v", d, c.want)
				}
			})
		})
	}
}

// An attempt after one that a GPU ended takes that one's GPUs last.
func TestSuspects(t *testing.T) {
	allVisible(t)
	for reason, want := range map[string]string{"exit code 1: x; GPU 0: XID 79": "GPU-b", "exit code 1: x": "GPU-a"} {
		r := claimant(t, `{"gpus":1}`, "", four())
		before := r.Dir
		r.Dir = filepath.Join(filepath.Dir(before), "a2")
		if err := os.Mkdir(r.Dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]any{"start.json": store.Start{Held: []string{"GPU-a"}}, "exit.json": store.Exit{Code: 1, Reason: reason}} {
			if err := store.WriteJSON(filepath.Join(before, name), v); err != nil {
				t.Fatal(err)
			}
		}
		c, err := r.claim()
		if err != nil || c.UUIDs[0] != want {
			t.Errorf("after %q: %+v, %v; want %s", reason, c, err, want)
		}
	}
}
