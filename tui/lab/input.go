package lab

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/look"
)

// input is a line that is being typed.
type input struct {
	text []rune
	at   int // where the next letter goes
}

func (i *input) set(text string) { i.text, i.at = []rune(text), len([]rune(text)) }

func (i *input) String() string { return string(i.text) }

// take takes in a key or what was pasted, and reports whether the text is another.
func (i *input) take(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		i.insert(strings.Join(strings.Fields(look.Harmless(msg.Content)), " "))
		return true
	case tea.KeyPressMsg:
		return i.press(msg)
	}
	return false
}

func (i *input) press(msg tea.KeyPressMsg) bool {
	before := len(i.text)
	switch msg.String() {
	case "left":
		i.at = max(i.at-1, 0)
	case "right":
		i.at = min(i.at+1, len(i.text))
	case "home", "ctrl+a":
		i.at = 0
	case "end", "ctrl+e":
		i.at = len(i.text)
	case "backspace", "ctrl+h":
		i.cut(max(i.at-1, 0), i.at)
	case "delete", "ctrl+d":
		i.cut(i.at, min(i.at+1, len(i.text)))
	case "ctrl+u":
		i.cut(0, i.at)
	case "ctrl+w":
		i.cut(i.word(), i.at)
	default:
		if text := look.Harmless(msg.Text); text != "" && msg.Mod&^tea.ModShift == 0 {
			i.insert(text)
		} else if msg.Code == tea.KeySpace {
			i.insert(" ")
		}
	}
	return len(i.text) != before
}

// word is where the word before the cursor begins.
func (i *input) word() int {
	at := i.at
	for at > 0 && i.text[at-1] == ' ' {
		at--
	}
	for at > 0 && i.text[at-1] != ' ' {
		at--
	}
	return at
}

func (i *input) insert(text string) {
	runes := []rune(text)
	i.text = slices.Insert(i.text, i.at, runes...)
	i.at += len(runes)
}

func (i *input) cut(from, to int) {
	i.text = slices.Delete(i.text, from, to)
	i.at = from
}

// replace puts a text in place of the runes from one to another.
func (i *input) replace(from, to int, text string) {
	i.text = slices.Replace(i.text, from, to, []rune(text)...)
	i.at = from + len([]rune(text))
}

// view is the line with its cursor, its end in sight.
func (i *input) view(l look.Look, w int) string {
	before, under, after := string(i.text[:i.at]), " ", ""
	if i.at < len(i.text) {
		under, after = string(i.text[i.at:i.at+1]), string(i.text[i.at+1:])
	}
	for w > 1 && look.Width(before)+1 > w {
		runes := []rune(before)
		before = string(runes[1:])
	}
	return look.Fit(before+l.Cursor.Render(under)+after, w)
}
