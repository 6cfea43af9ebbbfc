package tui

import (
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
	"ablate/tui/page"
)

// brittle is a page that breaks where it is told to.
type brittle struct{ at string }

func (p *brittle) breaks(where string) {
	if p.at == where {
		var none []int
		_ = none[len(where)]
	}
}

func (p *brittle) Title() string { return "brittle" }

func (p *brittle) State(look.Look) []string { p.breaks("state"); return nil }

func (p *brittle) Keys() []page.Key {
	return []page.Key{
		{Keys: "x", Name: "break", Hint: "break", Help: "break", Do: func() tea.Cmd { p.breaks("key"); return nil }},
		{Keys: "c", Name: "later", Help: "break later", Do: func() tea.Cmd {
			return tea.Batch(nil, func() tea.Msg { p.breaks("cmd"); return nil })
		}},
	}
}

func (p *brittle) Typing() bool { return false }

func (p *brittle) Back() bool { p.breaks("back"); return false }

func (p *brittle) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(page.Tick); ok {
		p.breaks("tick")
	}
	return nil
}

func (p *brittle) View(_ look.Look, w, h int) []string {
	p.breaks("view")
	return look.Box([]string{"all is well"}, w, h)
}

// Wherever a page breaks, the screen says what and where, keys work, other pages
// go on, and the page can be left.
func TestBrokenPage(t *testing.T) {
	t.Parallel()
	for at, keys := range map[string]string{"view": "", "state": "", "key": "x", "back": "esc", "tick": "", "cmd": "c"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, "quick").send(midway(t))
			var log string
			d.m.crashLog = func(text string) string { log = text; return "/tmp/crash.log" }
			d.m.pages = append(d.m.pages, &brittle{at: at})
			d.tick().press(strings.Fields(keys)...)
			d.sees("tui/shield_test.go:", "index out of range", "/tmp/crash.log", "? help")
			if !strings.Contains(log, "shield_test.go") || !strings.Contains(log, "index out of range") {
				t.Errorf("the log has %q", log)
			}
			if at != "cmd" {
				d.sees("This page broke").press("?").sees("everywhere").press("esc", "esc")
			} else {
				d.sees("all is well").press("esc")
			}
			d.lacks("brittle").sees("pass@1").send(midway(t)).press("j", ":", "esc")
		})
	}
}

// What broke is written where the line on the screen says, one report after the
// other.
func TestWriteCrash(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache) // for macOS
	path := writeCrash("first")
	if again := writeCrash("second"); again != path {
		t.Errorf("the second report is in %s, the first in %s", again, path)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "first\n\nsecond\n\n" {
		t.Errorf("%s has %q, err %v", path, text, err)
	}
}
