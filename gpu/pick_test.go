package gpu_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// node is a machine of eight GPUs without processes, four of them H20 and four H200,
// after changes.
func node(change ...func(d []gpu.Device)) []gpu.Device {
	devices := make([]gpu.Device, 8)
	for i := range devices {
		devices[i] = gpu.Device{
			Index: i, UUID: gpu.Text(fmt.Sprintf("GPU-%d%d", i/4, i)), Name: "NVIDIA H20", Processes: []gpu.Process{},
			MemoryUsedBytes: new(uint64(0)), MemoryTotalBytes: new(uint64(96 << 30)),
		}
		if i >= 4 {
			devices[i].Name = "NVIDIA H200"
		}
	}
	for _, c := range change {
		c(devices)
	}
	return devices
}

// on puts a process on a GPU.
func on(i int, user, command string, pid int, gib float64) func([]gpu.Device) {
	return func(d []gpu.Device) {
		p := gpu.Process{PID: pid, User: gpu.Text(user), Command: gpu.Text(command)}
		if gib > 0 {
			p.MemoryUsedBytes = new(uint64(gib * (1 << 30)))
		}
		d[i].Processes = append(d[i].Processes, p)
	}
}

// hidden is a GPU whose processes nobody sees, with so much memory in use.
func hidden(i int, known bool, used uint64) func([]gpu.Device) {
	return func(d []gpu.Device) {
		d[i].MemoryUsedBytes = &used
		if !known {
			d[i].Processes = nil
		}
	}
}

func with(i int, change func(*gpu.Device)) func([]gpu.Device) {
	return func(d []gpu.Device) { change(&d[i]) }
}

// sliced puts two MIG slices of a GPU behind the others.
func sliced(of int) []gpu.Device {
	d := node()
	for i := range 2 {
		d = append(d, gpu.Device{Index: i, UUID: gpu.Text(fmt.Sprintf("MIG-%d", i)), Name: "NVIDIA H20 MIG 1g.12gb", Slice: new(of)})
	}
	return d
}

func all(but ...string) (list []string) {
	for _, d := range node() {
		if !slices.Contains(but, string(d.UUID)) {
			list = append(list, string(d.UUID))
		}
	}
	return list
}

const (
	ready = "" // enough are free
	waits = "too few GPUs are free"
	never = "can be had here; "
)

