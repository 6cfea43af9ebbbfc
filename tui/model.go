package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/chart"
	"ablate/tui/lab"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Model is the root of the interface: a stack of pages and what they share. It is
// changed by Update alone.
type Model struct {
	site    *page.Site
	backend backend
	look    look.Look

	width, height int
	list          *lab.List
	pages         []page.Page     // above the list; the last one is on the screen
	exp           *lab.Experiment // the one in pages, or the last that was; nil before any
	asked         store.Focus     // what the feed was last asked for

	help     bool
	question *page.Ask
	notice   notice
	unsent   string // why the last notification did not go out, which was said
	guarded  bool   // the engine is looked after
	focused  bool   // the terminal says that it has the keyboard
	gpuText  string
}

// notice is the last answer or error, until the next key.
type notice struct {
	text   string
	failed bool // it is an error, and stays
	old    bool // it has stood for a while: an answer goes by itself
}

func newModel(site *page.Site, s chart.Style, open string) *Model {
	m := &Model{site: site, look: look.New(s), gpuText: "–", list: lab.NewList(site)}
	if open != "" {
		m.open(page.Open{Place: page.Experiment, Names: []string{open}})
		m.asked = m.exp.Focus() // the feed begins with it
	}
	return m
}

// Init starts listening to the store.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.backend.next(), m.backend.readings(), m.backend.sources())
}

// top is the page on the screen.
func (m *Model) top() page.Page {
	if n := len(m.pages); n > 0 {
		return m.pages[n-1]
	}
	return m.list
}

// Update takes one message in.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.take(msg)
	return m, tea.Batch(cmd, m.follow())
}

func (m *Model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.FocusMsg:
		m.focused = true
	case tea.BlurMsg:
		m.focused = false
	case updateMsg:
		return tea.Batch(m.backend.next(), m.takeData(msg.Update), m.guard())
	case sourceMsg:
		return tea.Batch(m.takeSource(msg), m.backend.sources())
	case page.Readings:
		return tea.Batch(m.takeGPUs(msg), m.tell(msg))
	case wokenMsg:
		return m.woken(msg)
	case page.Reply:
		m.hear(msg)
		return m.tell(msg)
	case page.Open:
		return m.open(msg)
	case page.Back:
		m.back()
	case page.Say:
		m.say(msg.Text, msg.Failed)
	case page.Ask:
		m.question = &msg
	case page.Copy:
		m.say("copied "+msg.What, false)
		return tea.SetClipboard(msg.Text)
	default:
		return m.tell(msg)
	}
	return nil
}

// tell brings a message to all pages.
func (m *Model) tell(msg tea.Msg) tea.Cmd {
	cmds := []tea.Cmd{m.list.Update(msg)}
	for _, p := range m.pages {
		cmds = append(cmds, p.Update(msg))
	}
	return tea.Batch(cmds...)
}

// takeData brings an update from the store into the pages, and tells the news.
func (m *Model) takeData(u store.Update) tea.Cmd {
	m.site.Summaries = u.Experiments
	var was map[string]store.Status
	if m.exp != nil {
		was = m.exp.Statuses()
	}
	cmd := m.tell(page.Data{Update: u})
	if u.Err != nil {
		m.say("cannot read all of the store: "+u.Err.Error(), true)
	}
	return tea.Batch(cmd, m.ring(was))
}

// ring calls who watches from another window when a run failed or the last one
// ended, once for each: by the bell, and by a note (OSC 9) where the terminal
// shows such. Who looks at the screen needs neither.
func (m *Model) ring(was map[string]store.Status) tea.Cmd {
	if m.exp == nil || m.focused {
		return nil
	}
	text := m.exp.News(was, m.site.File.Notify)
	if text == "" {
		return nil
	}
	return tea.Raw("\a\x1b]9;ablate: " + look.Harmless(text) + "\x1b\\")
}

// takeSource brings in a changed experiment file. One with mistakes changes
// nothing but for a line that says so.
func (m *Model) takeSource(msg sourceMsg) tea.Cmd {
	changed := m.site.Slots != msg.slots || msg.err != nil || msg.file != nil
	m.site.Slots = msg.slots
	switch {
	case msg.err != nil:
		m.site.Mistaken = true
	case msg.file != nil:
		m.site.Mistaken, m.site.File = false, msg.file
	}
	if !changed {
		return nil
	}
	return m.tell(page.Source{})
}

// takeGPUs keeps the readings for the first line. A machine without a driver is
// said to be one, calmly and once, and is not asked again.
func (m *Model) takeGPUs(msg page.Readings) tea.Cmd {
	m.gpuText = gpu.Summary(msg.Devices)
	if errors.Is(msg.Err, gpu.ErrNoDriver) {
		if m.notice.text == "" {
			m.say(msg.Err.Error(), false)
		}
		return nil
	}
	return m.backend.readings()
}

// woken is what the engine said when it was looked after.
func (m *Model) woken(msg wokenMsg) tea.Cmd {
	m.age()
	m.site.Waits = msg.waits
	switch {
	case msg.err != nil:
		m.say(msg.err.Error(), true)
	case msg.trouble != "":
		m.say("waiting: "+msg.trouble, true)
	case msg.unsent != "" && msg.unsent != m.unsent: // once: it is tried again
		m.say("not told: "+msg.unsent, true)
		m.unsent = msg.unsent
	}
	if msg.unsent == "" {
		m.unsent = ""
	}
	m.guarded = false
	return m.guard()
}

func (m *Model) say(text string, failed bool) {
	m.notice = notice{text: strings.ReplaceAll(text, "\n", "; "), failed: failed}
}

// age lets an answer go once it was there to be read; an error stays.
func (m *Model) age() {
	if m.notice.old && !m.notice.failed {
		m.notice.text = ""
	}
	m.notice.old = true
}

// guard looks after the engine, one look at a time: while runs are live, or one was
// lost that it may try again, and none answers, one is started.
func (m *Model) guard() tea.Cmd {
	if m.guarded {
		return nil
	}
	m.guarded = true
	if m.exp == nil || !m.exp.NeedsEngine() {
		return m.backend.wake("")
	}
	return m.backend.wake(m.exp.Title())
}

// follow asks the feed for what the page on the screen shows, or the next one
// below it that shows something of the store.
func (m *Model) follow() tea.Cmd {
	for i := len(m.pages) - 1; i >= 0; i-- {
		p, ok := m.pages[i].(page.Focuser)
		if !ok {
			continue
		}
		want := p.Focus()
		if want.Equal(m.asked) {
			return nil
		}
		m.asked = want
		return m.backend.focus(want)
	}
	return nil
}

// back leaves the page on the screen; the list stays.
func (m *Model) back() {
	if n := len(m.pages); n > 0 {
		m.pages = m.pages[:n-1]
	}
}

func (m *Model) answer(key string) tea.Cmd {
	q := m.question
	switch key {
	case "y", "enter":
		m.question = nil
		return q.Yes
	case "n", "esc", "q", "ctrl+c":
		m.question = nil
		m.say("nothing was done", false)
	}
	return nil
}

// slotsBusy is how many of the store's slots are busy, by whichever experiment.
func (m *Model) slotsBusy() string {
	busy := 0
	for _, s := range m.site.Summaries {
		busy += s.Runs[store.Running] + s.Runs[store.Stalled]
	}
	return fmt.Sprintf("%d/%d", min(busy, m.site.Slots), m.site.Slots)
}
