package run

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/look"
	"ablate/tui/page"
	"ablate/tui/report"
)

// samples are the programs that the model wrote in the newest attempt, one of
// them on the screen.
type samples struct {
	index *store.SampleIndex // only Cmds use it, one at a time
	marks []store.SampleMark // what it has found
	found []int              // of these, those that the filter lets through
	at    int                // in found
	moved bool               // by the reader; until then it is the newest step's first

	size   int64 // of the file when it was last looked at
	busy   bool
	shown  int // the one that was read; -1 for none
	wanted int // the one that is to be read
	sample store.Sample
	err    error

	same struct { // the programs for the task of the one that is shown, of so many
		shown, of int
		found     []int
		at        int
	}

	filter string
	prompt *look.Input
	scroll scroll
}

// samplesMsg brings what was found of the programs, or one of them.
type samplesMsg struct {
	index  *store.SampleIndex
	marks  []store.SampleMark
	anew   bool // the file began anew: these are all
	more   bool
	loaded *store.Sample
	at     int // of the one that was read
	err    error
}

// indexBytes is how much of the programs is looked through at once.
const indexBytes = 4 << 20

// readSamples looks for programs that were added.
func (p *Page) readSamples() tea.Cmd {
	s := &p.samples
	if s.index == nil {
		if p.facts.sampled == 0 {
			return nil
		}
		s.index = store.NewSampleIndex(p.facts.record.Dir, p.facts.record.Attempt)
		s.shown, s.wanted, s.size = -1, -1, -1
	}
	if s.busy || s.size == p.facts.sampled && s.err == nil {
		return nil
	}
	s.size = p.facts.sampled
	return s.more()
}

func (s *samples) more() tea.Cmd {
	if s.busy {
		return nil
	}
	s.busy = true
	x, n := s.index, len(s.marks)
	return func() tea.Msg {
		more, err := x.Next(indexBytes)
		msg := samplesMsg{index: x, more: more, err: err, anew: x.Len() < n}
		if msg.anew {
			n = 0
		}
		for i := n; i < x.Len(); i++ {
			msg.marks = append(msg.marks, x.Mark(i))
		}
		return msg
	}
}

// take takes in what was read.
func (s *samples) take(msg samplesMsg) tea.Cmd {
	if msg.index != s.index {
		return nil
	}
	s.busy, s.err = false, msg.err
	if msg.loaded != nil {
		s.shown, s.sample, s.scroll = msg.at, *msg.loaded, scroll{}
		return s.load()
	}
	if msg.anew {
		s.marks, s.found, s.at, s.shown, s.moved, s.same.found = nil, nil, 0, -1, false, nil
	}
	for _, mark := range msg.marks {
		s.marks = append(s.marks, mark)
		if s.passes(mark) {
			s.found = append(s.found, len(s.marks)-1)
		}
	}
	if len(msg.marks) > 0 && !s.moved {
		s.toNewest()
	}
	if msg.more {
		return s.more()
	}
	return s.load()
}

// load reads the program that is to be shown.
func (s *samples) load() tea.Cmd {
	if s.at >= len(s.found) {
		return nil
	}
	s.wanted = s.found[s.at]
	if s.busy || s.wanted == s.shown || s.err != nil {
		return nil
	}
	s.busy = true
	x, i := s.index, s.wanted
	return func() tea.Msg {
		sample, err := x.At(i)
		if err != nil {
			return samplesMsg{index: x, err: err}
		}
		return samplesMsg{index: x, loaded: &sample, at: i}
	}
}

// toNewest goes to the first program of the newest step.
func (s *samples) toNewest() {
	s.at = max(len(s.found)-1, 0)
	for s.at > 0 && s.step(s.at-1) == s.step(s.at) {
		s.at--
	}
}

func (s *samples) step(i int) int64 { return s.marks[s.found[i]].Step }

// passes reports whether the filter lets a program through: its verdict begins
// with every word, or it is a rollout.
func (s *samples) passes(mark store.SampleMark) bool {
	for word := range strings.FieldsSeq(strings.ToLower(s.filter)) {
		if !strings.HasPrefix(strings.ToLower(mark.Verdict), word) && !(mark.Rollout && strings.HasPrefix("rollout", word)) {
			return false
		}
	}
	return true
}

// choose sets the filter.
func (s *samples) choose(filter string) tea.Cmd {
	s.filter = filter
	s.found = s.found[:0]
	for i, mark := range s.marks {
		if s.passes(mark) {
			s.found = append(s.found, i)
		}
	}
	s.toNewest()
	if len(s.found) == 0 {
		return nil
	}
	return s.load()
}

