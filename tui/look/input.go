package look

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Input is one line that is typed. The zero Input is empty.
type Input struct {
	text   string
	at     int  // of the cursor, in bytes
	chosen bool // all of it: what is typed takes its place
}

// longest is the most bytes that a line takes.
const longest = 4000

// Text is what stands there.
func (i *Input) Text() string { return i.text }

// Cursor is where the cursor stands, in runes.
func (i *Input) Cursor() int { return utf8.RuneCountInString(i.text[:i.at]) }

// Set replaces the text; the cursor goes to its end.
func (i *Input) Set(text string) { i.put(Harmless(text), "") }

// Choose chooses all of the text: what is typed next takes its place.
func (i *Input) Choose() { i.chosen = i.text != "" }

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
// ctrl+← and ctrl+→ (by words), ctrl+u (all before), ctrl+k (all behind), ctrl+w (the
// word before).
func (i *Input) Press(name, typed string) bool {
	if i.chosen && (typed != "" || name == "backspace" || name == "delete") {
		i.put("", "")
	}
	i.chosen = false
	before, behind := i.text[:i.at], i.text[i.at:]
	_, last := utf8.DecodeLastRuneInString(before)
	_, next := utf8.DecodeRuneInString(behind)
	switch name {
	case "backspace", "ctrl+h":
		i.put(before[:len(before)-last], behind)
	case "delete", "ctrl+d":
		i.put(before, behind[next:])
	case "left", "←", "ctrl+b":
		i.at -= last
	case "right", "→", "ctrl+f":
		i.at += next
	case "home", "ctrl+a":
		i.at = 0
	case "end", "ctrl+e":
		i.at = len(i.text)
	case "ctrl+left", "alt+left", "alt+b":
		i.at -= len(before) - len(strings.TrimRightFunc(strings.TrimRightFunc(before, between), within))
	case "ctrl+right", "alt+right", "alt+f":
		i.at += len(behind) - len(strings.TrimLeftFunc(strings.TrimLeftFunc(behind, between), within))
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
		typed = Harmless(typed)
		room := max(longest-len(i.text), 0)
		i.put(before+strings.ToValidUTF8(typed[:min(len(typed), room)], ""), behind)
	}
	return true
}

// within reports whether a rune is part of a word, between whether it parts words.
func within(r rune) bool  { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '.' }
func between(r rune) bool { return !within(r) }

func (i *Input) put(before, behind string) {
	i.text, i.at, i.chosen = before+behind, len(before), false
}

// Bar is the line with a bar as its cursor, for where it cannot be drawn.
func (i *Input) Bar() string { return i.text[:i.at] + "▏" + i.text[i.at:] }

// View is the line in w cells with its cursor, which stays in sight.
func (i *Input) View(l Look, w int) string {
	if w < 1 {
		return ""
	}
	if i.chosen {
		return Fit(l.Cursor.Render(Fit(i.text, min(Width(i.text), w-1))), w)
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