func TestPick(t *testing.T) {
	t.Parallel()
	claimed := func(d *gpu.Device) { d.ClaimedBy = &gpu.Holder{PID: 7, User: "ada", Store: "/s", Run: "e/c/s1"} }
	tests := []struct {
		name    string
		devices []gpu.Device
		want    gpu.Want
		picked  []string
		kind    string
		why     string // part of it
	}{
		{"all are free", node(), gpu.Want{N: 8}, all(), ready, ""},
		{"somebody's process", node(on(0, "ada", "python", 1234, 40)), gpu.Want{N: 8}, all("GPU-00"), waits,
			"claim GPUs: too few GPUs are free of processes, 7 of 8 wanted; GPU 0: ada's python 1234 has 40 GB on it"},
		{"enough without it", node(on(0, "ada", "python", 1234, 40)), gpu.Want{N: 7}, all("GPU-00"), ready, ""},
		{"several of them", node(on(1, "ada", "python", 1, 2), on(1, "bob", "vllm", 2, 30), on(1, "", "", 3, 0)), gpu.Want{N: 8}, all("GPU-01"), waits,
			"GPU 1: bob's vllm 2 has 30 GB on it, and 2 more"},
		{"nobody knows whose", node(on(1, "", "", 3, 0.25)), gpu.Want{N: 8}, all("GPU-01"), waits, "GPU 1: process 3 has 256 MB on it"},
		{"a name that would move the cursor", node(on(1, "a\x1bb", "\x1b[2J\n"+strings.Repeat("x", 99), 3, 1)), gpu.Want{N: 8}, all("GPU-01"), waits,
			"GPU 1: ab's [2J " + strings.Repeat("x", 55) + "… 3 has 1 GB on it"},
		{"nor what it holds", node(on(1, "1000", "x", 3, 0)), gpu.Want{N: 8}, all("GPU-01"), waits, "GPU 1: 1000's x 3 is on it"},
		{"in a container the memory tells", node(hidden(2, true, 40<<30)), gpu.Want{N: 8}, all("GPU-02"), waits, "GPU 2: somebody has 40 GB on it"},
		{"and where no process can be read", node(hidden(2, false, 1<<30+1)), gpu.Want{N: 8}, all("GPU-02"), waits, "GPU 2: somebody has 1 GB on it"},
		{"at work for somebody", node(hidden(2, false, 0), with(2, func(d *gpu.Device) { d.BusyPct, d.MemoryUsedBytes = new(94.0), nil })), gpu.Want{N: 8}, all("GPU-02"), waits, "GPU 2: somebody is on it"},
		{"a little is the driver's own", node(hidden(2, false, 1<<30)), gpu.Want{N: 8}, append(all("GPU-02"), "GPU-02"), ready, ""},
		{"of a small GPU 5 % is much", node(hidden(2, true, 410<<20), with(2, func(d *gpu.Device) { d.MemoryTotalBytes = new(uint64(8 << 30)) })),
			gpu.Want{N: 8}, all("GPU-02"), waits, "GPU 2: somebody has 410 MB on it"},
		{"nothing can be read", []gpu.Device{{Index: 0, UUID: "GPU-a"}}, gpu.Want{N: 1}, []string{"GPU-a"}, ready, ""},
		{"claimed", node(with(3, claimed), on(3, "ada", "python", 9, 1)), gpu.Want{N: 8}, all("GPU-03"), waits,
			`claim GPUs: too few GPUs are free, 7 of 8 wanted; GPU 3: held by run "e/c/s1" of "/s" (user "ada", process 7)`},
		{"lost", node(with(3, func(d *gpu.Device) { d.Error = "the GPU is lost" })), gpu.Want{N: 8}, all("GPU-03"), waits, "GPU 3: the GPU is lost"},
		{"a reading that the GPU was lost over", node(with(3, func(d *gpu.Device) { d.Error = "read power: the GPU is lost (it fell off the bus) (NVML error 15)" })),
			gpu.Want{N: 8}, all("GPU-03"), waits, "GPU 3: read power: the GPU is lost"},
		{"one that failed before", node(hidden(2, false, 0)), gpu.Want{N: 8, Last: []string{"GPU-00", "GPU-x"}}, append(all("GPU-00", "GPU-02"), "GPU-02", "GPU-00"), ready, ""},
		{"a reading that fails", node(with(3, func(d *gpu.Device) { d.Error = "read power: NVML failed (NVML error 999)" })), gpu.Want{N: 8}, append(all("GPU-03"), "GPU-03"), ready, ""},
		{"lost without a name or UUID", node(with(3, func(d *gpu.Device) { *d = gpu.Device{Index: 3, Error: "lost"} })), gpu.Want{N: 4, Type: "H20"},
			[]string{"GPU-00", "GPU-01", "GPU-02"}, waits, "GPU 3: lost"},
		{"of a type that cannot be read", node(with(3, func(d *gpu.Device) { d.Name = "" })), gpu.Want{N: 4, Type: "H20"}, []string{"GPU-00", "GPU-01", "GPU-02"}, never, "GPU 3: its type cannot be read"},
		{"without a UUID", node(with(3, func(d *gpu.Device) { d.UUID = "" })), gpu.Want{N: 8}, all("GPU-03"), never, "GPU 3: its UUID cannot be read"},
		{"to be reset", node(with(0, func(d *gpu.Device) { d.Repair = "a reset: rows wait to be remapped" })), gpu.Want{N: 8}, all("GPU-00"), waits,
			"GPU 0: needs a reset: rows wait to be remapped"},
		{"to be started anew", node(with(0, func(d *gpu.Device) { d.Repair = "a reboot" })), gpu.Want{N: 8}, all("GPU-00"), waits, "GPU 0: needs a reboot"},
		{"to be drained", node(with(0, func(d *gpu.Device) { d.Repair = "to be drained" })), gpu.Want{N: 8}, all("GPU-00"), waits, "GPU 0: needs to be drained"},
		{"a repair that can wait", node(with(0, func(d *gpu.Device) { d.Repair = "a replacement: rows could not be remapped" }), hidden(2, false, 0)), gpu.Want{N: 8},
			append(all("GPU-00", "GPU-02"), "GPU-02", "GPU-00"), ready, ""},
		{"another repair", node(with(0, func(d *gpu.Device) { d.Repair = "to be replaced when there is time" })), gpu.Want{N: 8}, append(all("GPU-00"), "GPU-00"), ready, ""},
		{"a type", node(), gpu.Want{N: 4, Type: "H20"}, []string{"GPU-00", "GPU-01", "GPU-02", "GPU-03"}, ready, ""},
		{"a type as the driver writes it", node(), gpu.Want{N: 4, Type: "NVIDIA H200"}, []string{"GPU-14", "GPU-15", "GPU-16", "GPU-17"}, ready, ""},
		{"in small letters", node(), gpu.Want{N: 4, Type: "h200"}, []string{"GPU-14", "GPU-15", "GPU-16", "GPU-17"}, ready, ""},
		{"more than there are of it", node(), gpu.Want{N: 5, Type: "H20"}, []string{"GPU-00", "GPU-01", "GPU-02", "GPU-03"}, never,
			"claim GPUs of type H20: 5 are wanted and 4 can be had here; GPUs 4-7: of type H200"},
		{"of no such type", node(), gpu.Want{N: 1, Type: "H20-3e"}, nil, never, "0 can be had here; GPUs 0-3: of type H20; GPUs 4-7: of type H200"},
		{"of it, but in use", node(on(2, "ada", "python", 5, 80)), gpu.Want{N: 4, Type: "H20"}, []string{"GPU-00", "GPU-01", "GPU-03"}, waits,
			"3 of 4 wanted; GPU 2: ada's python 5 has 80 GB on it; GPUs 4-7: of type H200"},
		{"kept off", node(), gpu.Want{N: 5, KeepOff: []string{"0", "GPU-17", "9"}}, []string{"GPU-01", "GPU-02", "GPU-03", "GPU-14", "GPU-15", "GPU-16"}, ready, ""},
		{"too many kept off", node(), gpu.Want{N: 7, KeepOff: []string{"0", "7", "GPU-16"}}, []string{"GPU-01", "GPU-02", "GPU-03", "GPU-14", "GPU-15"}, never,
			"7 are wanted and 5 can be had here; GPUs 0, 6-7: kept off"},
		{"shortened", node(), gpu.Want{N: 7, KeepOff: []string{"GPU-17"}}, all("GPU-17"), ready, ""},
		{"shortened too far", node(), gpu.Want{N: 4, KeepOff: []string{"GPU-1"}}, nil, "no", "claim GPUs: keep_off GPU-1 may be 4 GPUs, GPU-14 and GPU-15; write more of the UUID"},
		{"a UUID that is not there while one cannot be read", node(with(3, func(d *gpu.Device) { *d = gpu.Device{Index: 3, Error: "lost"} })), gpu.Want{N: 1, Only: []string{"GPU-03"}},
			nil, waits, "GPU-03 is not there, and the UUID of GPU 3 cannot be read"},
		{"only these, in their order", node(), gpu.Want{N: 3, Only: []string{"5", "GPU-00", "3"}}, []string{"GPU-15", "GPU-00", "GPU-03"}, ready, ""},
		{"though of one nothing is known", node(hidden(5, false, 0)), gpu.Want{N: 3, Only: []string{"5", "GPU-00", "3"}}, []string{"GPU-15", "GPU-00", "GPU-03"}, ready, ""},
		{"unless there is a choice", node(hidden(5, false, 0)), gpu.Want{N: 2, Only: []string{"5", "GPU-00", "3"}}, []string{"GPU-00", "GPU-03", "GPU-15"}, ready, ""},
		{"one of only these is in use", node(on(0, "ada", "python", 5, 8)), gpu.Want{N: 2, Only: []string{"0", "1"}}, []string{"GPU-01"}, waits,
			"1 of 2 wanted; GPU 0: ada's python 5 has 8 GB on it"},
		{"fewer than wanted", node(), gpu.Want{N: 3, Only: []string{"0", "1"}}, []string{"GPU-00", "GPU-01"}, never, "3 are wanted and 2 can be had here; this machine has no other"},
		{"a number that is not there", node(), gpu.Want{N: 1, Only: []string{"8"}}, nil, "no", "claim GPUs: this machine has no GPU 8; it has GPUs 0-7"},
		{"nor a UUID", node(), gpu.Want{N: 1, Only: []string{"GPU-2"}}, nil, "no", "this machine has no GPU GPU-2"},
		{"a number is no UUID", node(), gpu.Want{N: 1, Only: []string{"00"}}, nil, "no", "no GPU 00"},
		{"two of a shortened one", node(), gpu.Want{N: 1, Only: []string{"GPU-0"}}, nil, "no", "claim GPUs: GPU-0 may be 4 GPUs, GPU-00 and GPU-01; write more of the UUID"},
		{"one under two names", node(), gpu.Want{N: 2, Only: []string{"1", "GPU-01"}}, nil, "no", "1 and GPU-01 are one GPU; name each once"},
		{"visible", node(), gpu.Want{N: 2, Visible: new("4,2")}, []string{"GPU-02", "GPU-14"}, ready, ""},
		{"not visible", node(), gpu.Want{N: 3, Visible: new("GPU-14,2")}, []string{"GPU-02", "GPU-14"}, never, "GPUs 0-1, 3, 5-7: CUDA_VISIBLE_DEVICES leaves it out"},
		{"none visible", node(), gpu.Want{N: 1, Visible: new("")}, nil, never, "GPUs 0-7: CUDA_VISIBLE_DEVICES leaves it out"},
		{"no GPU at all", nil, gpu.Want{N: 1}, nil, never, "1 are wanted and 0 can be had here; this machine has no other"},
		{"divided", sliced(1), gpu.Want{N: 8}, all("GPU-01"), never, "GPU 1: divided into MIG slices"},
		{"a slice by its name", sliced(1), gpu.Want{N: 1, Only: []string{"MIG-1"}}, []string{"MIG-1"}, ready, ""},
		{"not by the beginning of it", sliced(1), gpu.Want{N: 1, Only: []string{"MIG-"}}, nil, "no", "no GPU MIG-"},
		{"a slice of a GPU that is kept off", sliced(1), gpu.Want{N: 1, Only: []string{"MIG-1"}, KeepOff: []string{"GPU-01"}}, nil, never, "MIG-1: kept off"},
		{"a slice of another", sliced(1), gpu.Want{N: 1, Only: []string{"MIG-1"}, KeepOff: []string{"2"}}, []string{"MIG-1"}, ready, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, why := gpu.Pick(tt.devices, tt.want)
			if diff := cmp.Diff(tt.picked, got); diff != "" {
				t.Errorf("picked (-want +got):\n%s", diff)
			}
			if (why == nil) != (tt.kind == ready) || errors.Is(why, gpu.ErrBusy) != (tt.kind == waits) {
				t.Fatalf("error %v, want one that is %q", why, tt.kind)
			}
			if why != nil && !strings.Contains(why.Error(), tt.why) {
				t.Errorf("error\n%v, want\n%s", why, tt.why)
			}
			if strings.Contains(tt.why, "on it") != errors.Is(why, gpu.ErrOccupied) {
				t.Errorf("%v: whether processes are the cause is not told", why)
			}
		})
	}
}