// turn goes to the program n on.
func (s *samples) turn(n int) tea.Cmd {
	to := s.at + n
	switch {
	case len(s.found) == 0:
		return page.Answer(s.none())
	case to < 0:
		return page.Answer("this is the first program")
	case to >= len(s.found):
		return page.Answer("this is the last program")
	}
	s.at, s.moved = to, true
	return s.load()
}

// turnStep goes to the program that has the same place among those of the next
// step, or of the one before: evaluations take the same tasks in the same order.
func (s *samples) turnStep(n int) tea.Cmd {
	if len(s.found) == 0 {
		return page.Answer(s.none())
	}
	step, first := s.step(s.at), s.at
	for first > 0 && s.step(first-1) == step {
		first--
	}
	to := first - 1
	if n > 0 {
		for to = s.at; to < len(s.found) && s.step(to) == step; {
			to++
		}
	}
	if to < 0 || to >= len(s.found) {
		return page.Answer(fmt.Sprintf("step %d is the %s one with programs", step, map[int]string{-1: "first", 1: "last"}[n]))
	}
	for to > 0 && s.step(to-1) == s.step(to) {
		to--
	}
	last := to
	for last+1 < len(s.found) && s.step(last+1) == s.step(to) {
		last++
	}
	s.at, s.moved = min(to+s.at-first, last), true
	return s.load()
}

// none says why there is no program.
func (s *samples) none() string {
	switch {
	case s.filter != "" && len(s.marks) > 0:
		return fmt.Sprintf("none of %d programs is %s: esc shows all", len(s.marks), s.filter)
	case s.index == nil:
		return "no programs yet: evaluations and rollouts write them"
	default:
		return "no programs yet"
	}
}

// note says which program is shown.
func (s *samples) note() string {
	switch {
	case s.prompt != nil:
		return "/" + s.prompt.Bar() + " WA, CE, ..., rollout"
	case s.err != nil:
		return s.err.Error()
	case len(s.found) == 0:
		return s.filter
	}
	text := fmt.Sprintf("%d of %d", s.at+1, len(s.found))
	if s.filter != "" {
		text = "/" + s.filter + " " + text
	}
	return fmt.Sprintf("%s · step %d", text, s.step(s.at))
}

// view draws the program.
func (s *samples) view(l look.Look, w, h int) []string {
	if s.shown < 0 || s.index == nil || len(s.found) == 0 {
		return look.Box([]string{" " + l.Muted.Render(look.Fit(s.none(), w-1))}, w, h)
	}
	lines := s.lines(l, w)
	return look.Box(s.scroll.window(lines, h), w, h)
}

const sideBySide = 84 // cells from which the program stands beside its task

// lines are all of a program, its task and its tests.
func (s *samples) lines(l look.Look, w int) []string {
	if w < sideBySide {
		lines := append(indented(s.head(l, w-2)), indented(statement(l, s.sample, w-2))...)
		lines = append(lines, program(l, s.sample.Program, w-1)...)
		lines = append(lines, indented(tested(l, s.sample, w-2))...)
		if c := s.course(l, w-2); c != "" {
			lines = append(lines, " "+c)
		}
		return lines
	}
	left := (w - 3) / 2
	a := append(s.head(l, left-1), statement(l, s.sample, left-1)...)
	a = append(append(a, ""), tested(l, s.sample, left-1)...)
	b := program(l, s.sample.Program, w-3-left)
	if c := s.course(l, w-4-left); c != "" {
		b = append(append(b, ""), " "+c)
	}
	n := max(len(a), len(b))
	return look.Beside(look.Box(indented(a), left, n), look.Box(b, w-3-left, n), l.Muted.Render(" │ "))
}

// head is how the judge found the program.
func (s *samples) head(l look.Look, w int) []string {
	x := s.sample
	verdict := look.Harmless(x.Verdict)
	if x.Verdict == "AC" {
		verdict = l.Good.Render("✓ " + verdict)
	} else {
		verdict = l.Bad.Render("✗ " + verdict)
	}
	text := fmt.Sprintf("%s  %d of %d tests", verdict, x.Passed, x.Total)
	if x.Reward == nil {
		return []string{text}
	}
	rollout := fmt.Sprintf("rollout: reward %s, advantage %s", report.Decimals(*x.Reward), report.Decimals(x.Advantage))
	if both := text + "  " + rollout; look.Width(both) <= w {
		return []string{both}
	}
	return []string{text, rollout}
}

// statement is the task in lines, its name first.
func statement(l look.Look, x store.Sample, w int) []string {
	lines := []string{l.Muted.Render(look.Harmless(x.Task))}
	for part := range strings.Lines(x.Statement) {
		lines = append(lines, wrapped(look.Harmless(strings.TrimRight(part, "\n")), w)...)
	}
	return lines
}

// indented moves lines a cell to the right.
func indented(lines []string) []string {
	out := make([]string, len(lines))
	for i, t := range lines {
		out[i] = " " + t
	}
	return out
}
