package tui

import (
	"fmt"
	"os"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"ablate/tui/chart"
	"ablate/tui/look"
)

// terminal is what is known of the terminal.
type terminal struct {
	env     map[string]string
	style   chart.Style // as its environment says
	theme   look.Theme  // as its user wants it
	light   bool        // its background is
	sixteen bool        // it has no more colours
	noMouse bool        // the mouse is the terminal's own
	focused bool        // it says that it has the keyboard
}

func (t terminal) look() look.Look { return look.Themed(t.style, t.theme, t.light, t.sixteen) }

// hears takes in what the terminal says of itself, none of which it must, and
// reports whether that was what it did.
func (t *terminal) hears(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.BackgroundColorMsg:
		t.light = !msg.IsDark()
	case tea.ColorProfileMsg:
		t.sixteen = msg.Profile == colorprofile.ANSI
		t.style.Theme.NoColor = t.style.Theme.NoColor || msg.Profile <= colorprofile.ASCII && msg.Profile != colorprofile.Unknown
	case tea.CursorPositionMsg:
		t.measured(msg.X)
	default:
		return false
	}
	return true
}

// environment is the variables of a process by name.
func environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	return env
}

// styleOf reads from the environment what the terminal can show: no colour where
// NO_COLOR says so, plain characters where the locale is not UTF-8. In the locales
// of East Asia characters of ambiguous width may be two cells wide, until the
// terminal says what they are.
func styleOf(environ []string) chart.Style {
	env := environment(environ)
	s := chart.Style{Theme: chart.Theme{NoColor: env["NO_COLOR"] != "" || env["TERM"] == "dumb"}}
	locale := env["LC_ALL"]
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = env[name]
		}
	}
	if l := strings.ToUpper(locale); !strings.Contains(l, "UTF-8") && !strings.Contains(l, "UTF8") {
		s.Glyphs = chart.ASCII
	} else if env["TERM"] == "linux" {
		s.Glyphs = chart.Blocks
	}
	switch language, _, _ := strings.Cut(locale, "_"); language {
	case "ja", "ko", "zh":
		s.WideAmbiguous = s.Glyphs != chart.ASCII && env["TERM"] != "linux"
	}
	return s
}

// inScreen reports whether the terminal is GNU screen, which keeps a lone escape to
// itself while a program has the mouse: there one asks for it.
func inScreen(environ []string) bool {
	env := environment(environ)
	return env["STY"] != "" || strings.HasPrefix(env["TERM"], "screen.")
}

// probed is how many characters of ambiguous width are printed before the first
// frame to see how far they take the cursor.
const probed = 10

// measured takes in where the cursor stood behind them.
func (t *terminal) measured(column int) {
	switch {
	case t.style.Glyphs == chart.ASCII:
	case column == 3*2*probed: // every byte took a cell
		t.style.Glyphs, t.style.WideAmbiguous = chart.ASCII, false
	case column > 2*probed && column <= 4*probed:
		t.style.WideAmbiguous = true
	case column == 2*probed:
		t.style.WideAmbiguous = false
	}
}

// probe is an output that begins with a question to the terminal: how wide are
// these? It asks on the shell's screen, once the terminal echoes no answer, and
// wipes them away. Whether and when the answer comes nobody waits for.
type probe struct {
	*os.File
	once sync.Once
	text string
}

// newProbe asks nothing where characters are ASCII, or the line has no room.
func newProbe(f *os.File, s chart.Style) *probe {
	p := &probe{File: f}
	if w, _, err := term.GetSize(f.Fd()); err == nil && w > 6*probed && s.Glyphs != chart.ASCII {
		p.text = "\r" + strings.Repeat("…", probed) + strings.Repeat("─", probed) + ansi.RequestCursorPositionReport + "\r" + ansi.EraseLineRight
	}
	return p
}

func (p *probe) Write(b []byte) (int, error) {
	var err error
	p.once.Do(func() { _, err = p.WriteString(p.text) })
	if err != nil {
		return 0, err
	}
	return p.File.Write(b)
}

func (m *Model) nextTheme() tea.Cmd {
	return m.setTheme(look.ThemeNames()[(int(m.term.theme)+1)%len(look.ThemeNames())])
}

func (m *Model) setTheme(name string) tea.Cmd {
	t, ok := look.ParseTheme(name)
	if !ok {
		return m.failed("theme: want " + strings.Join(look.ThemeNames(), ", "))
	}
	m.term.theme = t
	m.look = m.term.look()
	m.say(fmt.Sprintf("theme %s; ABLATE_THEME=%s keeps it", name, name), false)
	return nil
}

func (m *Model) toggleSlow() tea.Cmd {
	m.site.Slow = !m.site.Slow
	if m.site.Slow {
		m.say("slow: at most one update a second", false)
	} else {
		m.say("as fast as can be", false)
	}
	return nil
}

// suspend gives the terminal back to the shell that started the program. Without
// one nobody could bring it back.
func (m *Model) suspend() tea.Cmd {
	if !hasShell() {
		return m.failed("suspend: no shell has started this, so none could bring it back")
	}
	return tea.Suspend
}

func (m *Model) failed(text string) tea.Cmd {
	m.say(text, true)
	return nil
}