// Whatever there is and whatever is wanted: what is picked is there, once, and
// nothing speaks against it; and it is enough or there is an error.
func TestPickAny(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	some := func(n int) bool { return r.IntN(n) == 0 }
	for range 2000 {
		devices := node()[:r.IntN(9)]
		for i := range devices {
			if some(4) {
				on(i, "ada", "python", 1, 1)(devices)
			}
			if some(5) {
				devices[i].Error = "lost"
			}
		}
		want := gpu.Want{N: 1 + r.IntN(8)}
		if some(2) {
			want.Type = "H20"
		}
		if some(2) {
			want.KeepOff = []string{fmt.Sprint(r.IntN(8)), fmt.Sprintf("GPU-1%d", r.IntN(8))}
		}
		got, why := gpu.Pick(devices, want)
		if (len(got) < want.N) != (why != nil) {
			t.Fatalf("%d of %d picked, and the error is %v", len(got), want.N, why)
		}
		for i, uuid := range got {
			at := slices.IndexFunc(devices, func(d gpu.Device) bool { return string(d.UUID) == uuid })
			if at < 0 || slices.Contains(got[:i], uuid) {
				t.Fatalf("%s of %q is not there, or twice", uuid, got)
			}
			d := devices[at]
			off := slices.Contains(want.KeepOff, fmt.Sprint(at)) || slices.Contains(want.KeepOff, uuid)
			if off || len(d.Processes) > 0 || d.Error != "" || want.Type != "" && d.Name != "NVIDIA H20" {
				t.Fatalf("%s was picked for %+v: %+v", uuid, want, d)
			}
		}
	}
}

