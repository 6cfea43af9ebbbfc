package form

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
)

// line is one line of text that is being typed. The keys are those of a shell.
type line struct {
	text []rune
	at   int // the cursor stands before this one
	// chosen is true while all of the text is: what is typed takes its place.
	chosen bool
}

// maxTyped is the most characters that a line takes.
const maxTyped = 4000

func newLine(text string) line {
	l := line{}
	l.insert(text)
	return l
}

func (l *line) value() string { return string(l.text) }

// update takes in a key or a paste and reports whether the text is another.
func (l *line) update(msg tea.Msg) bool {
	before := l.value()
	switch msg := msg.(type) {
	case tea.PasteMsg:
		if l.chosen {
			l.cut(0, len(l.text))
		}
		l.chosen = false
		l.insert(msg.Content)
	case tea.KeyPressMsg:
		l.key(msg)
	}
	return l.value() != before
}

func (l *line) key(msg tea.KeyPressMsg) {
	chosen := l.chosen
	l.chosen = false
	switch msg.String() {
	case "left", "ctrl+b":
		l.at = max(l.at-1, 0)
	case "right", "ctrl+f":
		l.at = min(l.at+1, len(l.text))
	case "home", "ctrl+a":
		l.at = 0
	case "end", "ctrl+e":
		l.at = len(l.text)
	case "ctrl+left", "alt+left", "alt+b":
		l.at = l.word(-1)
	case "ctrl+right", "alt+right", "alt+f":
		l.at = l.word(1)
	case "backspace", "ctrl+h":
		if l.cut(max(l.at-1, 0), l.at); chosen {
			l.cut(0, len(l.text))
		}
	case "delete", "ctrl+d":
		l.cut(l.at, min(l.at+1, len(l.text)))
	case "ctrl+w", "alt+backspace":
		l.cut(l.word(-1), l.at)
	case "ctrl+u":
		l.cut(0, l.at)
	case "ctrl+k":
		l.cut(l.at, len(l.text))
	case "space":
		l.insert(" ")
	default:
		if chosen && msg.Text != "" {
			l.cut(0, len(l.text))
		}
		l.insert(msg.Text)
	}
}

// insert puts a text where the cursor is, in one line and without what a terminal
// would act on.
func (l *line) insert(text string) {
	text = look.Harmless(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))
	added := []rune(text)
	added = added[:min(len(added), max(maxTyped-len(l.text), 0))]
	l.text = slices.Insert(l.text, l.at, added...)
	l.at += len(added)
}

func (l *line) cut(from, to int) {
	l.text = slices.Delete(l.text, from, to)
	l.at = from
}

// word is the start of the word before the cursor (-1) or the end of the next (1).
func (l *line) word(way int) int {
	at := l.at
	next := func() rune {
		if i := at + min(way, 0); i >= 0 && i < len(l.text) {
			return l.text[i]
		}
		return -1
	}
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '.' }
	for next() >= 0 && !letter(next()) {
		at += way
	}
	for next() >= 0 && letter(next()) {
		at += way
	}
	return at
}

// view is the part around the cursor, w cells wide; the cursor is a cell in
// reverse, or all of the text while it is chosen.
func (l *line) view(v look.Look, w int) string {
	if l.chosen && len(l.text) > 0 {
		return look.Fit(v.Cursor.Render(look.Fit(l.value(), min(look.Width(l.value()), w-1))), w)
	}
	from := 0
	for from < l.at && look.Width(string(l.text[from:l.at])) > w-2 {
		from++
	}
	under, after := " ", ""
	if l.at < len(l.text) {
		under, after = string(l.text[l.at]), string(l.text[l.at+1:])
	}
	return look.Fit(string(l.text[from:l.at])+v.Cursor.Render(under)+after, w)
}
