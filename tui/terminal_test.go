package tui

import (
	"flag"
	"image/color"
	"io"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/clipperhouse/displaywidth"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// What the environment says of a terminal is in the bytes that come to it, also of
// one that answers nothing.
func TestTerminals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, environ string
		silent        bool
		sees, lacks   string // in the screen
		never         string // in what it takes to draw it
	}{
		{"most", "TERM=xterm-256color LANG=C.UTF-8", false, "│", "", ""},
		{"one that answers nothing", "TERM=xterm-256color LANG=C.UTF-8", true, "│", "", ""},
		{"a Japanese one that says how wide it is", "TERM=xterm-256color LANG=ja_JP.UTF-8", false, "│", "", ""},
		{"a Japanese one that says nothing", "TERM=xterm-256color LANG=ja_JP.UTF-8", true, "* 2 running", "│", ""},
		{"without UTF-8", "TERM=xterm LANG=C", true, "* 2 running", "│", ""},
		{"without colours", "TERM=xterm-256color LANG=C.UTF-8 NO_COLOR=1", true, "│", "", "38;5"},
		{"with sixteen", "TERM=xterm-16color LANG=C.UTF-8", true, "│", "", "38;5"},
		{"Linux's console", "TERM=linux LANG=C.UTF-8", true, "│", "⣀", "38;5"},
		{"in screen", "TERM=screen LANG=C.UTF-8 STY=1.pts", true, "│", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startOn(t, 120, 40, strings.Fields(tt.environ), tt.silent, "quick")
			s.p.Send(midway(t))
			for _, k := range []string{"?", "esc", "tab", "tab", "tab"} {
				s.p.Send(screentest.Key(k))
				s.shows(k)
			}
			screen := s.screen.String()
			if !strings.Contains(screen, tt.sees) || tt.lacks != "" && strings.Contains(screen, tt.lacks) {
				t.Errorf("it should have %q and not %q:\n%s", tt.sees, tt.lacks, screen)
			}
			if drawn := s.screen.Render(); tt.never != "" && strings.Contains(drawn, tt.never) {
				t.Errorf("%q was drawn", tt.never)
			}
		})
	}
}

// Where characters of ambiguous width take two cells none of them is used.
func TestWideTerminal(t *testing.T) {
	t.Parallel()
	east := displaywidth.Options{EastAsianWidth: true}
	for column, wide := range map[int]bool{20: false, 30: true, 40: true, 7: false} {
		d := drive(t, 120, 40, "quick").send(midway(t)).send(tea.CursorPositionMsg{X: column, Y: 3})
		for line := range strings.SplitSeq(d.text(), "\n") {
			if got := east.String(line) == displaywidth.String(line); wide && !got {
				t.Errorf("at column %d a line is %d cells: %s", column, east.String(line), line)
			}
		}
		if !wide {
			d.sees("│")
		}
	}
	d := drive(t, 120, 40, "quick").send(midway(t)).send(tea.CursorPositionMsg{X: 60}).lacks("│").sees("* 2 running")
	if d.m.look.Chart.Glyphs != chart.ASCII {
		t.Error("a terminal that takes every byte for a character gets more than ASCII")
	}
}

func TestThemes(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t))
	dark := d.m.screen()
	d.send(tea.BackgroundColorMsg{Color: color.White})
	light := d.m.screen()
	if dark == light {
		t.Error("a light background changes nothing")
	}
	d.press("T").sees("theme dark; ABLATE_THEME=dark").press("u")
	if d.m.screen() != dark {
		t.Error("the dark theme is another where the background is light")
	}
	d.press("T").sees("theme light").press("T").sees("theme contrast").press("T").sees("theme auto").press("u")
	if d.m.screen() != light {
		t.Error("auto does not follow the background")
	}
	d.press(":").types("theme con").press("enter").sees("theme contrast")
	if d.m.term.theme != look.Contrast {
		t.Errorf("the theme is %v", d.m.term.theme)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name, theme, slow, command string
		args                       []string
		want                       Options
		fails                      string
	}{
		{"none", "", "", "", nil, Options{}, ""},
		{"flags", "", "", "run", []string{"--theme", "light", "--slow", "--sync"}, Options{Theme: look.Light, Slow: true, Sync: true}, ""},
		{"environment", "contrast", "1", "", nil, Options{Theme: look.Contrast, Slow: true}, ""},
		{"flags before the environment", "contrast", "1", "", []string{"--theme=dark", "--slow=false"}, Options{Theme: look.Dark}, ""},
		{"slow is off", "", "0", "", nil, Options{}, ""},
		{"no such theme", "", "", "", []string{"--theme", "pink"}, Options{}, "want auto, dark, light, contrast"},
		{"another command", "", "", "ls", []string{"--slow"}, Options{}, "not defined"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("ABLATE_THEME", tt.theme)
			t.Setenv("ABLATE_SLOW", tt.slow)
			var got Options
			f := flag.NewFlagSet("", flag.ContinueOnError)
			f.SetOutput(io.Discard)
			got.Flags(f, tt.command)
			err := f.Parse(tt.args)
			if err == nil && tt.fails != "" || err != nil && (tt.fails == "" || !strings.Contains(err.Error(), tt.fails)) {
				t.Fatalf("error %v, want %q", err, tt.fails)
			}
			if err == nil && got != tt.want {
				t.Errorf("options %+v, want %+v", got, tt.want)
			}
		})
	}
	t.Setenv("ABLATE_THEME", "pink")
	var o Options
	o.Flags(flag.NewFlagSet("", flag.ContinueOnError), "")
	if err := Run(t.Context(), Config{Options: o}); err == nil || !strings.Contains(err.Error(), "ABLATE_THEME") {
		t.Errorf("a theme that is none: %v", err)
	}
}

