package nodes

import (
	"testing"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/tui/page"
)

// A GPU that the experiment file keeps runs off is not free, whoever has none of it;
// one that a run has all the same is the run's.
func TestKeptOff(t *testing.T) {
	t.Parallel()
	d, p := gpus(t)
	p.site.File = &experiments.File{Hosts: []experiments.Host{{Name: "local", Kind: "local", KeepOff: []string{"0", "7"}}, {Name: "other", Kind: "ssh", KeepOff: []string{"6"}}}}
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: machine()}}, Now: noon() + 301})
	d.sees("– kept off", "– free", "tasks-vs")
	if got := p.tally(); got.free != 1 || got.held != 3 {
		t.Errorf("%d free and %d held, want 1 and 3", got.free, got.held)
	}
	seven := p.devices["local/GPU-h20-1-7"]
	if got := seven.user.status(); got != "kept off" {
		t.Errorf("status %q", got)
	}
	p.site.File = nil
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Devices: machine()}}, Now: noon() + 302})
	if got := p.tally(); got.free != 2 {
		t.Errorf("%d free without the file, want 2", got.free)
	}
}
