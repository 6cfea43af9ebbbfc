package run

import (
	"math"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
)

// logPane is a window on the log of the newest attempt, of any size: some lines
// round those on the screen, read on from either end.
type logPane struct {
	log   *store.Log
	lines []store.LogLine
	first int64 // where the first of them begins
	next  int64 // where the lines behind them begin
	size  int64 // of the file, when it was last read
	top   int   // index of the line at the top, unless it follows
	still bool  // it does not follow the end
	wrap  bool

	busy bool
	then func() tea.Cmd // what is to be read after that

	prompt *look.Input // that is being typed
	query  *store.LogQuery
	text   string // of the query
	match  int64  // where the line of the last match begins, -1 for none
	seek   seek
	said   string // of the last search
	err    error
}

// seek is a search that goes on.
type seek struct {
	on    bool
	back  bool
	from  int64
	round bool // it began anew at the other end
}

// Lines that are read at once, that are kept, and that there should be beyond the
// screen.
const (
	logPage  = 300
	logKept  = 1500
	logAhead = 60
)

// logMsg brings lines of a log, or the result of a search in it.
type logMsg struct {
	log         *store.Log
	lines       []store.LogLine
	first, next int64
	size        int64
	at          place
	found       *store.Found
	err         error
}

// place says where lines go.
type place uint8

const (
	instead place = iota // of those that are there
	behind
	before
	atMatch // instead of those that are there, with a match among them
)

// readLog reads the end of the log, and then what is added.
func (p *Page) readLog() tea.Cmd {
	g := &p.log
	if g.log == nil {
		if p.facts.written == 0 {
			return nil
		}
		g.log, g.match = store.OutLog(p.facts.record.Dir, p.facts.record.Attempt), -1
		return g.toEnd()
	}
	if same := g.size == p.facts.written && g.atEnd() && g.err == nil; same || g.still || g.seek.on {
		return nil
	}
	return g.more()
}

// do runs a read, one at a time; of those that are asked for meanwhile the last
// one counts.
func (g *logPane) do(read func(*store.Log) logMsg) tea.Cmd {
	log := g.log
	if log == nil {
		return nil
	}
	cmd := func() tea.Cmd {
		g.busy = true
		return func() tea.Msg {
			size, err := log.Size() // before: what comes meanwhile is read next time
			if err != nil {
				return logMsg{log: log, err: err}
			}
			msg := read(log)
			msg.log, msg.size = log, size
			return msg
		}
	}
	if g.busy {
		g.then = cmd
		return nil
	}
	return cmd()
}

// toEnd reads the last lines, and follows from there.
func (g *logPane) toEnd() tea.Cmd {
	g.still, g.seek = false, seek{}
	return g.do(func(l *store.Log) (m logMsg) {
		m.lines, m.first, m.err = l.Backward(math.MaxInt64, logPage)
		last := m.first
		if n := len(m.lines); m.err == nil && n > 0 {
			last = m.lines[n-1].At
			m.lines = m.lines[:n-1]
		}
		var rest []store.LogLine
		if m.err == nil {
			rest, m.next, m.err = l.Forward(last, logPage) // what comes next, too
		}
		m.lines = append(m.lines, rest...)
		return m
	})
}

// toStart reads the first lines.
func (g *logPane) toStart() tea.Cmd {
	g.still, g.seek = true, seek{}
	return g.do(func(l *store.Log) (m logMsg) {
		m.lines, m.next, m.err = l.Forward(0, logPage)
		return m
	})
}

// more reads on behind the lines that are there.
func (g *logPane) more() tea.Cmd {
	from := g.next
	return g.do(func(l *store.Log) logMsg {
		m := logMsg{at: behind, first: from}
		m.lines, m.next, m.err = l.Forward(from, logPage)
		return m
	})
}

// less reads the lines before those that are there.
func (g *logPane) less() tea.Cmd {
	to := g.first
	return g.do(func(l *store.Log) logMsg {
		m := logMsg{at: before, next: to}
		m.lines, m.first, m.err = l.Backward(to, logPage)
		return m
	})
}

// around reads the lines round the one that begins at a place.
func (g *logPane) around(at int64) tea.Cmd {
	return g.do(func(l *store.Log) logMsg {
		m := logMsg{at: atMatch}
		m.lines, m.first, m.err = l.Backward(at, logPage/2)
		if m.err == nil {
			var rest []store.LogLine
			rest, m.next, m.err = l.Forward(at, logPage)
			m.lines = append(m.lines, rest...)
		}
		return m
	})
}