// Over a thin link what comes by itself is drawn once a second, and what answers a
// key at once.
func TestSlow(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).press(":").types("slow").press("enter", "u").sees("slow").tick()
	d.send(page.Readings{Nodes: []gpu.Node{{Name: gpu.Local}}})
	if last := d.backend.asked[len(d.backend.asked)-1]; last != "readings, slow" {
		t.Errorf("asked %q after readings", last)
	}
	before := d.m.View().Content
	d.send(with(t, map[int]store.Status{1: store.Done}))
	if d.m.View().Content != before {
		t.Error("an update was drawn before the second was over")
	}
	d.tick()
	if d.m.View().Content == before {
		t.Error("after a second an update is not drawn")
	}
	before = d.m.View().Content
	if d.press("j"); d.m.View().Content == before {
		t.Error("a key waits for the second to be over")
	}
}

// What is copied goes through screen in pieces that it hands on.
func TestCopy(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(page.Copy{Text: "x", What: "the run's name"}).sees("copied the run's name")
	d.m.term.env = map[string]string{"STY": "1.pts"}
	d.asked().send(page.Copy{Text: strings.Repeat("x", 300), What: "it"})
	if !slices.ContainsFunc(d.backend.asked, func(a string) bool { return strings.HasPrefix(a, `raw "\x1bP\x1b]52;c;eHh4`) }) {
		t.Errorf("asked %.100q", d.backend.asked)
	}
}

func TestStarted(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24, "").send(startedMsg{open: "quick"}).sees("Does task diversity")
	drive(t, 80, 24, "").press("?").send(startedMsg{open: "quick"}).press("esc").sees("not run yet")
	drive(t, 80, 24, "").send(startedMsg{err: io.ErrUnexpectedEOF}).sees("unexpected EOF")
}

// Over SSH synchronized output is asked for where that is wanted.
func TestSyncOverSSH(t *testing.T) {
	t.Parallel()
	environ := append([]string{"SSH_TTY=/dev/pts/7"}, xterm...)
	if got := environOf(environ, false); !slices.Equal(got, environ) {
		t.Errorf("without it the environment is %q", got)
	}
	if got := environOf(environ, true); !slices.Equal(got, xterm) {
		t.Errorf("with it the environment is %q", got)
	}
}

// Where it is known what to open nobody looks first; else the store says it.
func TestLookFirst(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if msg := lookFirst(s, "mine").started(); msg != (startedMsg{open: "mine"}) {
		t.Errorf("what is known is %v", msg)
	}
	if msg := lookFirst(s, "").started(); msg != (startedMsg{}) {
		t.Errorf("an empty store opens on %v", msg)
	}
}

// A terminal that says it is 0x0, as a serial line does, is taken for a usual one.
func TestUnknownSize(t *testing.T) {
	t.Parallel()
	d := drive(t, 0, 0, "quick").sees("Does task diversity")
	if d.m.width != 80 || d.m.height != 24 {
		t.Errorf("the screen is %dx%d", d.m.width, d.m.height)
	}
}

// Over SSH the name of the terminal alone tells; tmux has that of screen, too.
func TestInScreen(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]bool{
		"STY=1.pts-0 TERM=xterm": true, "TERM=screen.xterm-256color": true,
		"TERM=screen-256color": false, "TERM=screen TMUX=/tmp/x": false, "TERM=tmux-256color": false, "": false,
	} {
		if got := inScreen(strings.Fields(env)); got != want {
			t.Errorf("%s: %v, want %v", env, got, want)
		}
	}
}