// A claim by others counts as it is, not as the readings have it: one that the
// readings do not know is respected, and one that is gone is not.
func TestHold(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "claims")
	other, err := gpu.Take(dir, []string{"GPU-00"}, 1, gpu.Holder{Run: "other"})
	if err != nil {
		t.Fatal(err)
	}
	gone := with(1, func(d *gpu.Device) { d.ClaimedBy = &gpu.Holder{Run: "gone"} })
	devices := node(gone, on(2, "ada", "python", 5, 8))[:4]
	c, err := gpu.Hold(dir, devices, gpu.Want{N: 2}, gpu.Holder{Run: "mine"})
	if err != nil || !slices.Equal(c.UUIDs, []string{"GPU-01", "GPU-03"}) {
		t.Fatalf("held %+v, %v; want 1 and 3", c, err)
	}
	_, err = gpu.Hold(dir, devices, gpu.Want{N: 1}, gpu.Holder{})
	const words = `claim GPUs: too few GPUs are free, 0 of 1 wanted; GPU 0: held by run "other" of "" (user "", process 0); GPUs 1, 3: held by run "mine" of "" (user "", process 0)`
	if !errors.Is(err, gpu.ErrBusy) || errors.Is(err, gpu.ErrOccupied) || !strings.HasPrefix(err.Error(), words) ||
		!strings.HasSuffix(err.Error(), "; GPU 2: ada's python 5 has 8 GB on it") {
		t.Errorf("all in use: %v", err)
	}
	// Of a claimed one with processes the claim says more.
	on(0, "bob", "python", 6, 70)(devices)
	_, err = gpu.Hold(dir, devices, gpu.Want{N: 1, Only: []string{"0"}}, gpu.Holder{})
	if !errors.Is(err, gpu.ErrBusy) || errors.Is(err, gpu.ErrOccupied) || !strings.Contains(err.Error(), `GPU 0: held by run "other"`) {
		t.Errorf("claimed, with processes: %v", err)
	}
	if _, err = gpu.Hold(dir, devices, gpu.Want{N: 5}, gpu.Holder{}); err == nil || errors.Is(err, gpu.ErrBusy) {
		t.Errorf("five of four: %v, want an error that waiting does not mend", err)
	}
	for _, c := range []*gpu.Claim{other, c} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, ok := gpu.Holders(dir, []string{"GPU-02"})["GPU-02"]; ok {
		t.Error("a GPU that was passed over was claimed")
	}
}
