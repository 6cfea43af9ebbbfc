package record

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// What is added up from a recording is what was added up while it was made, to the
// rounding.
func TestUseOf(t *testing.T) {
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
	got, err := UseOf(NewReader(&file))
	if err != nil {
		t.Fatal(err)
	}
	want := m.Use()
	opts := cmp.Options{within(".Seconds", 0.1), within(".IdleSeconds", 0.1), within(".EnergyJ", 8), within(".PeakMemoryBytes", mib)}
	for _, share := range []string{".BusyPct", ".SMActivePct", ".TensorActivePct", ".DRAMActivePct"} {
		opts = append(opts, within(share, 0.01))
	}
	if diff := cmp.Diff(want, got, opts); diff != "" || want.Seconds < 4*1400 || *want.IdleSeconds < 4*50 {
		t.Errorf("(-metered +read):\n%s", diff)
	}
	if _, err := UseOf(NewReader(iotest.ErrReader(os.ErrPermission))); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v, want %v", err, os.ErrPermission)
	}
}
