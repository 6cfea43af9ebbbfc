package tui

import (
	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/lab"
	"ablate/tui/look"
	"ablate/tui/nodes"
	"ablate/tui/page"
)

// Model is the root of the interface: a stack of pages and what they share. It is
// changed by Update alone.
type Model struct {
	site    *page.Site
	backend backend
	starts  tea.Cmd // brings startedMsg; nil where it was known what to open
	term    terminal
	look    look.Look // of term

	list  *lab.List
	pages []page.Page     // above the list; the last one is on the screen
	exp   *lab.Experiment // the one in pages, or the last that was; nil before any
	gpus  *nodes.GPUs     // likewise, and before any is open one that only hears
	asked store.Focus     // what the feed was last asked for
	stillness
	shield
	layers
	engineNews
	notice  notice
	gpuText string
	hosts   bool // their GPUs are shown, too
	unread  bool // no more readings come: there is no driver here, and no host to ask
	picture
}

// layers are what lies above the page; nil where it is not open.
type layers struct {
	palette  *palette
	help     *help
	question *page.Ask
	history  []string // of the palette
}

// picture is the screen.
type picture struct {
	width, height int
	stale         bool // something may be other than it is drawn
	drawn         string
}

func newModel(site *page.Site, t terminal, open string) *Model {
	m := &Model{site: site, term: t, look: t.look(), gpuText: "–", list: lab.NewList(site), gpus: nodes.NewGPUs(site), picture: picture{stale: true}}
	if open != "" {
		m.open(page.Open{Place: page.Experiment, Names: []string{open}})
		m.asked = m.exp.Focus() // the feed begins with it
	}
	return m
}

// Init starts listening to the store.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.backend.next(), m.backend.readings(m.site.Slow), m.backend.sources(), m.backend.tick(), m.starts}
	if m.term.theme == look.Auto && !m.look.Chart.Theme.NoColor && m.term.env["TERM"] != "linux" {
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
		if msg.Width < 1 || msg.Height < 1 { // a terminal that does not know its size
			return page.Send(tea.WindowSizeMsg{Width: usualWidth, Height: usualHeight})
		}
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
	case page.Open, page.Back, page.Say, page.Ask, page.Copy, page.ShowHosts:
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
	case page.ShowHosts:
		return m.showHosts()
	case page.Copy:
		m.say("copied "+msg.What, false)
		return copied(msg.Text, m.term.env)
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
	case "y":
		m.question = nil
		return q.Yes
	case "n", "esc", "q", "ctrl+c":
		m.question = nil
		m.say("nothing was done", false)
	}
	return nil
}