// takeLog takes in what was read.
func (p *Page) takeLog(msg logMsg) tea.Cmd {
	g := &p.log
	if msg.log != g.log {
		return nil
	}
	g.busy, g.err, g.size = false, msg.err, msg.size
	var cmd tea.Cmd
	switch {
	case msg.err != nil:
		g.seek = seek{}
	case msg.found != nil:
		cmd = g.found(*msg.found)
	default:
		g.take(msg)
	}
	if then := g.then; then != nil && !g.busy {
		g.then = nil
		return tea.Batch(cmd, then())
	}
	return cmd
}

// take puts lines in their place, and lets go of those that are far from it.
func (g *logPane) take(m logMsg) {
	switch m.at {
	case instead, atMatch:
		g.lines, g.first, g.next, g.top = m.lines, m.first, m.next, 0
		if m.at == atMatch {
			g.top = max(g.indexOf(g.match)-2, 0)
		}
	case behind:
		if m.first != g.next {
			return
		}
		if m.next < g.next { // the file is another one
			g.lines, g.first, g.next, g.top = nil, 0, 0, 0
			return
		}
		if n := len(g.lines); n > 0 && g.lines[n-1].Open {
			g.lines = g.lines[:n-1]
		}
		g.lines, g.next = append(g.lines, m.lines...), m.next
		if over := len(g.lines) - logKept; over > 0 {
			g.lines, g.top = append([]store.LogLine(nil), g.lines[over:]...), max(g.top-over, 0)
			g.first = g.lines[0].At
		}
	case before:
		if m.next != g.first {
			return
		}
		g.lines, g.first, g.top = append(m.lines, g.lines...), m.first, g.top+len(m.lines)
		if len(g.lines) > logKept {
			g.next = g.lines[logKept].At
			g.lines = g.lines[:logKept]
		}
	}
}

// indexOf is the index of the line that begins at a place, -1 if it is not there.
func (g *logPane) indexOf(at int64) int {
	for i, l := range g.lines {
		if l.At == at {
			return i
		}
	}
	return -1
}

// move scrolls by lines in a pane of h lines.
func (g *logPane) move(by, h int) tea.Cmd {
	last := max(len(g.lines)-h, 0)
	if !g.still {
		g.top = last
	}
	g.top = min(max(g.top+by, 0), last)
	g.still = by < 0 || g.still && (g.top < last || !g.atEnd())
	switch {
	case by < 0 && g.top < logAhead && g.first > 0:
		return g.less()
	case by > 0 && last-g.top < logAhead && !g.atEnd():
		return g.more()
	}
	return nil
}

// atEnd reports whether there is nothing behind the lines that are there.
func (g *logPane) atEnd() bool {
	n := len(g.lines)
	return g.next >= g.size || n > 0 && g.lines[n-1].Open
}

// search looks for what was typed, from the top of the screen on; where there is
// nothing, from the other end.
func (g *logPane) search(text string) tea.Cmd {
	q, err := store.ParseLogQuery(text)
	if err != nil {
		return page.Fail(err.Error())
	}
	if g.log == nil {
		return page.Answer("there is no log yet")
	}
	g.query, g.text, g.match, g.said = q, text, -1, ""
	from := int64(0)
	if g.still && g.top < len(g.lines) {
		from = g.lines[g.top].At
	}
	return g.look(seek{on: true, from: from, back: false})
}

// again goes to the next match, or the one before.
func (g *logPane) again(back bool) tea.Cmd {
	if g.query == nil {
		return page.Answer("nothing was looked for: / looks")
	}
	s := seek{on: true, back: back, from: g.match}
	switch {
	case g.match < 0 && back:
		s.from = math.MaxInt64
	case g.match < 0:
		s.from = 0
	case !back:
		s.from = g.match + 1
	}
	return g.look(s)
}

// look searches on.
func (g *logPane) look(s seek) tea.Cmd {
	g.seek = s
	q := g.query
	return g.do(func(l *store.Log) (m logMsg) {
		f, err := l.Search(q, s.from, s.back)
		m.found, m.err = &f, err
		return m
	})
}

// found goes on after a part of a search.
func (g *logPane) found(f store.Found) tea.Cmd {
	s := g.seek
	switch {
	case !s.on: // it was given up
		return nil
	case f.Line != nil:
		g.match, g.seek, g.still, g.said = f.Line.At, seek{}, true, ""
		if s.round {
			g.said = "from the other end on"
		}
		if i := g.indexOf(g.match); i >= 0 {
			g.top = max(i-2, 0)
			return nil
		}
		return g.around(g.match)
	case !f.Done:
		s.from = f.Next
		return g.look(s)
	case !s.round:
		s.round, s.from = true, 0
		if s.back {
			s.from = math.MaxInt64
		}
		return g.look(s)
	default:
		g.seek, g.match, g.said = seek{}, -1, "not found"
		return nil
	}
}
