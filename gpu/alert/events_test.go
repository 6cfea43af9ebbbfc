package alert

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// Every XID is told once, though the driver's list keeps it for ever, and one that
// comes again and again is one thing. Times are of the clock of the GPU's machine.
func TestWatchXIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		skew float64 // of the machine's clock
		want []string
	}{
		{"this machine", 0, []string{
			"0 GPU 2: XID 31, memory page fault",
			"60 GPU 2: XID 31: none for 1m0s",
			"100 GPU 2: XID 13, graphics engine exception",
			"100 GPU 2: XID 9999",
			"160 GPU 2: XID 9999: none for 1m0s",
			"190 GPU 2: XID 13: none for 1m0s",
			"300 GPU 2: XID 79, fallen off the bus; restart the machine",
			"300 GPU 2: XID 13, graphics engine exception",
			"360 GPU 2: XID 13: none for 1m0s",
			"900 GPU 2: XID 79: none for 10m0s",
		}},
		{"a clock that is a day behind", -86400, []string{
			"100 GPU 2: XID 13, graphics engine exception",
			"100 GPU 2: XID 9999",
			"160 GPU 2: XID 9999: none for 1m0s",
			"190 GPU 2: XID 13: none for 1m0s",
			"300 GPU 2: XID 79, fallen off the bus; restart the machine",
			"300 GPU 2: XID 13, graphics engine exception",
			"360 GPU 2: XID 13: none for 1m0s",
			"900 GPU 2: XID 79: none for 10m0s",
		}},
	} {
		var w Watch
		var all []gpu.XID
		happens := func(second float64, code int, text string) {
			all = append(all, gpu.XID{Time: start + c.skew + second, Code: code, Text: text})
		}
		happens(-4000, 79, "fallen off the bus")
		happens(-30, 31, "memory page fault")
		got := told(&w, 1000, func(second int, _ *gpu.Node, d *gpu.Device) {
			switch second {
			case 100:
				happens(99.5, 13, "graphics engine exception")
				happens(99.5, 9999, "")
			case 130:
				happens(129.1, 13, "graphics engine exception")
			case 300:
				happens(299.1, 79, "fallen off the bus")
				happens(299.2, 13, "graphics engine exception")
			}
			d.XIDs = all
		})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Of the XIDs that NVIDIA's table sends to a reset or a restart work is lost; most
// others are of the program.
func TestXIDsThatAreGrave(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]bool{
		48: true, 63: true, 64: true, 74: true, 79: true, 94: true, 95: true, 119: true, 120: true,
		13: false, 31: false, 43: false, 45: false, 0: false, -1: false, 1 << 40: false,
	} {
		var w Watch
		told(&w, 2, func(second int, _ *gpu.Node, d *gpu.Device) {
			d.XIDs = []gpu.XID{{Time: start + float64(second), Code: code}}
		})
		if now := w.Now(); len(now) != 1 || now[0].Grave != want || now[0].Kind != XID || now[0].Short != fmt.Sprintf("XID %d", code) {
			t.Errorf("XID %d: %+v, want grave %v", code, now, want)
		}
	}
}

// Errors of the memory count as they come, and a driver that is loaded anew counts from 0.
func TestWatchCountsECC(t *testing.T) {
	t.Parallel()
	var w Watch
	got := told(&w, 2000, func(second int, _ *gpu.Node, d *gpu.Device) {
		uncorrected, corrected := uint64(5), uint64(second/10) // one in 10 s is not fast
		if second >= 1000 {
			uncorrected, corrected = 0, 0 // loaded anew
		}
		if second >= 1200 {
			uncorrected = 1
		}
		if second%7 == 0 {
			uncorrected = 9223372036854775794 // a blank
		}
		d.ECCUncorrected, d.ECCCorrected = &uncorrected, &corrected
	})
	want := []string{
		"1200 GPU 2: memory errors that ECC could not correct (1 since the driver was loaded); results may be wrong, restart the run, reset the GPU",
		"1800 GPU 2: ECC: none for 10m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
