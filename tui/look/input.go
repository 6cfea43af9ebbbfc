package look

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Input is one line that is typed. The zero Input is empty.
type Input struct {
	text string
	at   int // of the cursor, in bytes
}

// Text is what stands there.
func (i *Input) Text() string { return i.text }

// Cursor is where the cursor stands, in runes.
func (i *Input) Cursor() int { return utf8.RuneCountInString(i.text[:i.at]) }

// Set replaces the text; the cursor goes to its end.
func (i *Input) Set(text string) { i.text, i.at = Harmless(text), len(Harmless(text)) }

// Update takes in a key or what was pasted, and reports whether it was one of a
// line's.
func (i *Input) Update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return i.Press("", strings.Join(strings.Fields(msg.Content), " "))
	case tea.KeyPressMsg:
		typed := msg.Text
		if msg.Code == tea.KeySpace && msg.Mod == 0 {
			typed = " "
		}
		return i.Press(msg.String(), typed)
	}
	return false
}

// Press takes a key by its name and the text that it types, and reports whether it
// was one of a line's: letters, ← →, home, end, backspace, delete, ctrl+a, ctrl+e,
// ctrl+u (all before), ctrl+k (all behind), ctrl+w (the word before).
func (i *Input) Press(name, typed string) bool {
	before, behind := i.text[:i.at], i.text[i.at:]
	_, last := utf8.DecodeLastRuneInString(before)
	_, next := utf8.DecodeRuneInString(behind)
	switch name {
	case "backspace", "ctrl+h":
		i.put(before[:len(before)-last], behind)
	case "delete":
		i.put(before, behind[next:])
	case "left", "←", "ctrl+b":
		i.at -= last
	case "right", "→":
		i.at += next
	case "home", "ctrl+a":
		i.at = 0
	case "end", "ctrl+e":
		i.at = len(i.text)
	case "ctrl+u":
		i.put("", behind)
	case "ctrl+k":
		i.put(before, "")
	case "ctrl+w", "alt+backspace":
		word := strings.TrimRight(before, " ")
		i.put(word[:strings.LastIndexByte(word, ' ')+1], behind)
	default:
		if typed == "" {
			return false
		}
		i.put(before+Harmless(typed), behind)
	}
	return true
}

func (i *Input) put(before, behind string) { i.text, i.at = before+behind, len(before) }

// View is the line in w cells with its cursor, which stays in sight.
func (i *Input) View(l Look, w int) string {
	if w < 1 {
		return ""
	}
	under, behind := " ", i.text[i.at:]
	if behind != "" {
		_, n := utf8.DecodeRuneInString(behind)
		under, behind = behind[:n], behind[n:]
	}
	before := i.text[:i.at]
	if over := Width(before) + Width(under) - w; over > 0 {
		before = ansi.TruncateLeft(before, over, "")
	}
	room := w - Width(before) - Width(under)
	return Fit(before+l.Cursor.Render(under)+ansi.Truncate(behind, max(room, 0), ""), w)
}
