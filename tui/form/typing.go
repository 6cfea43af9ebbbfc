package form

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/tui/page"
)

// apply gives the field key of a draft the value that a text says.
func (f *Form) apply(d *experiments.Draft, key, text string) error {
	recipes := f.site.Recipes
	group, name, _ := strings.Cut(key, ".")
	switch group {
	case "name":
		return f.rename(d, strings.TrimSpace(text))
	case "axes":
		return d.SetAxis(name, strings.Trim(text, " ,"), recipes)
	case "cell":
		var i int
		if _, err := fmt.Sscan(name, &i); err != nil {
			return err
		}
		return d.SetCell(i, text, recipes)
	case "params":
		if p := param(d, name, recipes); strings.TrimSpace(text) == "" && p.Kind != "" && p.Default != "" {
			d.ResetParam(name)
			return nil
		}
		return d.SetParam(name, strings.TrimSpace(text), recipes)
	}
	return d.Set(key, text, recipes)
}

func (f *Form) rename(d *experiments.Draft, name string) error {
	switch {
	case f.place == page.Edit && name != f.from:
		return errors.New("name: runs are stored under it; c on the experiment clones it under another name")
	case name == "":
		return errors.New("name: it is empty; one word that says what is asked")
	case f.place != page.Edit:
		if err := f.site.File.Free(name); err != nil {
			return err
		}
	}
	d.Name = name
	return nil
}

