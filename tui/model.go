package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/chart"
)

// Model is the whole interface. It is changed by Update alone, and pages are
// plain structs in it.
type Model struct {
	config  Config
	backend backend
	look    look

	width, height int
	listing       bool // the list of experiments is shown, else one of them
	list          listPage
	summaries     []store.Summary
	mistaken      bool // the file was changed and has mistakes: the one before is used
	exp           experimentPage

	help     bool
	question *question
	notice   string // the last answer or error, until the next key
	failed   bool   // it is an error
	unsent   string // why the last notification did not go out, which was said
	old      bool   // it has stood for a while: an answer goes by itself
	guarded  bool   // the engine is looked after
	waits    string // why nothing of the experiment goes though some of it waits
	focused  bool   // the terminal says that it has the keyboard
	gpuText  string
}

func newModel(c Config, s chart.Style) *Model {
	m := &Model{config: c, look: newLook(s), gpuText: "–"}
	m.listing = c.Experiment == ""
	m.exp = newExperimentPage(c.Experiment, m.design(c.Experiment))
	m.exp.asked = m.exp.focus() // the feed begins with it
	m.list.set(c.File, nil)
	if c.Ran != nil {
		m.hear(replyMsg{verb: "run", reply: *c.Ran})
	}
	return m
}

// Init starts listening to the store.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.backend.next(), m.backend.readings(), m.backend.sources())
}

// Update takes one message in.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case updateMsg:
		news := m.take(msg)
		return m, tea.Batch(m.backend.next(), m.follow(), m.guard(), news)
	case tea.FocusMsg:
		m.focused = true
	case tea.BlurMsg:
		m.focused = false
	case sourceMsg:
		m.takeSource(msg)
		return m, m.backend.sources()
	case gpuMsg:
		return m, m.takeGPUs(msg)
	case wokenMsg:
		m.age()
		m.waits = msg.waits
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
		return m, m.guard()
	case replyMsg:
		m.hear(msg)
	}
	return m, nil
}

// take brings an update from the store into the pages, and tells the news.
func (m *Model) take(u updateMsg) (news tea.Cmd) {
	m.summaries = u.Experiments
	m.list.set(m.config.File, m.summaries)
	if u.Focus.Experiment == m.exp.name {
		was := m.exp.statuses()
		m.exp.take(u.Update, m.design(m.exp.name))
		news = m.ring(was)
	}
	if u.Err != nil {
		m.say("cannot read all of the store: "+u.Err.Error(), true)
	}
	return news
}

// takeSource brings in a changed experiment file. One with mistakes changes
// nothing but for a line that says so.
func (m *Model) takeSource(msg sourceMsg) {
	m.config.Slots = msg.slots
	switch {
	case msg.err != nil:
		m.mistaken = true
	case msg.file != nil:
		m.mistaken, m.config.File = false, msg.file
		m.list.set(msg.file, m.summaries)
		m.exp.redesign(m.design(m.exp.name))
	}
}

// takeGPUs keeps the readings for the first line. A machine without a driver is
// said to be one, calmly and once, and is not asked again.
func (m *Model) takeGPUs(msg gpuMsg) tea.Cmd {
	m.gpuText = gpu.Summary(msg.devices)
	if errors.Is(msg.err, gpu.ErrNoDriver) {
		if m.notice == "" {
			m.say(msg.err.Error(), false)
		}
		return nil
	}
	return m.backend.readings()
}

// hear shows what the engine answered.
func (m *Model) hear(msg replyMsg) {
	switch r := msg.reply; {
	case msg.err != nil:
		m.say(msg.err.Error(), true)
	case r.Warning != "":
		m.say(r.Warning, true)
	case msg.verb == "run" && r.Stopped > 0:
		m.say(fmt.Sprintf("%d queued, %d being stopped: run these when they have ended", r.Queued, r.Stopped), false)
	case msg.verb == "run":
		m.say(fmt.Sprintf("%d queued, %d going, %d reused", r.Queued, r.Going, r.Reused), false)
	default:
		m.say(words(msg), false)
	}
}

