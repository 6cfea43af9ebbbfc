package gpu_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ablate/gpu"
)

// fakeSampler gives the same readings for ever.
type fakeSampler []gpu.Device

func (f fakeSampler) Sample(context.Context) ([]gpu.Device, error) { return f, nil }
func (f fakeSampler) Close() error                                 { return nil }

func TestWrite(t *testing.T) {
	t.Parallel()
	busy, watts, used, total := 61.0, 388.4, uint64(71)<<30, uint64(96)<<30
	s := fakeSampler{
		{Index: 0, Name: "NVIDIA H20", UUID: "GPU-1", BusyPct: &busy, PowerW: &watts, MemoryUsedBytes: &used, MemoryTotalBytes: &total},
		{Index: 1, Error: "GPU is lost"},
	}
	var out strings.Builder
	if err := gpu.Write(t.Context(), &out, s, false, false); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"gpu device", "0 NVIDIA H20 61% 71.0/96.0 GB 388/– – GPU-1", "1 – –/– –/– – GPU is lost"} {
		line := strings.Join(strings.Fields(strings.Split(out.String(), "\n")[i]), " ")
		if !strings.HasPrefix(line, want) {
			t.Errorf("line %d is %q, want %q", i, line, want)
		}
	}
	out.Reset()
	if err := gpu.Write(t.Context(), &out, s, true, false); err != nil {
		t.Fatal(err)
	}
	var devices []map[string]any
	if err := json.Unmarshal([]byte(out.String()), &devices); err != nil {
		t.Fatal(err)
	}
	if devices[0]["busy_pct"] != 61.0 || devices[1]["busy_pct"] != nil {
		t.Errorf("busy is %v and %v, want 61 and null", devices[0]["busy_pct"], devices[1]["busy_pct"])
	}
}

func TestWriteAgainEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	if err := gpu.Write(ctx, &out, fakeSampler{{Name: "NVIDIA H20"}}, true, true); err != nil || out.Len() == 0 {
		t.Errorf("error %v after %q", err, out.String())
	}
}
