package tui

import (
	"slices"
	"testing"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/tui/page"
)

// The page of the GPUs reaches the hosts of the file, once and also those that come
// later, and no second round of readings goes beside the first.
func TestShowHosts(t *testing.T) {
	t.Parallel()
	local := func(err error) page.Readings {
		return page.Readings{Nodes: []gpu.Node{{Name: gpu.Local, Err: err}}}
	}
	for _, tt := range []struct {
		name  string
		err   error // of this machine's GPUs
		later bool  // the file gets its host when the page is open
		want  []string
	}{
		{"a driver", nil, false, []string{"readings", "show 1"}},
		{"no driver", gpu.ErrNoDriver, false, []string{"show 1", "readings"}},
		{"a driver, later", nil, true, []string{"readings", "show 1"}},
		{"no driver, later", gpu.ErrNoDriver, true, []string{"show 1", "readings"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 120, 40, "quick").send(midway(t)).send(local(tt.err))
			with := *d.m.site.File
			with.Hosts = []experiments.Host{{Name: "far", Kind: "ssh"}}
			if !tt.later {
				d.m.site.File = &with
			}
			d.press("D").press("esc").press("D")
			if tt.later {
				d.send(sourceMsg{file: &with, slots: d.m.site.Slots})
			}
			asked := slices.DeleteFunc(slices.Clone(d.backend.asked), func(s string) bool { return s != "readings" && s != "show 1" })
			if !slices.Equal(asked, tt.want) {
				t.Errorf("asked %q, want %q", asked, tt.want)
			}
		})
	}
}
