package report

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"ablate/experiments"
	"ablate/gpu"
)

// GPUFlags are what `ablate gpu` is asked for.
type GPUFlags struct {
	Watch  bool          // again every second
	Record string        // a file to which readings are written; "": none
	For    time.Duration // after which to watch or record ends; 0: when it is interrupted
	Names  []string      // of hosts, "local", or "all"; none: this machine
	Rest   []string      // of the command line: there must be none
}

// With adds what else stands on the command line.
func (g GPUFlags) With(args []string) GPUFlags {
	g.Rest = args
	return g
}

// Flags adds them to those of the command.
func (g *GPUFlags) Flags(f *flag.FlagSet) {
	f.BoolVar(&g.Watch, "watch", false, "")
	f.StringVar(&g.Record, "record", "", "")
	f.Func("for", "", func(v string) (err error) {
		if g.For, err = time.ParseDuration(v); err == nil && g.For <= 0 {
			err = errors.New("want a time such as 90s or 2h")
		}
		return err
	})
	f.Func("host", "", func(v string) error {
		names := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		if len(names) == 0 {
			return errors.New("want the name of a host, local, or all")
		}
		g.Names = append(g.Names, names...)
		return nil
	})
}

// allHosts stands for this machine and all hosts with ssh.
const allHosts = "all"

