package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// SetAxis gives an axis the values of a list like "256,512" or, where values have
// commas, of one in TOML. A parameter becomes an axis; in a design of single
// cells a new axis crosses them, and one of theirs cannot be set so.
func (d *Draft) SetAxis(name, text string, recipes []Recipe) error {
	values, err := d.readValues(name, text, recipes)
	if err != nil {
		return fmt.Errorf("set axis %s=%s: %w", name, text, err)
	}
	i := d.axis(name)
	if d.Cells != nil {
		if i >= 0 {
			return fmt.Errorf("set axis %s=%s: the cells of this design are given one by one; give all of their axes for a new design (%s), or edit the cells",
				name, text, strings.Join(d.axisNames(), ", "))
		}
		d.cross(values)
	}
	d.ResetParam(name)
	d.silence(name)
	if i >= 0 {
		d.Axes[i].Values = values
		return nil
	}
	d.Axes = append(d.Axes, Axis{Name: name, Values: values})
	return nil
}

// SetAxes is SetAxis for each "name=values". If they name all axes of a design of
// single cells, every combination of theirs takes the place of the cells.
func (d *Draft) SetAxes(list []string, recipes []Recipe) error {
	var names, texts []string
	for _, kv := range list {
		name, text, ok := strings.Cut(kv, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return fmt.Errorf("set axis %q: want name=value,value", kv)
		}
		if slices.Contains(names, name) {
			return fmt.Errorf("set axis %s: it is given twice", name)
		}
		names, texts = append(names, name), append(texts, text)
	}
	if d.Cells != nil && len(d.Axes) > 0 && len(lacking(d.axisNames(), names)) == 0 {
		d.Cells, d.Axes = nil, nil
	}
	for i := range names {
		if err := d.SetAxis(names[i], texts[i], recipes); err != nil {
			return err
		}
	}
	return nil
}

func (d *Draft) axisNames() []string {
	names := make([]string, len(d.Axes))
	for i, a := range d.Axes {
		names[i] = a.Name
	}
	return names
}

// readValues reads the values of an axis, no two equal.
func (d *Draft) readValues(name, text string, recipes []Recipe) ([]any, error) {
	words, listed, err := words(text)
	if err != nil {
		return nil, err
	}
	switch gap := slices.Contains(words, "") && !listed; {
	case gap && len(words) == 1, len(words) == 0:
		return nil, fmt.Errorf("axis %s has no values; write them with commas between", name)
	case gap:
		return nil, fmt.Errorf("axis %s has a comma too many; a list in brackets may have an empty value: [\"a\", \"\"]", name)
	}
	var values []any
	for _, word := range words {
		p, err := d.param(name, words[0], recipes)
		if err != nil {
			return nil, err
		}
		v, err := p.Read(word)
		if err != nil && d.Recipe == Command && len(values) > 0 {
			return d.mixed(words), nil
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(values, v) {
			return nil, fmt.Errorf("axis %s has the value %s twice", name, shown(v))
		}
		values = append(values, v)
	}
	return values, nil
}

// words are the values that a text gives with commas between, without the blanks
// around them, or in a list in TOML.
func words(text string) (list []string, listed bool, err error) {
	if text = strings.TrimSpace(text); strings.HasPrefix(text, "[") {
		m, err := unmarshal("x = " + text)
		if err != nil {
			return nil, true, fmt.Errorf("%s is no list", shown(text))
		}
		for _, v := range anys(m["x"]) {
			list = append(list, ValueText(v))
		}
		return list, true, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(word))
	}
	return list, false, nil
}

// mixed are values of a parameter whose kind nobody says: floats if all are
// numbers, else strings.
func (*Draft) mixed(words []string) []any {
	p := Param{Kind: Float}
	var values []any
	for _, w := range words {
		v, err := p.parse(w)
		if err != nil {
			values = nil
			break
		}
		values = append(values, v)
	}
	for _, w := range words {
		if len(values) < len(words) {
			values = append(values, w)
		}
	}
	return values
}

// cross gives every cell each of the values.
func (d *Draft) cross(values []any) {
	cells := [][]any{}
	for _, c := range d.Cells {
		for _, v := range values {
			cells = append(cells, append(slices.Clone(c), v))
		}
	}
	d.Cells = cells
}

// RemoveAxis takes an axis away. Its parameter is then left at its default, and
// of single cells that become equal one stays.
func (d *Draft) RemoveAxis(name string) {
	i := d.axis(name)
	if i < 0 {
		return
	}
	d.Axes = slices.Delete(slices.Clone(d.Axes), i, i+1)
	if d.Cells == nil {
		return
	}
	cells := [][]any{}
	for _, c := range d.Cells {
		c = slices.Delete(slices.Clone(c), i, i+1)
		if len(c) > 0 && !slices.ContainsFunc(cells, func(o []any) bool { return slices.Equal(o, c) }) {
			cells = append(cells, c)
		}
	}
	if d.Cells = cells; len(cells) == 0 {
		d.Cells = nil
	}
}

// SetCell gives cell i of a design of single cells the values of a list like
// "1024, 2" or of one in TOML, one for each axis; beyond the last cell it is a new
// one.
func (d *Draft) SetCell(i int, text string, recipes []Recipe) error {
	if d.Cells == nil {
		return fmt.Errorf("set cell %d: every combination of the axes is a cell; change an axis", i+1)
	}
	words, _, err := words(text)
	if err != nil {
		return fmt.Errorf("set cell %d: %w", i+1, err)
	}
	if len(words) != len(d.Axes) {
		return fmt.Errorf("set cell %d: %s has %d values; it takes %s", i+1, shown(text), len(words), strings.Join(d.axisNames(), ", "))
	}
	point := make([]any, len(words))
	for j, word := range words {
		p, err := d.param(d.Axes[j].Name, word, recipes)
		if err == nil {
			point[j], err = p.Read(word)
		}
		if err != nil {
			return fmt.Errorf("set cell %d: %w", i+1, err)
		}
	}
	if j := slices.IndexFunc(d.Cells, func(c []any) bool { return slices.Equal(c, point) }); j >= 0 && j != i {
		return fmt.Errorf("set cell %d: it is the same as cell %d", i+1, j+1)
	}
	d.Cells = slices.Clone(d.Cells)
	if i < len(d.Cells) {
		d.Cells[i] = point
	} else {
		d.Cells = append(d.Cells, point)
	}
	d.values()
	return nil
}

// RemoveCell takes a cell away; the last one stays.
func (d *Draft) RemoveCell(i int) {
	if i < 0 || i >= len(d.Cells) || len(d.Cells) == 1 {
		return
	}
	d.Cells = slices.Delete(slices.Clone(d.Cells), i, i+1)
	d.values()
}