// words are the answer to a verb about runs.
func words(msg replyMsg) string {
	r := msg.reply
	switch msg.verb {
	case "stop":
		return fmt.Sprintf("%d stopping", r.Stopped)
	case "pause":
		return fmt.Sprintf("%d pausing: p goes on", r.Paused)
	case "retry", "resume":
		text := fmt.Sprintf("%d queued", r.Queued)
		if r.Stopped > 0 {
			text += fmt.Sprintf(", %d still ending: ask again when they have", r.Stopped)
		}
		if r.Ruled > 0 {
			text += fmt.Sprintf(", %d ended by a stop rule: `ablate retry --force` tries these too", r.Ruled)
		}
		return text
	case "mark":
		return fmt.Sprintf("%d marked", r.Marked)
	}
	return ""
}

func (m *Model) say(text string, failed bool) {
	m.notice, m.failed, m.old = strings.ReplaceAll(text, "\n", "; "), failed, false
}

// age lets an answer go once it was there to be read; an error stays.
func (m *Model) age() {
	if m.old && !m.failed {
		m.notice = ""
	}
	m.old = true
}

// guard looks after the engine, one look at a time: while runs are live, or one was
// lost that it may try again, and none answers, one is started.
func (m *Model) guard() tea.Cmd {
	if m.guarded {
		return nil
	}
	m.guarded = true
	if !m.exp.needsEngine() {
		return m.backend.wake("")
	}
	return m.backend.wake(m.exp.name)
}

func (m *Model) here() place {
	if m.listing {
		return inList
	}
	return inExperiment
}

// move moves the cursor of the page by n rows.
func (m *Model) move(n int) tea.Cmd {
	if m.listing {
		m.list.move(n)
		return nil
	}
	m.exp.move(n)
	return m.follow()
}

// follow asks the feed for the log of the run under the cursor.
func (m *Model) follow() tea.Cmd {
	if want := m.exp.focus(); !want.Equal(m.exp.asked) && !m.listing {
		m.exp.asked = want
		return m.backend.focus(want)
	}
	return nil
}

func (m *Model) openSelected() tea.Cmd {
	if name := m.list.selected(); name != "" {
		m.listing = false
		if name != m.exp.name {
			m.exp = newExperimentPage(name, m.design(name))
		}
	}
	return m.follow()
}

func (m *Model) openList() tea.Cmd {
	m.listing = true
	m.list.point(m.exp.name)
	return nil
}

func (m *Model) askRun() tea.Cmd {
	if m.exp.plan == nil {
		m.say("the experiment file has no such experiment any more", true)
		return nil
	}
	m.say("asking the engine ...", false)
	return m.backend.run(m.exp.plan, m.config.File.Notify)
}

func (m *Model) askRunFile() tea.Cmd {
	if m.mistaken {
		m.say("the file has mistakes: `ablate check` says which", true)
		return nil
	}
	if !m.exp.differs {
		m.say("the file has the same design", false)
		return nil
	}
	m.question = &question{
		text: fmt.Sprintf("run the file's design (%s)?", m.exp.difference()), yes: m.backend.run(m.exp.design, m.config.File.Notify),
	}
	return nil
}

func (m *Model) askStop() tea.Cmd {
	ids := m.exp.chosen(stoppable)
	if len(ids) == 0 {
		m.say("nothing to stop here: move to a run that is going, waiting or halted, or mark some", false)
		return nil
	}
	m.ask(ids)
	return nil
}

func (m *Model) askStopAll() tea.Cmd {
	ids := m.exp.stoppableIDs()
	if len(ids) == 0 {
		m.say("nothing is going", false)
		return nil
	}
	m.ask(ids)
	return nil
}

func (m *Model) ask(ids []string) {
	text := fmt.Sprintf("stop %d runs?", len(ids))
	if len(ids) == 1 {
		text = "stop " + m.exp.runName(ids[0]) + "?"
	}
	m.question = &question{text: text + " " + m.exp.afterStop(), yes: m.backend.do(engine.Request{Verb: "stop", Runs: ids})}
}

// question is asked before what cannot be undone.
type question struct {
	text string
	yes  tea.Cmd
}

func (m *Model) answer(key string) tea.Cmd {
	q := m.question
	switch key {
	case "y", "enter":
		m.question = nil
		return q.yes
	case "n", "esc", "q", "ctrl+c":
		m.question = nil
		m.say("nothing was done", false)
	}
	return nil
}

// engineSlots is how many of the store's slots are busy, by whichever experiment.
func (m *Model) engineSlots() string {
	busy := m.exp.running()
	for _, r := range m.list.rows {
		if r.name != m.exp.name {
			busy += r.runs[store.Running] + r.runs[store.Stalled]
		}
	}
	return fmt.Sprintf("%d/%d", min(busy, m.config.Slots), m.config.Slots)
}
