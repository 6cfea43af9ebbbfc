package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/lab"
	"ablate/tui/look"
	"ablate/tui/page"
)

// Model is the root of the interface: a stack of pages and what they share. It is
// changed by Update alone.
type Model struct {
	site    *page.Site
	backend backend
	starts  tea.Cmd // brings startedMsg; nil where it was known what to open
	env     map[string]string
	term    terminal
	look    look.Look // of term

	width, height int
	list          *lab.List
	pages         []page.Page     // above the list; the last one is on the screen
	exp           *lab.Experiment // the one in pages, or the last that was; nil before any
	asked         store.Focus     // what the feed was last asked for
	kept          kept
	now           float64              // of the last tick, in seconds since 1970
	frozen        float64              // since when the pages are held still; 0: they are not
	broken        map[page.Page]string // pages that panicked, and how
	crashLog      func(string) string  // writes down a panic and says where; nil: nowhere

	palette  *palette // nil where it is not open, as those below
	help     *help
	question *page.Ask
	history  []string // of the palette
	notice   notice
	unsent   string // why the last notification did not go out, which was said
	trouble  string // what is wrong with the engine
	guarded  bool   // the engine is looked after
	gpuText  string

	stale bool   // something may be other than on the screen
	drawn string // the screen
}

// notice is the last answer or error, until the next key.
type notice struct {
	text   string
	failed bool // it is an error, and stays
	old    bool // it has stood for a while: an answer goes by itself
}

func newModel(site *page.Site, t terminal, open string) *Model {
	m := &Model{site: site, term: t, look: t.look(), gpuText: "–", list: lab.NewList(site), stale: true}
	if open != "" {
		m.open(page.Open{Place: page.Experiment, Names: []string{open}})
		m.asked = m.exp.Focus() // the feed begins with it
	}
	return m
}

// Init starts listening to the store.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.backend.next(), m.backend.readings(), m.backend.sources(), m.backend.tick(), m.starts}
	if m.term.theme == look.Auto && !m.look.Chart.Theme.NoColor && m.env["TERM"] != "linux" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	for i, c := range cmds {
		cmds[i] = m.shielded(c)
	}
	return tea.Batch(cmds...)
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
	m.date(msg)
	cmd := m.take(msg)
	return m, m.shielded(tea.Batch(cmd, m.follow()))
}

// date says when what a message changes has to be on the screen: at once, or on a
// thin link, where nobody waits for it, with the next tick.
func (m *Model) date(msg tea.Msg) {
	if src, ok := msg.(sourceMsg); ok && src.file == nil && src.err == nil && src.slots == m.site.Slots {
		return
	}
	switch msg.(type) {
	case tea.KeyPressMsg, tea.MouseMsg, tea.WindowSizeMsg, tea.PasteMsg, page.Say, page.Ask, page.Open, page.Back, page.Copy, page.Reply, page.Tick:
		m.stale = true
	default:
		m.stale = m.stale || !m.site.Slow || m.drawn == ""
	}
}

func (m *Model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			return m.click(msg.X, msg.Y)
		}
	case tea.MouseWheelMsg:
		return m.wheel(msg.X, msg.Y, msg.Button)
	case tea.FocusMsg:
		m.term.focused = true
	case tea.BlurMsg:
		m.term.focused = false
	case tea.MouseMsg, tea.KeyReleaseMsg: // nobody asked for them
	default:
		return m.hears(msg)
	}
	return nil
}

// hears takes in what nobody pressed.
func (m *Model) hears(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case updateMsg:
		return tea.Batch(m.backend.next(), m.takeUpdate(msg.Update), m.guard())
	case startedMsg:
		return m.started(msg)
	case sourceMsg:
		return tea.Batch(m.takeSource(msg), m.backend.sources())
	case page.Readings:
		return m.takeGPUs(msg)
	case page.Tick:
		m.now = msg.Now
		if m.frozen > 0 {
			return m.backend.tick()
		}
		return tea.Batch(m.backend.tick(), m.tell(msg))
	case wokenMsg:
		return m.woken(msg)
	case crashMsg:
		return m.failed(msg.text)
	case page.Reply:
		m.hear(msg)
		return m.tell(msg)
	case page.Open, page.Back, page.Say, page.Ask, page.Copy:
		return m.serve(msg)
	default:
		if m.term.hears(msg) {
			m.look = m.term.look()
			return nil
		}
		return m.tell(msg)
	}
}

// serve does what a page asks of the root.
func (m *Model) serve(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case page.Open:
		before := m.top()
		thawed := m.thaw()
		m.open(msg)
		if m.top() != before {
			return tea.Batch(thawed, m.greet(m.top()))
		}
		return thawed
	case page.Back:
		m.back()
	case page.Say:
		m.say(msg.Text, msg.Failed)
	case page.Ask:
		m.question = &msg
	case page.Copy:
		m.say("copied "+msg.What, false)
		return copied(msg.Text, m.env)
	}
	return nil
}

// paste types a text where something is typed.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	switch p := m.top(); {
	case m.question != nil:
	case m.palette != nil:
		m.palette.input.Press("", msg.Content)
	case m.help != nil:
		m.help.filter.Press("", msg.Content)
	case m.broken[p] == "" && p.Typing():
		return m.toPage(msg)
	}
	return nil
}

// tell brings a message to all pages.
func (m *Model) tell(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range append([]page.Page{m.list}, m.pages...) {
		if m.broken[p] == "" {
			cmds = append(cmds, m.safely(p, func() tea.Cmd { return p.Update(msg) }))
		}
	}
	return tea.Batch(cmds...)
}

// takeUpdate keeps an update from the store, and tells it where the screen is not
// held still.
func (m *Model) takeUpdate(u store.Update) tea.Cmd {
	m.kept.add(u)
	if m.frozen > 0 {
		return nil
	}
	return m.takeData(u)
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
	if m.exp == nil || m.term.focused {
		return nil
	}
	text := m.exp.News(was, m.site.File.Notify)
	if text == "" {
		return nil
	}
	return tea.Raw("\a\x1b]9;ablate: " + look.Told(text) + "\x1b\\")
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
// said to be one there, and is not asked again.
func (m *Model) takeGPUs(msg page.Readings) tea.Cmd {
	m.kept.readings = &msg
	m.gpuText = look.Harmless(gpu.Summary(msg.Devices))
	var again tea.Cmd
	if errors.Is(msg.Err, gpu.ErrNoDriver) {
		m.gpuText = "– no driver"
	} else {
		again = m.backend.readings()
	}
	if m.frozen > 0 {
		return again
	}
	return tea.Batch(again, m.tell(msg))
}

// woken is what the engine said when it was looked after. What is wrong with it
// stands in the first line as long as it is; its words are said once.
func (m *Model) woken(msg wokenMsg) tea.Cmd {
	m.age()
	m.site.Waits = msg.waits
	trouble := ""
	switch {
	case msg.err != nil:
		trouble = msg.err.Error()
	case msg.trouble != "":
		trouble = "waiting: " + msg.trouble
	case msg.unsent != "" && msg.unsent != m.unsent: // once: it is tried again
		m.say("not told: "+msg.unsent, true)
		m.unsent = msg.unsent
	}
	if trouble != "" && trouble != m.trouble {
		m.say(trouble, true)
	}
	m.trouble = trouble
	if msg.unsent == "" {
		m.unsent = ""
	}
	m.guarded = false
	return m.guard()
}

// say shows a text until the next key. An answer does not take the place of an
// error that nobody has seen go.
func (m *Model) say(text string, failed bool) {
	if m.notice.failed && !failed {
		return
	}
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
	delete(m.broken, m.top())
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
