package gpu

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDeviceJSON holds the contract: what was not read is null, a reading of
// zero is 0, and both come back as they were.
func TestDeviceJSON(t *testing.T) {
	t.Parallel()
	d := Device{Index: 1, UUID: "GPU-1", BusyPct: new(0.0), MemoryUsedBytes: new(uint64(0)), Throttle: []string{}}
	const want = `{"host":null,"index":1,"uuid":"GPU-1","name":null,"busy_pct":0,"sm_active_pct":null,` +
		`"tensor_active_pct":null,"dram_active_pct":null,"memory_used_bytes":0,"memory_total_bytes":null,` +
		`"power_w":null,"power_limit_w":null,"temperature_c":null,"throttle":[],"energy_j":null,` +
		`"processes":null,"age_s":0,"error":null,"mig_slice":null,"sm_occupancy_pct":null,"memory_busy_pct":null,` +
		`"memory_temperature_c":null,"sm_clock_mhz":null,"sm_clock_max_mhz":null,"memory_clock_mhz":null,` +
		`"memory_clock_max_mhz":null,"ecc_corrected":null,"ecc_uncorrected":null,"remapped_rows":null,"repair":null,` +
		`"persistence":null,"xids":null,"claimed_by":null}`
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var back Device
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back); diff != "" {
		t.Errorf("there and back (-want +got):\n%s", diff)
	}
}
