package tui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
)

// noting is a page that notes what comes to it.
type noting struct {
	title string
	got   []string
	keys  []page.Key
	typed bool
}

func (p *noting) Title() string { return p.title }

func (p *noting) State(look.Look) []string { return nil }

func (p *noting) Keys() []page.Key { return p.keys }

func (p *noting) Typing() bool { return p.typed }

func (p *noting) Back() bool { return false }

func (p *noting) Update(msg tea.Msg) tea.Cmd {
	p.got = append(p.got, fmt.Sprintf("%T %v", msg, msg))
	return nil
}

func (p *noting) View(_ look.Look, w, h int) []string {
	return look.Box([]string{"one", "two"}, w, h)
}

func (d *driver) wheel(x, y int, b tea.MouseButton) *driver {
	d.t.Helper()
	return d.send(tea.MouseWheelMsg{X: x, Y: y, Button: b})
}

func TestMouse(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*driver, *noting){
		"a click comes to the page's own cell": func(d *driver, p *noting) {
			d.click("two").heard(p, "page.Click {0 1}")
		},
		"so does the wheel": func(d *driver, p *noting) {
			d.wheel(3, 5, tea.MouseWheelDown).wheel(3, 5, tea.MouseWheelUp).heard(p, "page.Wheel {3 4 3}", "page.Wheel {3 4 -3}")
		},
		"other buttons do nothing": func(d *driver, p *noting) {
			d.send(tea.MouseClickMsg{X: 1, Y: 5, Button: tea.MouseRight}).wheel(1, 5, tea.MouseWheelLeft).heard(p)
		},
		"a hint does what it says": func(d *driver, p *noting) {
			d.click("poke").asked("poked").click("? help").sees("everywhere").click("everywhere").lacks("everywhere").heard(p)
		},
		"a step of the path goes there": func(d *driver, p *noting) {
			d.click("quick").sees("pass@1").lacks("deep").heard(p)
			d.click("ablate").sees("not run yet")
		},
		"a question is answered": func(d *driver, p *noting) {
			d.send(page.Ask{Text: "sure? y yes", Yes: d.backend.note("did it")}).click("y yes").asked().click("n no").asked()
			d.send(page.Ask{Text: "sure?", Yes: d.backend.note("did it")}).click("y yes").asked("did it").heard(p)
			d.send(page.Ask{Text: "sure?", Yes: d.backend.note("did it")}).click("n no").asked().sees("nothing was done")
		},
		"the help scrolls": func(d *driver, p *noting) {
			if d.m.height > 20 { // all of it is there
				return
			}
			d.press("?").sees("here: deep").wheel(3, 5, tea.MouseWheelDown).lacks("here: deep").wheel(3, 5, tea.MouseWheelUp).sees("here: deep").heard(p)
		},
		"M releases it": func(d *driver, p *noting) {
			if v := d.m.View(); v.MouseMode != tea.MouseModeCellMotion {
				d.t.Error("the mouse is not asked for")
			}
			d.press("M").sees("the mouse selects text now")
			if v := d.m.View(); v.MouseMode != tea.MouseModeNone {
				d.t.Error("the mouse is still asked for")
			}
			d.press("M").sees("M releases it").heard(p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range [][2]int{{60, 15}, {120, 40}} {
				d := drive(t, size[0], size[1], "quick").send(midway(t)).asked()
				p := &noting{title: "deep", keys: []page.Key{{Keys: "x", Name: "poke", Hint: "poke", Help: "poke", Do: func() tea.Cmd { return d.backend.note("poked") }}}}
				d.m.pages = append(d.m.pages, p)
				story(d, p)
			}
		})
	}
}

// heard holds what came to a page since the last call.
func (d *driver) heard(p *noting, want ...string) *driver {
	d.t.Helper()
	if fmt.Sprint(p.got) != fmt.Sprint(want) {
		d.t.Errorf("the page got %q, want %q", p.got, want)
	}
	p.got = nil
	return d
}

// While the screen is held still nothing comes to the pages; then all of it does.
func TestFreeze(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "quick").send(midway(t)).tick()
	before := d.m.exp.Statuses()
	later := with(t, map[int]store.Status{1: store.Done})
	later.Fresh = false
	first := later.Records[1].ID
	later.Histories = nil
	d.press("f").sees("FROZEN 0s").tick().tick().send(later).sees("FROZEN 2s", "1/6 done")
	if got := d.m.exp.Statuses(); got[first] != before[first] {
		t.Errorf("a page that is held still got news: %v", got)
	}
	d.press("f").lacks("FROZEN").sees("2/6 done", "1024×1  0.400") // with the curves of before
	p := &noting{title: "deep"}
	d.m.pages = append(d.m.pages, p)
	d.press("f").tick().send(page.Readings{Now: 5}).heard(p)
	d.press("f").lacks("FROZEN")
	if len(p.got) != 3 {
		t.Errorf("released, the page got %d messages: %.200q", len(p.got), p.got)
	}
	d.press("f").send(page.Open{Place: page.List}).lacks("FROZEN")
}

// A page that is opened is told at once what is known.
func TestOpenedPageKnows(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, "").send(midway(t)).press("j", "k", "enter").sees("1/6 done", "1024×1  0.400")
	d.within(3)
}
