package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed string
		names []string // best first; what does not match is left out
	}{
		{"stop", []string{"stop", "stop all"}},
		{"sa", []string{"stop all", "sharp"}},
		{"all", []string{"stop all", "small"}},
		{"re", []string{"rerun", "resume it", "score"}},
		{"rn", []string{"resume now", "rerun"}},
		{"xyz", nil},
	} {
		last := 1 << 20
		for _, name := range tt.names {
			s := match(tt.typed, name)
			if s <= 0 || s >= last {
				t.Errorf("match(%q, %q) = %d after %d", tt.typed, name, s, last)
			}
			last = s
		}
	}
	if s := match("xyz", "stop"); s != 0 {
		t.Errorf("match of other letters is %d", s)
	}
}

func TestPalette(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*driver){
		"it shows the key beside the name": func(d *driver) {
			d.press(":").types("stop a").sees("stop all", "S ", "stop all runs of the experiment").lacks("pause the marked")
		},
		"enter does the best": func(d *driver) {
			d.press(":").types("sta").press("enter").lacks("› star").asked("mark " + d.m.exp.Focus().Run + " star")
		},
		"an arrow picks another": func(d *driver) {
			d.press(":").types("stop").press("↓", "enter").sees("stop 4 runs?")
		},
		"tab writes it out": func(d *driver) {
			d.press(":").types("thm").press("tab").sees(":theme ").types("li").press("enter").sees("theme light")
		},
		"what wants more asks for it": func(d *driver) {
			d.press(":").types("experiment ").press("enter").sees(":experiment ", "experiment other", "experiment quick").types("oth").press("enter").sees("ablate  other")
		},
		"an unknown name says the nearest": func(d *driver) {
			d.press(":").types("pausezz").press("enter").press("esc").asked()
			d.press(":").types("qqqq").press("enter").sees(`there is no command "qqqq"`).press("ctrl+u").types("qeueu").sees(`nearest is "queue"`)
		},
		"esc leaves, and so does backspace": func(d *driver) {
			d.press(":", "x", "backspace", "backspace").lacks("no command").press(":", "esc").asked()
		},
		"the history comes back": func(d *driver) {
			d.press(":").types("theme dark").press("enter", ":").types("freeze").press("enter")
			d.press(":", "↑").sees(":freeze").press("↑").sees(":theme dark").press("↑").sees(":theme dark").press("↓").sees(":freeze").press("↓").lacks(":freeze")
		},
		"words of the help find it": func(d *driver) {
			d.press(":").types("clipboard").sees("there is no command").press("ctrl+u").types("thin").sees("slow")
		},
		"a key that is typed finds what it does": func(d *driver) {
			d.press(":", "S").sees("› stop all")
		},
		"pasted text is typed": func(d *driver) {
			d.press(":").send(tea.PasteMsg{Content: "fre\x1b[2Jeze\n"}).sees(":freeze")
		},
		"a click does what it is on": func(d *driver) {
			d.press(":").types("pau").click("pause").asked("pause " + d.m.exp.Focus().Run)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range [][2]int{{60, 15}, {120, 40}} {
				story(drive(t, size[0], size[1], "quick").send(midway(t)).asked())
			}
		})
	}
}

// Everything with a name can be called by it, wherever one is.
func TestPaletteHasEveryName(t *testing.T) {
	t.Parallel()
	for _, p := range everyPage(drive(t, 80, 24, "").m.site) {
		d := drive(t, 80, 24, "")
		d.m.pages = append(d.m.pages, p.page)
		for _, k := range d.m.keys() {
			if k.Name == "" {
				continue
			}
			d.press(":").types(k.Name)
			if got := d.m.palette.entries(d.m.named()); len(got) == 0 || got[0].key.Name != k.Name {
				t.Errorf("%s: %q finds %v first", p.name, k.Name, got)
			}
			d.press("esc")
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		d := drive(t, size[0], size[1], "quick").send(midway(t)).press("?")
		var all strings.Builder
		for range 20 {
			all.WriteString(d.text())
			d.press("pgdn")
		}
		for _, k := range d.m.keys() {
			first, _, _ := strings.Cut(k.Help, " ")
			if !strings.Contains(all.String(), strings.Join(strings.Fields(k.Keys), " ")) || !strings.Contains(all.String(), first) {
				t.Errorf("%v: the help does not show %q", size, k.Keys+": "+k.Help)
			}
		}
		for _, sign := range d.m.legend() {
			if !strings.Contains(all.String(), sign[0]) {
				t.Errorf("%v: the help does not show the sign %q", size, sign[0])
			}
		}
		d.press("g", "/").types("checkp").sees("nothing here").press("esc", "/").types("stop all").press("enter").sees("stop all runs").lacks("retry")
		d.press("esc").sees("here: quick").press("esc").lacks("here: quick").press("?", "q").lacks("here: quick").asked()
	}
}