// hosts are those of the experiment file that are named, in that order, and whether this
// machine is shown: it is if it is named, or nothing is.
func (g *GPUFlags) hosts(load func() (*experiments.File, error)) (hosts []experiments.Host, local bool, err error) {
	if len(g.Names) == 0 {
		return nil, true, nil
	}
	f, err := load()
	if err != nil {
		return nil, false, err
	}
	for _, name := range g.Names {
		found, here, err := hostsOf(f, name)
		if err != nil {
			return nil, false, err
		}
		local = local || here
		for _, h := range found {
			if !slices.ContainsFunc(hosts, func(had experiments.Host) bool { return had.Name == h.Name }) {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts, local, nil
}

// hostsOf are what one name stands for: hosts, this machine, or both.
func hostsOf(f *experiments.File, name string) (hosts []experiments.Host, local bool, err error) {
	known := []string{gpu.Local, allHosts}
	for _, h := range f.Hosts {
		known = append(known, h.Name)
		switch {
		case h.Kind == "ssh" && (name == h.Name || name == allHosts):
			hosts = append(hosts, h)
		case name != h.Name:
		case h.Kind == "local":
			local = true
		default:
			return nil, false, fmt.Errorf("show GPUs of host %q: it is of kind %q, and only hosts of kind \"ssh\" can be asked", name, h.Kind)
		}
	}
	local = local || name == gpu.Local || name == allHosts
	if len(hosts) == 0 && !local {
		return nil, false, noHost(name, known)
	}
	return hosts, local, nil
}

func noHost(name string, known []string) error {
	meant := experiments.Nearest(name, known)
	if meant != "" {
		meant = fmt.Sprintf(", did you mean %q?", meant)
	}
	return fmt.Errorf("show GPUs of host %q: the experiment file has no [host.%s]%s; there are %s", name, plain(name), meant, strings.Join(known, ", "))
}

// Fleet is this machine and hosts whose GPUs can be shown.
type Fleet interface {
	// Nodes are this machine, first, and the hosts. It does not wait.
	Nodes() []gpu.Node
	// Show reaches these hosts from here on, and lets go of others.
	Show(hosts []experiments.Host)
	// Close lets go of everything, and waits a moment for its end.
	Close()
	// Ask lets it ask the person at the terminal for passwords, and write there to w.
	Ask(w io.Writer)
}

// GPUs is `ablate gpu`: what the GPUs of nodes do, once, or again every second until
// ctx ends. What is wrong with a node stands in its place while it is watched, and is
// else the error, for a host that is not reached that of the Fleet. A machine without a
// driver is no error, but to record it.
func GPUs(ctx context.Context, w, progress io.Writer, nodes Fleet, load func() (*experiments.File, error), o GPUFlags, asJSON bool) error {
	defer nodes.Close()
	if len(o.Rest) > 0 {
		return fmt.Errorf("read command line: gpu takes no names, and got %q; --host names a host", o.Rest[0])
	}
	if o.For > 0 && !o.Watch && o.Record == "" {
		return errors.New("show GPUs: --for says how long to --watch or to --record, and neither is asked")
	}
	hosts, local, err := o.hosts(load)
	if err != nil {
		return err
	}
	if o.mayAsk(progress) {
		nodes.Ask(progress)
	}
	nodes.Show(hosts)
	s := shown{nodes: nodes, local: local, others: len(hosts) > 0}
	if o.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.For)
		defer cancel()
	}
	switch {
	case o.Record != "":
		return s.record(ctx, w, progress, o, asJSON)
	case o.Watch:
		return s.watch(ctx, w, progress, asJSON, nil)
	}
	all := s.first(ctx, true)
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	if asJSON {
		err = writeDevices(w, all, true)
	} else {
		err = gpuTable(w, untroubled(all), time.Now(), widthOf(w))
	}
	return errors.Join(err, troubles(all))
}

// mayAsk says that there is a person to be asked for passwords, at a terminal on which
// nothing is drawn meanwhile, and who need not be there for ever.
func (g *GPUFlags) mayAsk(progress io.Writer) bool {
	_, seen := terminalOf(progress)
	_, typed := terminalOf(os.Stdin)
	return seen && typed && !g.Watch && g.Record == ""
}

// shown are the nodes that were asked for.
type shown struct {
	nodes         Fleet
	local, others bool
}

// now is what is known of them. This machine is left out beside others if it has no
// driver: that is no news where others have.
func (s shown) now() []gpu.Node {
	all := s.nodes.Nodes()
	if !s.local || s.others && errors.Is(all[0].Err, gpu.ErrNoDriver) {
		all = all[1:]
	}
	return all
}

// Times that readings are waited for.
const (
	firstWait  = 12 * time.Second        // this machine's: a driver that hangs is known then
	hostWait   = 10 * time.Minute        // its link says what is wrong, within a minute; a copy of the program over a slow one takes longer
	secondWait = 1500 * time.Millisecond // the second sample of a node
	lookAgain  = 50 * time.Millisecond
)

// first waits until every node has readings or trouble; with twice, for the second
// readings of those whose GPUs compare with the first.
func (s shown) first(ctx context.Context, twice bool) []gpu.Node {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	began := time.Now()
	came := map[string]time.Time{} // when a node's first readings were taken
	for {
		all, ready := s.now(), true
		for _, n := range all {
			taken, seen := came[n.Name]
			switch {
			case len(n.Devices) == 0:
				ready = ready && (!errors.Is(n.Err, gpu.ErrNotYet) || time.Since(began) > patienceFor(n))
			case !seen:
				came[n.Name] = time.Now().Add(-n.Age)
				ready = ready && (!twice || measured(n))
			case twice && !measured(n):
				ready = ready && (time.Since(taken)-n.Age > secondWait/4 || time.Since(taken) > secondWait)
			}
		}
		if ready {
			return all
		}
		select {
		case <-ctx.Done():
			return all
		case <-tick.C:
		}
	}
}

// patienceFor is how long a node's first readings are waited for.
func patienceFor(n gpu.Node) time.Duration {
	if n.Name == gpu.Local {
		return firstWait
	}
	return hostWait
}

// measured says that a node's shares of time are there. They come with its second
// sample, and only where GPUs have them.
func measured(n gpu.Node) bool {
	return slices.ContainsFunc(n.Devices, func(d gpu.Device) bool { return d.SMActivePct != nil })
}

// troubles are what is wrong with nodes, but for a lack of a driver.
func troubles(all []gpu.Node) error {
	var errs []error
	for _, n := range all {
		if n.Err != nil && !errors.Is(n.Err, gpu.ErrNoDriver) {
			errs = append(errs, trouble(n))
		}
	}
	return errors.Join(errs...)
}

// untroubled are nodes without what troubles tells.
func untroubled(all []gpu.Node) (rest []gpu.Node) {
	for _, n := range all {
		if n.Err != nil && !errors.Is(n.Err, gpu.ErrNoDriver) {
			if n.Err, n.Doing = nil, ""; len(n.Devices) == 0 {
				continue
			}
		}
		rest = append(rest, n)
	}
	return rest
}

func trouble(n gpu.Node) error {
	switch {
	case n.Name == gpu.Local:
		return fmt.Errorf("read GPUs: %w", n.Err)
	case n.Doing != "" && errors.Is(n.Err, gpu.ErrNotYet):
		return fmt.Errorf("read GPUs of %s: %w (%s)", n.Name, n.Err, n.Doing)
	}
	return fmt.Errorf("read GPUs of %s: %w", n.Name, n.Err)
}

// writeDevices writes the GPUs of all nodes as one array.
func writeDevices(w io.Writer, all []gpu.Node, indent bool) error {
	devices := []gpu.Device{}
	for _, n := range all {
		devices = append(devices, n.Devices...)
	}
	if indent {
		return writeJSON(w, devices)
	}
	return json.NewEncoder(w).Encode(devices)
}