// words are an error without the part that the field says already.
func words(err error) string {
	text := err.Error()
	if first, rest, ok := strings.Cut(text, ": "); ok && (strings.HasPrefix(first, "set ") || first == "name" || first == "name experiment") {
		text = rest
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

// enter edits the field under the cursor; of choices it takes the next.
func (f *Form) enter() tea.Cmd {
	switch q := f.at(); {
	case f.preview || q.key == "":
		f.preview = false
	case f.place == page.Edit && q.key == "name":
		return page.Fail("runs are stored under this name: clone the experiment for another")
	case len(q.choose) > 0:
		return f.turn(1)
	default:
		f.edit()
	}
	return nil
}

// edit begins to type in the field under the cursor. The first letter takes the
// place of a single value.
func (f *Form) edit() {
	q := f.at()
	f.begin(q.key, q.value)
	group, _, _ := strings.Cut(q.key, ".")
	if group != "axes" && group != "cell" { // to a list one adds
		f.typing.input.Choose()
	}
}

func (f *Form) begin(key, text string) {
	f.typing = typing{on: true, key: key}
	f.typing.input.Set(text)
	f.typing.began = f.typing.input.Text()
	if key != "" && text != "" {
		f.read()
	}
}

// editFilter begins to type the filter.
func (f *Form) editFilter() {
	f.preview = false
	f.begin("", f.filter)
	f.typing.input.Choose()
}

// press is a key while typing.
func (f *Form) press(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "esc":
		f.cancel()
		return f.work()
	case "enter":
		return f.commit()
	case "tab", "shift+tab", "down", "up":
		if cmd := f.commit(); f.typing.on {
			return cmd
		}
		f.move(map[string]int{"tab": 1, "down": 1, "up": -1, "shift+tab": -1}[msg.String()])
		return f.work()
	case "ctrl+s":
		if cmd := f.commit(); f.typing.on {
			return cmd
		}
		return f.save(false)
	}
	return f.typed(msg)
}

// typed is a key or a paste that changes the text.
func (f *Form) typed(msg tea.Msg) tea.Cmd {
	before := f.typing.input.Text()
	if f.typing.input.Update(msg); f.typing.input.Text() == before {
		return nil
	}
	if f.typing.key == "" {
		f.filter = f.typing.input.Text()
		f.sift()
		f.nearest()
		return nil
	}
	f.read()
	return f.work()
}

// read makes the typed text a draft, or says why it is none.
func (f *Form) read() {
	d := f.draft.Clone()
	if err := f.apply(d, f.typing.key, f.typing.input.Text()); err != nil {
		f.typing.draft, f.typing.wrong = nil, words(err)
		return
	}
	f.typing.draft, f.typing.wrong = d, ""
}

// cancel leaves the field as it was. A filter goes.
func (f *Form) cancel() {
	if f.typing.key == "" {
		f.filter = ""
		f.sift()
	}
	f.typing = typing{}
}

// commit takes the text. One that is wrong stays, and so does the typing.
func (f *Form) commit() tea.Cmd {
	if f.typing.key == "" {
		f.typing = typing{}
		return nil
	}
	if f.typing.draft == nil {
		if f.read(); f.typing.draft == nil {
			return page.Fail(f.typing.wrong)
		}
	}
	key, d := f.typing.key, f.typing.draft
	if key == f.cursor && f.typing.input.Text() == f.typing.began {
		d = f.draft // its value may be more than one line can show
	}
	f.typing = typing{}
	f.cursor = key
	return f.change(d)
}

// change makes d the draft.
func (f *Form) change(d *experiments.Draft) tea.Cmd {
	if d.Same(f.draft) {
		return f.work()
	}
	f.undone = append(f.undone, f.draft)
	f.draft, f.turned = d, nil
	f.lay()
	return f.work()
}

// undo takes the last change back.
func (f *Form) undo() tea.Cmd {
	n := len(f.undone)
	if n == 0 {
		return page.Answer("nothing to take back")
	}
	f.draft, f.turned, f.undone = f.undone[n-1], nil, f.undone[:n-1]
	f.lay()
	return f.work()
}

// try changes a copy of the draft and takes it if nothing is wrong.
func (f *Form) try(change func(*experiments.Draft) error) tea.Cmd {
	d := f.draft.Clone()
	if err := change(d); err != nil {
		return page.Fail(words(err))
	}
	return f.change(d)
}

// turn takes the next choice, or doubles or halves a whole number.
func (f *Form) turn(by int) tea.Cmd {
	q := f.at()
	if f.preview {
		return nil
	}
	if n := len(q.choose); n > 0 {
		i := slices.Index(q.choose, q.value)
		text := q.choose[(i+by+n)%n]
		if q.key == "recipe" {
			return f.turnRecipe(text)
		}
		return f.try(func(d *experiments.Draft) error { return f.apply(d, q.key, text) })
	}
	var n int
	if _, err := fmt.Sscan(q.value, &n); err != nil || fmt.Sprint(n) != q.value || q.key == "name" || n < 1 {
		return page.Answer("enter types a value here")
	}
	switch {
	case q.key == "seeds":
		n += by
	case by > 0:
		n *= 2
	default:
		n /= 2
	}
	return f.try(func(d *experiments.Draft) error { return f.apply(d, q.key, fmt.Sprint(n)) })
}

// turnRecipe takes a recipe. Those before it in the same turning take nothing away
// from what the draft said.
func (f *Form) turnRecipe(name string) tea.Cmd {
	from := cmp.Or(f.turned, f.draft)
	d := from.Clone()
	if err := f.apply(d, "recipe", name); err != nil {
		return page.Fail(words(err))
	}
	cmd := f.change(d)
	f.turned = from
	return cmd
}

// axis makes the parameter under the cursor an axis, whose values are then typed,
// or an axis a parameter with its first value.
func (f *Form) axis() tea.Cmd {
	group, name, _ := strings.Cut(f.at().key, ".")
	switch group {
	case "params":
		f.preview = false
		f.begin("axes."+name, f.at().value+", ")
		return f.work()
	case "axes":
		first := ""
		for _, a := range f.draft.Axes {
			if a.Name == name && len(a.Values) > 0 {
				first = experiments.ValueText(a.Values[0])
			}
		}
		return f.try(func(d *experiments.Draft) error {
			d.RemoveAxis(name)
			f.cursor = "params." + name
			return d.SetParam(name, first, f.site.Recipes)
		})
	}
	return page.Answer("a on a parameter makes it an axis")
}

// names are the fields as the palette takes them.
func (f *Form) names() []string {
	names := make([]string, len(f.all))
	for i, q := range f.all {
		names[i] = q.label + "="
	}
	return names
}

// set takes "lr=0.004" from the palette.
func (f *Form) set(text string) tea.Cmd {
	name, value, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	i := slices.IndexFunc(f.all, func(q field) bool { return q.label == name || q.key == name })
	if !ok || i < 0 {
		return page.Fail(fmt.Sprintf("set %s: want NAME=VALUE with the name of a field", text))
	}
	f.filter, f.cursor = "", f.all[i].key
	f.sift()
	return f.try(func(d *experiments.Draft) error { return f.apply(d, f.cursor, value) })
}

// reset leaves the field under the cursor at its default.
func (f *Form) reset() tea.Cmd {
	group, name, _ := strings.Cut(f.at().key, ".")
	if group == "" {
		return nil
	}
	return f.try(func(d *experiments.Draft) error {
		switch group {
		case "params":
			d.ResetParam(name)
		case "axes":
			d.RemoveAxis(name)
		case "cell":
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil {
				return err
			}
			if len(d.Cells) == 1 {
				return errors.New("the last cell stays: a design without cells is empty")
			}
			d.RemoveCell(i)
		case "title", "question", "equal", "limits", "gpus", "gpu_type", "keep_off", "model", "pause", "order":
			return f.apply(d, f.cursor, "")
		case "seeds":
			return f.apply(d, f.cursor, "3")
		default:
			return fmt.Errorf("%s has no default", f.at().label)
		}
		return nil
	})
}

// addCell begins to type one more cell.
func (f *Form) addCell() tea.Cmd {
	n := len(f.draft.Cells)
	if n == 0 {
		return page.Answer("every combination of the axes is a cell: a on a parameter makes it an axis")
	}
	f.preview = false
	f.begin(fmt.Sprintf("cell.%d", n), values(f.draft.Cells[n-1]))
	return f.work()
}
