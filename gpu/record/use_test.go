package record

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// What is added up from a recording is what was added up while it was made, to the
// rounding.
func TestUseOfRecording(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	var m gpu.Meter
	w, n := NewWriter(&file), newNoise(4)
	for range 1500 {
		s := n.next()
		m.Add(s.Time, s.Devices)
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	var again gpu.Meter
	for _, s := range readAll(t, &file, 0) {
		again.Add(s.Time, s.Devices)
	}
	got, want := again.Use(), m.Use()
	opts := cmp.Options{
		within(0.1, "Seconds", "IdleSeconds"), within(8, "EnergyJ"), within(mib, "PeakMemoryBytes"),
		within(0.01, "BusyPct", "SMActivePct", "TensorActivePct", "DRAMActivePct"),
	}
	if diff := cmp.Diff(want, got, opts); diff != "" || want.Seconds < 4*1400 || *want.IdleSeconds < 4*50 {
		t.Errorf("(-metered +read):\n%s", diff)
	}
}
