// Package remote reaches hosts through the system's ssh, and so through whatever the
// user's ssh_config says: one master connection and one agent a host.
package remote

import (
	"context"
	"sync"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/driver"
)

// Fleet is this machine and the hosts that are shown.
type Fleet struct {
	local *gpu.Watch

	mu    sync.Mutex
	hosts []experiments.Host
}

// NewFleet is this machine alone, until ctx ends.
func NewFleet(ctx context.Context) *Fleet { return &Fleet{local: driver.Watch(ctx)} }

// Show reaches these hosts from here on, and lets go of others.
func (f *Fleet) Show(hosts []experiments.Host) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hosts = hosts
}

// Nodes are this machine and the hosts that are shown, in their order.
func (f *Fleet) Nodes() []gpu.Node {
	devices, age, err := f.local.Latest()
	return []gpu.Node{{Name: gpu.Local, Devices: devices, Age: age, Err: err}}
}
