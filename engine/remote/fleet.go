// Package remote reaches hosts through the system's ssh, and so through whatever the
// user's ssh_config says: aliases, jump hosts, agents, Match.
//
//	Fleet - link -+- master: ssh -M -N, a child; its end is the link's
//	              +- session over it: the program is copied there once for each build
//	              +- session over it: `ablate agent`, frames once a second
//
// Everything of a host is done by the goroutine of its link. Who draws reads the
// newest state of each and never waits. A session goes over the master or not at all,
// so that nothing dials behind anybody's back; runs on hosts will be one more session.
package remote

import (
	"context"
	"sync"
	"time"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/driver"
)

// Fleet is this machine and the hosts that are shown.
type Fleet struct {
	ctx   context.Context //nolint:containedctx // the life of every link, begun by whatever Show comes
	end   context.CancelFunc
	local *gpu.Watch
	ssh   *ssh

	mu    sync.Mutex
	links []*link // in the order in which they are shown
}

// closing is how long what a Fleet has started is waited for: far more than a driver
// takes that is well, and one that is not may take for ever.
const closing = 200 * time.Millisecond

// NewFleet is this machine alone, until ctx ends or it is closed.
func NewFleet(ctx context.Context) *Fleet { return newFleet(ctx, driver.Watch, newSSH("ssh")) }

func newFleet(ctx context.Context, local func(context.Context) *gpu.Watch, s *ssh) *Fleet {
	ctx, end := context.WithCancel(ctx)
	return &Fleet{ctx: ctx, end: end, local: local(ctx), ssh: s}
}

// Close lets go of this machine and of all hosts. What was started for them has then
// ended, unless a driver or a host keeps it for longer than a moment.
func (f *Fleet) Close() {
	f.end()
	f.mu.Lock()
	ends := []<-chan struct{}{f.local.Done()}
	for _, l := range f.links {
		ends = append(ends, l.done)
	}
	f.mu.Unlock()
	limit := time.NewTimer(closing)
	defer limit.Stop()
	for _, ended := range ends {
		select {
		case <-ended:
		case <-limit.C:
			return
		}
	}
}

// Show reaches those of the hosts that are reached by ssh from here on, and lets go
// of others. A link that is there already is kept. It does not wait.
func (f *Fleet) Show(hosts []experiments.Host) {
	f.mu.Lock()
	defer f.mu.Unlock()
	had := map[string]*link{}
	for _, l := range f.links {
		had[l.name] = l
	}
	f.links = nil
	for _, h := range hosts {
		if h.Kind != "ssh" {
			continue
		}
		l := had[h.Name]
		if l != nil && l.login == loginOf(h) {
			delete(had, h.Name)
		} else {
			l = newLink(f.ctx, f.ssh, h)
		}
		f.links = append(f.links, l)
	}
	for _, l := range had {
		l.cancel()
	}
}

// Nodes are this machine and the hosts that are shown, in their order. An error of a
// host that is not reached wraps engine.ErrUnreachable; until its first readings come
// that is gpu.ErrNotYet, and Doing says how far it is.
func (f *Fleet) Nodes() []gpu.Node {
	devices, age, err := f.local.Latest()
	nodes := []gpu.Node{{Name: gpu.Local, Devices: devices, Age: age, Err: err}}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.links {
		nodes = append(nodes, l.node())
	}
	return nodes
}
