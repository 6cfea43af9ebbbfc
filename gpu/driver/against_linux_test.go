//go:build !nonvml

package driver

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
	"ablate/gpu/nvml"
)

// Where a driver is, its library and its program tell the same: what does not change to
// the last digit, and what does by no more than it changes between two looks.
func TestAgainstNvidiaSMI(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath(smiProgram)
	if err != nil {
		t.Skip("skipped: this machine has no nvidia-smi to compare with")
	}
	library, err := nvml.Open("")
	if err != nil {
		t.Skip("skipped: NVML cannot be opened here: ", err)
	}
	defer library.Close()
	program, err := openSMI(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	before := gputest.Sample(t, program)
	devices := slices.DeleteFunc(gputest.Sample(t, library), func(d gpu.Device) bool { return d.Slice != nil })
	all := asked(t, path)
	after := gputest.Sample(t, program)
	if len(before) != len(devices) || len(after) != len(devices) || len(all) != len(devices) {
		t.Fatalf("NVML lists %d GPUs, nvidia-smi %d, then %d, and with -q %d", len(devices), len(before), len(after), len(all))
	}
	for i, d := range devices {
		a, b := before[i], after[i]
		constant := func(d gpu.Device) gpu.Device {
			return gpu.Device{
				Host: d.Host, Index: d.Index, UUID: d.UUID, Name: d.Name, MemoryTotalBytes: rounded(d.MemoryTotalBytes), PowerLimitW: d.PowerLimitW,
				SMClockMaxMHz: d.SMClockMaxMHz, MemoryClockMaxMHz: d.MemoryClockMaxMHz, Persistence: d.Persistence,
				ECCCorrected: d.ECCCorrected, ECCUncorrected: d.ECCUncorrected,
			}
		}
		near := cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) < 0.01 })
		if diff := cmp.Diff(constant(a), constant(d), near); diff != "" {
			t.Errorf("GPU %d (-nvidia-smi +NVML):\n%s", i, diff)
		}
		for _, r := range []struct {
			what       string
			of         func(gpu.Device) *float64
			slack, per float64 // in the unit of the reading, and of its value
		}{
			{"busy share", func(d gpu.Device) *float64 { return d.BusyPct }, 25, 0},
			{"memory's busy share", func(d gpu.Device) *float64 { return d.MemoryBusyPct }, 25, 0},
			{"memory in MiB", func(d gpu.Device) *float64 { return mibOf(d.MemoryUsedBytes) }, 64, 0.05},
			{"power", func(d gpu.Device) *float64 { return d.PowerW }, 20, 0.2},
			{"temperature", func(d gpu.Device) *float64 { return d.TemperatureC }, 4, 0},
			{"memory temperature", func(d gpu.Device) *float64 { return d.MemoryC }, 4, 0},
			{"SM clock", func(d gpu.Device) *float64 { return d.SMClockMHz }, 60, 0.1},
			{"memory clock", func(d gpu.Device) *float64 { return d.MemoryClockMHz }, 10, 0.01},
		} {
			x, y, z := r.of(a), r.of(d), r.of(b)
			if (x == nil) != (y == nil) || x != nil && (*y < min(*x, *z)-r.slack-r.per**x || *y > max(*x, *z)+r.slack+r.per**x) {
				t.Errorf("GPU %d: %s is %v by NVML, and %v and %v by nvidia-smi", i, r.what, number(y), number(x), number(z))
			}
		}
		if cmp.Equal(a.Throttle, b.Throttle) && !cmp.Equal(a.Throttle, d.Throttle) {
			t.Errorf("GPU %d is throttled by NVML: %q, by nvidia-smi: %q", i, d.Throttle, a.Throttle)
		}
		for key, word := range reasons {
			said := all[i]["clocks_event_reasons/clocks_event_reason_"+key] + all[i]["clocks_throttle_reasons/clocks_throttle_reason_"+key]
			if said != "" && slices.Contains(a.Throttle, word) && slices.Contains(b.Throttle, word) && said != "Active" {
				t.Errorf("GPU %d: %q is %q with -q", i, word, said)
			}
		}
		if said := all[i]["max_clocks/sm_clock"]; d.SMClockMaxMHz != nil && said != "" && said != number(d.SMClockMaxMHz)+" MHz" {
			t.Errorf("GPU %d: the greatest clock is %s by NVML, %q with -q", i, number(d.SMClockMaxMHz), said)
		}
		if said := all[i]["uuid"]; said != string(d.UUID) {
			t.Errorf("GPU %d is %s by NVML, %q with -q", i, d.UUID, said)
		}
	}
}

// reasons are the names of nvidia-smi -q for what holds clocks down.
var reasons = map[string]string{
	"sw_power_cap": "power cap", "sw_thermal_slowdown": "too hot", "hw_thermal_slowdown": "too hot (hardware)",
	"hw_slowdown": "hardware slowdown", "hw_power_brake_slowdown": "power brake", "sync_boost": "sync boost",
}

func number(v *float64) string {
	if v == nil {
		return "nothing"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// asked is what `nvidia-smi -q` says of each GPU, by the names of two levels.
func asked(t *testing.T, path string) (all []map[string]string) {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), path, "-q", "-x").Output()
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for tokens := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if at = append(at, token.Name.Local); len(at) == 2 && at[1] == "gpu" {
				all = append(all, map[string]string{})
			}
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			if said := strings.TrimSpace(string(token)); said != "" && len(at) > 2 && at[1] == "gpu" {
				all[len(all)-1][strings.Join(at[2:], "/")] = said
			}
		}
	}
}

// rounded is a number of bytes as nvidia-smi has it, in MiB.
func rounded(v *uint64) *uint64 {
	if v == nil {
		return nil
	}
	return new(*v / mib)
}

func mibOf(v *uint64) *float64 {
	if v == nil {
		return nil
	}
	return new(float64(*v) / mib)
}
