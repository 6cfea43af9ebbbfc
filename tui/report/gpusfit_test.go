package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ablate/gpu"
	"ablate/tui/report"
)

// However narrow a terminal is, no line of the table wraps; who has a GPU and what is
// wrong with it is said in the last place.
func TestGPUTableFits(t *testing.T) {
	t.Parallel()
	lost, other := gpu.Device{Index: 1, Name: "NVIDIA H20", Error: "open GPU: the GPU is lost (it fell off the bus) (NVML error 15)"}, h20(2)
	other.Processes = []gpu.Process{{PID: 7, User: "ada", Command: "中文 train.py --steps 1000 --batch-size 16 --lr 1e-5"}}
	long := other
	other.Throttle = []string{"power cap"}
	nodes := []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{h20(0), lost, other}}}
	var b strings.Builder
	if err := report.GPUTable(&b, []gpu.Node{{Name: gpu.Local, Devices: []gpu.Device{long}}}, time.Now(), 60); err != nil || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("%v: of a GPU with no state more than its row:\n%s", err, b.String())
	}
	for width, head := range map[int]string{
		200: "gpu device busy SM tensor HBM memory GB power W °C MHz held by state",
		80:  "gpu device busy HBM memory GB power W held by state",
		60:  "gpu busy memory GB held by state",
		40:  "gpu memory GB held by state",
		9:   "",
	} {
		var b strings.Builder
		if err := report.GPUTable(&b, nodes, time.Now(), width); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		if got := strings.Join(strings.Fields(lines[0]), " "); head != "" && got != head {
			t.Errorf("width %d: columns %q, want %q", width, got, head)
		}
		for _, line := range lines {
			if n := ansi.StringWidth(line); n > width && width >= 40 {
				t.Errorf("width %d: %d wide: %q", width, n, line)
			}
		}
		if text := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(text, "(NVML error 15)") || width >= 40 && !strings.Contains(text, "power cap") {
			t.Errorf("width %d: the state is lost:\n%s", width, b.String())
		}
	}
}
