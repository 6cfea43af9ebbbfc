package driver

import (
	"math"
	"strings"
	"testing"
)

// Whatever nvidia-smi prints: no panic, GPUs in the order of their index, each once, and
// nothing that JSON could not carry to the parent.
func FuzzSMI(f *testing.F) {
	row := "0, 2, GPU-0, NVIDIA H20, 92, 40, 60000, 97871, 355.25, 500.00, 61, N/A, 1200, 1980, 2619, 2619, 0x0000000000000004, 0, 2, Enabled\n"
	f.Add(row + "1" + row[1:] + row)
	f.Add(strings.Replace(row, "92", "[GPU is lost]", 1) + "Unable to determine the device handle\n" + row)
	odd := strings.NewReplacer("355.25", "NaN", "61", "-Inf", "1980", "1e999").Replace(row)
	f.Add(odd + "1" + odd[1:])
	f.Add(strings.Replace(row, "2, ", "-9223372036854775808, ", 1) + row)
	f.Add("GPU-0, 4711, 3072\nGPU-0, 12, [N/A]\nGPU-1, -1, 18446744073709551615\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := &smi{columns: columns(), fresh: make(chan struct{}, 1)}
		s.listen(strings.NewReader(text))
		for i, d := range s.round.devices {
			if i > 0 && d.Index <= s.round.devices[i-1].Index {
				t.Errorf("GPU %d behind GPU %d", d.Index, s.round.devices[i-1].Index)
			}
			for _, v := range []*float64{d.BusyPct, d.PowerW, d.TemperatureC, d.SMClockMHz} {
				if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
					t.Errorf("GPU %d has a reading of %v", d.Index, *v)
				}
			}
		}
		parseApps(text)
		without(columns(), refusedColumn(text))
		if line := firstLine(text); strings.ContainsAny(line, "\n\x1b\a\r") {
			t.Errorf("a first line %q", line)
		}
	})
}
