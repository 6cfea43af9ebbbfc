package tui

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/look"
	"ablate/tui/page"
)

// notice is the last answer or error, until the next key.
type notice struct {
	text   string
	failed bool // it is an error, and stays
	old    bool // it has stood for a while: an answer goes by itself
}

// engineNews is what is known of the engine.
type engineNews struct {
	unsent  string // why the last notification did not go out, which was said
	trouble string // what is wrong with it
	guarded bool   // it is looked after
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
	if m.hosts && msg.file != nil {
		return tea.Batch(m.reach(), m.tell(page.Source{}))
	}
	return m.tell(page.Source{})
}

// takeGPUs keeps the readings, those of this machine for the first line. One without a
// driver is said to be one there, and is not asked again until hosts are shown.
func (m *Model) takeGPUs(msg page.Readings) tea.Cmd {
	m.kept.readings = &msg
	var again tea.Cmd
	for _, n := range msg.Nodes {
		none := errors.Is(n.Err, gpu.ErrNoDriver)
		switch {
		case n.Name == gpu.Local && none:
			m.gpuText = "– no driver"
		case n.Name == gpu.Local && errors.Is(n.Err, gpu.ErrNotAnswering): // what was read last is not what goes on
			m.gpuText = "! not answering"
		case n.Name == gpu.Local:
			m.gpuText = look.Harmless(gpu.Summary(n.Devices))
		}
		if !none || m.hosts && len(m.site.File.Hosts) > 0 {
			again = m.backend.readings(m.site.Slow)
		}
	}
	m.unread = again == nil
	if m.frozen > 0 {
		return again
	}
	if !slices.Contains(m.pages, page.Page(m.gpus)) && m.broken[m.gpus] == "" {
		m.safely(m.gpus, func() tea.Cmd { m.gpus.Hear(msg); return nil })
	}
	return tea.Batch(again, m.tell(msg))
}

// showHosts reaches the hosts of the experiment file, once, and those that it gets.
func (m *Model) showHosts() tea.Cmd {
	if m.hosts {
		return nil
	}
	if m.hosts = true; len(m.site.File.Hosts) == 0 {
		return nil
	}
	return m.reach()
}

// reach has the hosts of the file read, and reads on where that had ended.
func (m *Model) reach() tea.Cmd {
	show := m.backend.show(m.site.File.Hosts)
	if !m.unread {
		return show
	}
	m.unread = false
	return tea.Batch(show, m.backend.readings(m.site.Slow)) // which come a second later
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
	case engine.Busy(msg.trouble):
		m.site.Waits = cmp.Or(msg.waits, "what it needs is in use")
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
