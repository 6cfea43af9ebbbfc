package gpu_test

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// A sample says who runs what on a GPU, and whose run has it; what is not there stays
// null, and the sampler's own processes are left as they are.
func TestTenants(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc")
	}
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), "sh", "-c", "echo; read x; echo", "/w/train.py", "--lr", "3")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it is a shell by now
		t.Fatal(err)
	}
	pid := child.Process.Pid
	claims := filepath.Join(t.TempDir(), "claims")
	by := gpu.Holder{PID: pid, User: "eve", Store: "/s", Run: "e/c/s1"}
	claim, err := gpu.Take(claims, []string{"GPU-1"}, 1, by)
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Close()

	own := []gpu.Process{{PID: pid}, {PID: 1 << 30}, {PID: 0}}
	sample := func() []gpu.Device {
		return []gpu.Device{{UUID: "GPU-0", Processes: own}, {UUID: "GPU-1", Processes: []gpu.Process{}}, {UUID: "GPU-2"}}
	}
	var tenants gpu.Tenants
	for range 2 {
		got := sample()
		tenants.Fill(got, claims)
		want := sample()
		want[0].Processes = []gpu.Process{{PID: pid, User: gpu.Text(u.Username), Command: "sh -c echo; read x; echo train.py --lr 3", Parents: got[0].Processes[0].Parents}, {PID: 1 << 30}, {PID: 0}}
		want[1].ClaimedBy = &by
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if parents := got[0].Processes[0].Parents; len(parents) == 0 || parents[0] != os.Getpid() || !slices.Contains(parents, os.Getppid()) {
			t.Errorf("parents %v, want %d and %d among them", parents, os.Getpid(), os.Getppid())
		}
		if own[0].User != "" {
			t.Fatal("the sampler's own processes were written")
		}
	}

	_ = in.Close()
	_ = child.Wait()
	got := sample()
	tenants.Fill(got, filepath.Join(claims, "nowhere"))
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Errorf("after its end (-want +got):\n%s", diff)
	}
}

// BenchmarkTenants is one sample of eight GPUs with eight processes each, which are
// known already.
func BenchmarkTenants(b *testing.B) {
	var devices []gpu.Device
	for range 8 {
		d := gpu.Device{UUID: "GPU-0"}
		for range 8 {
			d.Processes = append(d.Processes, gpu.Process{PID: os.Getpid()})
		}
		devices = append(devices, d)
	}
	var tenants gpu.Tenants
	claims := b.TempDir()
	for b.Loop() {
		tenants.Fill(devices, claims)
	}
}
