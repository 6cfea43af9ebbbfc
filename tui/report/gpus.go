package report

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"ablate/experiments"
	"ablate/gpu"
)

// GPUFlags are what `ablate gpu` is asked for.
type GPUFlags struct {
	Watch  bool     // again every second
	Record string   // a file to which readings are written; "": none
	Names  []string // of hosts; none: this machine alone
}

// Flags adds them to those of the command.
func (g *GPUFlags) Flags(f *flag.FlagSet) {
	f.BoolVar(&g.Watch, "watch", false, "")
	f.StringVar(&g.Record, "record", "", "")
	f.Func("host", "", func(v string) error { g.Names = append(g.Names, v); return nil })
}

// hosts are those of the experiment file that are named.
func (g *GPUFlags) hosts(load func() (*experiments.File, error)) (hosts []experiments.Host, err error) {
	if len(g.Names) == 0 {
		return nil, nil
	}
	f, err := load()
	if err != nil {
		return nil, err
	}
	for _, name := range g.Names {
		for _, h := range f.Hosts {
			if h.Name == name {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts, nil
}

// Fleet is this machine and hosts whose GPUs can be shown.
type Fleet interface {
	gpu.Nodes
	// Show reaches these hosts from here on, and lets go of others.
	Show(hosts []experiments.Host)
}

// GPUs writes what the GPUs of nodes do, once, or again every second until ctx ends.
func GPUs(ctx context.Context, w, _ io.Writer, nodes Fleet, load func() (*experiments.File, error), o GPUFlags, asJSON bool) error {
	hosts, err := o.hosts(load)
	if err != nil {
		return err
	}
	nodes.Show(hosts)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		n := nodes.Nodes()[0]
		if errors.Is(n.Err, gpu.ErrNotYet) {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				continue
			}
		}
		if asJSON {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(append([]gpu.Device{}, n.Devices...))
		}
		if n.Err != nil {
			_, err := fmt.Fprintln(w, n.Err)
			return err
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, d := range n.Devices {
			fmt.Fprintln(t, strings.Join([]string{fmt.Sprint(d.Index), string(d.Name), string(d.UUID), string(d.Error)}, "\t"))
		}
		return t.Flush()
	}
}
