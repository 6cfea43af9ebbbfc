package compare

import (
	"fmt"
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
)

func TestPreview(t *testing.T) {
	s, _ := store.Open(os.Getenv("PREVIEW_STORE"))
	p := New(&page.Site{Store: s, File: &experiments.File{}}, strings.Fields(os.Getenv("PREVIEW")))
	run := func(cmd tea.Cmd) {
		for cmd != nil {
			msg := cmd()
			if b, ok := msg.(tea.BatchMsg); ok {
				for _, c := range b {
					if c != nil {
						p.Update(c())
					}
				}
				return
			}
			fmt.Printf("%T\n", msg)
			cmd = p.Update(msg)
		}
	}
	run(p.Start())
	for _, k := range strings.Fields(os.Getenv("KEYS")) {
		for _, x := range p.Keys() {
			for _, name := range strings.Fields(x.Keys) {
				if name == k && x.Do != nil {
					run(x.Do())
				}
			}
		}
	}
	for _, size := range strings.Fields(os.Getenv("SIZES")) {
		var w, h int
		fmt.Sscanf(size, "%dx%d", &w, &h)
		lines := p.View(look.New(chart.Style{}), w, h-2)
		fmt.Println(size, "state:", ansi.Strip(strings.Join(p.State(look.New(chart.Style{})), "  ")))
		for _, l := range lines {
			fmt.Println(ansi.Strip(l) + "|")
			if ansi.StringWidth(l) != w {
				t.Errorf("width %d of %d", ansi.StringWidth(l), w)
			}
		}
	}
}
