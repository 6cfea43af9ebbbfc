package agent

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// Every text of a frame is made fit for a terminal: the test puts what steers one into
// all that JSON has, so that a field of a later version is not forgotten.
func TestNothingSteersATerminal(t *testing.T) {
	t.Parallel()
	const evil = "a\x1b]0;x\x07\u009b31m\u202e\r\nb\u2028\x7f\ufffd"
	f := Frame{Error: evil, Kind: evil, Devices: []gpu.Device{{
		Host: evil, UUID: evil, Name: evil, Error: evil, Repair: evil, Throttle: []string{evil},
		XIDs: []gpu.XID{{Text: evil}}, Processes: []gpu.Process{{User: evil, Command: evil}},
		ClaimedBy: &gpu.Holder{User: evil, Store: evil, Run: evil},
	}}}
	line, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Devices[0]
	for _, text := range []string{
		got.Error, got.Kind, string(d.Host), string(d.UUID), string(d.Name), string(d.Error), string(d.Repair), d.Throttle[0],
		d.XIDs[0].Text, string(d.Processes[0].User), string(d.Processes[0].Command), d.ClaimedBy.User, d.ClaimedBy.Store, d.ClaimedBy.Run,
	} {
		if text != "a]0;x31m  b " {
			t.Errorf("%q is left of %q", text, evil)
		}
	}
	shown, _ := json.Marshal(got)
	if i := bytes.IndexFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("it has %q", shown[i:])
	}
	long, err := Parse([]byte(`{"age_s":0,"error":"` + strings.Repeat("ä", 5000) + `"}`))
	if err != nil || long.Error != strings.Repeat("ä", longestText/2) {
		t.Errorf("%d bytes of a long text are left, %v", len(long.Error), err)
	}
}

// Numbers that no machine has are not read, which is not the same as zero.
func TestNumbersOfNoMachine(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte(`{"age_s":1,"devices":[{"power_w":1e300,"busy_pct":-1e300,"energy_j":9e14,"xids":[{"time":1e300,"code":79}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := gpu.Device{EnergyJ: new(9e14), XIDs: []gpu.XID{{Code: 79}}}
	if d := cmp.Diff(want, f.Devices[0]); d != "" {
		t.Error(d)
	}
	for _, text := range []string{`{"age_s":1e17}`, `{"age_s":0,"devices":[{"age_s":-1}]}`, `{"age_s":0,"devices":[{"age_s":1e16}]}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s is a frame", text)
		}
	}
}

// The fullest line is no way to fill the memory of who reads it.
func TestFramesAreBounded(t *testing.T) {
	for _, part := range []string{`{}`, `{"xids":[{}]}`, `{"processes":[{},{}]}`, `{"throttle":["",""]}`} {
		line := []byte(`{"age_s":0,"devices":[` + strings.Repeat(part+",", (longest-100)/(len(part)+1)) + `{}]}`)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(line)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%d times %s is a frame", bytes.Count(line, []byte(part)), part)
		}
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 64 {
			t.Errorf("%s: %d MB to refuse a line of %d MB", part, took, len(line)>>20)
		}
	}
	full := []byte(`{"age_s":0,"devices":[` + strings.Repeat(`{"processes":[`+strings.Repeat(`{},`, 999)+`{}]},`, 15) + `{}]}`)
	if f, err := Parse(full); err != nil || len(f.Devices) != 16 || len(f.Devices[0].Processes) != 1000 {
		t.Errorf("a full machine: %v", err)
	}
}

// endless gives the same line over and over.
type endless string

func (e endless) Read(p []byte) (n int, err error) {
	for n+len(e) <= len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// BenchmarkFlood is the share of a core that a host takes which sends without end.
func BenchmarkFlood(b *testing.B) {
	frame, err := json.Marshal(Frame{Devices: make([]gpu.Device, 8)})
	if err != nil {
		b.Fatal(err)
	}
	for name, line := range map[string]string{"smallest": `{"age_s":0}`, "frames": string(frame), "noise": "y"} {
		b.Run(name, func(b *testing.B) {
			lines := NewLines(endless(line + "\n"))
			for b.Loop() {
				read, busy := 0, time.Duration(0)
				for began := time.Now(); time.Since(began) < 5*time.Second; read++ {
					text, err := lines.Next()
					if err != nil {
						b.Fatal(err)
					}
					parse := time.Now()
					_, _ = Parse(text) // noise is none
					busy += time.Since(parse)
				}
				b.ReportMetric(float64(read)/5, "lines/s")
				b.ReportMetric(100*busy.Seconds()/5, "%core")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
