package alert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"ablate/gpu"
)

// bites reads values of all kinds off a fuzzer's bytes, nonsense above all.
type bites struct{ left []byte }

func (b *bites) byte() byte {
	if len(b.left) == 0 {
		return 0
	}
	x := b.left[0]
	b.left = b.left[1:]
	return x
}

func (b *bites) float() float64 {
	switch k := b.byte(); k % 16 {
	case 0:
		return math.NaN()
	case 1:
		return math.Inf(1)
	case 2:
		return math.Inf(-1)
	case 3:
		return -1
	case 4:
		return math.MaxFloat64
	case 5:
		var raw [8]byte
		raw[0] = k
		copy(raw[1:], b.left)
		return math.Float64frombits(binary.LittleEndian.Uint64(raw[:]))
	default:
		return float64(k)
	}
}

func (b *bites) maybe() *float64 {
	if b.byte()%3 == 0 {
		return nil
	}
	return new(b.float())
}

func (b *bites) count() *uint64 {
	switch k := b.byte(); k % 4 {
	case 0:
		return nil
	case 1:
		return new(math.MaxUint64 - uint64(k))
	default:
		return new(uint64(k))
	}
}

func (b *bites) device() gpu.Device {
	texts := []gpu.Text{"", "", "GPU-1", "GPU-2", "gpu-1", "the GPU is lost (NVML error 15)", "(NVML error 16)", ": (NVML error 10)"}
	whys := []string{"power cap", "too hot", "too hot (hardware)", "hardware slowdown", "power brake", "sync boost", "", "?"}
	d := gpu.Device{
		Index: int(int8(b.byte())), UUID: texts[b.byte()%8], BusyPct: b.maybe(), SMActivePct: b.maybe(), DRAMActivePct: b.maybe(),
		MemoryUsedBytes: b.count(), MemoryTotalBytes: b.count(), PowerLimitW: b.maybe(), TemperatureC: b.maybe(), MemoryC: b.maybe(),
		SMClockMHz: b.maybe(), SMClockMaxMHz: b.maybe(), ECCCorrected: b.count(), ECCUncorrected: b.count(),
		Error: texts[b.byte()%8], Repair: texts[b.byte()%8], AgeS: b.float(),
	}
	if b.byte()%4 == 0 {
		d.Slice = new(int(b.byte() % 3))
	}
	for range b.byte() % 4 {
		d.Throttle = append(d.Throttle, whys[b.byte()%8])
		d.XIDs = append(d.XIDs, gpu.XID{Time: start + b.float(), Code: int(b.byte()), Text: string(texts[b.byte()%8])})
	}
	return d
}

func (b *bites) node() gpu.Node {
	n := gpu.Node{Name: []string{gpu.Local, "", "h20-1"}[b.byte()%3]}
	if b.byte()%8 == 0 {
		n.Err = []error{gpu.ErrNoDriver, gpu.ErrNotAnswering, errors.New("(NVML error 18)"), errors.New("ssh")}[b.byte()%4]
	}
	if b.byte()%8 > 0 {
		n.Devices = []gpu.Device{}
	}
	for range b.byte() % 5 {
		n.Devices = append(n.Devices, b.device())
	}
	return n
}

// Whatever the readings, and however the clock goes, what begins is over before it
// begins again, and what is in force is what began and is not over.
func FuzzLook(f *testing.F) {
	f.Add([]byte{})
	for seed := range byte(8) {
		text := make([]byte, 4000)
		for i := range text {
			text[i] = byte(i*i*int(seed+3)>>3) ^ seed
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var w Watch
		b := bites{text}
		inForce := map[string]bool{}
		name := func(a Alert) string {
			return fmt.Sprintf("%q %q %s %d %q", a.Node, a.UUID, a.Name, a.Kind, a.Short)
		}
		for now := start; len(b.left) > 0; {
			if k := b.byte(); k > 200 {
				now += b.float()
			} else {
				now += float64(k % 8)
			}
			n := b.node()
			for _, a := range w.Look(now, n, all8) {
				if a.Words == "" || a.Short == "" || len([]rune(a.Short)) > 24 || a.Over != inForce[name(a)] {
					t.Fatalf("%+v, in force before: %v", a, inForce[name(a)])
				}
				inForce[name(a)] = !a.Over
				if a.Over {
					delete(inForce, name(a))
				}
			}
			for _, d := range n.Devices {
				Condition(d, now, true)
			}
		}
		all := w.Now()
		for _, a := range all {
			if !inForce[name(a)] {
				t.Errorf("in force, but never told: %+v", a)
			}
		}
		if len(all) != len(inForce) || len(w.order) != len(w.states) {
			t.Errorf("%d in force, want %d; %d states in order, %d by name", len(all), len(inForce), len(w.order), len(w.states))
		}
	})
}

// What is remembered is bounded, also when every sample has other GPUs and other XIDs.
func TestWatchIsBounded(t *testing.T) {
	t.Parallel()
	var w Watch
	for second := range 300 {
		n := gpu.Node{Name: "h20-1"}
		for i := range 16 {
			d := h20()
			d.UUID = gpu.Text(fmt.Sprintf("GPU-%d-%d", second, i))
			d.XIDs = []gpu.XID{}
			for code := range 40 {
				d.XIDs = append(d.XIDs, gpu.XID{Time: start + float64(second), Code: code})
			}
			n.Devices = append(n.Devices, d)
		}
		w.Look(start+float64(second), n, nil)
	}
	if len(w.order) != mostStates || len(w.Now()) > mostStates*mostConditions {
		t.Errorf("%d states, %d alerts", len(w.order), len(w.Now()))
	}
}
