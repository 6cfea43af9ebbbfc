package run

import (
	"testing"

	"ablate/experiments/store"
)

// The axis of steps jumps, a few times in all, and ends where the steps do.
func TestAxisJumps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		total, step, want float64
		status            store.Status
	}{
		{"just begun", 8000, 40, 50, store.Running},
		{"a little later", 8000, 62, 100, store.Running},
		{"before an eighth", 8000, 999, 1000, store.Running},
		{"an eighth", 8000, 1000, 8000, store.Running},
		{"done", 8000, 8000, 8000, store.Done},
		{"stopped early", 8000, 40, 0, store.Stopped},
		{"further than planned", 100, 150, 200, store.Running},
		{"nobody knows how many", 0, 1, 1, store.Running},
		{"and goes on", 0, 201, 500, store.Running},
		{"and ended", 0, 201, 0, store.Done},
		{"no step", 8000, 0, 0, store.Running},
	} {
		p := &Page{}
		p.facts.record.Status = tt.status
		p.curves.shown = &points{last: map[string]float64{"train/total_steps": tt.total}}
		if got := p.end(tt.step); got != tt.want {
			t.Errorf("%s: %v of %v steps end at %v, want %v", tt.name, tt.step, tt.total, got, tt.want)
		}
	}
}
