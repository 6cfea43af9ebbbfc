package experiments

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Insert is an experiment file with a new experiment at its end; every byte that
// was there stays. In an empty text the file begins. The draft must have no
// mistakes and its name must be free; mistakes in the text are *Problems. If the
// text is that of known, which may be nil, it is not parsed again.
func Insert(text []byte, known *File, d *Draft, recipes []Recipe) ([]byte, error) {
	return insert(text, known, d, recipes, func(m manner) (string, error) { return d.section(m), nil })
}

// Clone is Insert for a draft that was made from the experiment called from of
// origin, which may be of another file: its comments and spellings are kept where
// the draft says the same.
func Clone(text []byte, origin *File, from string, d *Draft, recipes []Recipe) ([]byte, error) {
	e, err := origin.Experiment(from)
	if err != nil {
		return nil, fmt.Errorf("clone experiment: %w", err)
	}
	if section, ok := outlined(string(origin.Warnings.Text)).renamed(from, d.Name); ok {
		was := DraftOf(e)
		was.Name = d.Name
		out, err := insert(text, origin, d, recipes, func(m manner) (string, error) {
			ed := newEditor(strings.ReplaceAll(strings.ReplaceAll(section, "\r\n", "\n"), "\n", m.eol))
			ed.change(was, d)
			return ed.apply()
		})
		if err == nil {
			return out, nil
		}
	}
	return Insert(text, origin, d, recipes) // it is written in a way that is not easily changed
}

// Replace is an experiment file in which the experiment with the draft's name says
// what the draft says. Only what differs is written anew. known is as for Insert.
func Replace(text []byte, known *File, d *Draft, recipes []Recipe) ([]byte, error) {
	f, body, err := read(text, known, recipes)
	if err != nil {
		return nil, err
	}
	e, err := f.Experiment(d.Name)
	if err != nil {
		return nil, fmt.Errorf("edit experiment: %w", err)
	}
	ed := newEditor(body)
	ed.change(DraftOf(e), d)
	out, err := ed.apply()
	if err == nil {
		err = verify(f, out, d, recipes)
	}
	if err != nil {
		return nil, fmt.Errorf("edit experiment %s: %w", d.Name, err)
	}
	return withMark(text, out), nil
}

const byteOrderMark = "\uFEFF"

// withMark gives a new text the mark of byte order that the old one had.
func withMark(old []byte, text string) []byte {
	if strings.HasPrefix(string(old), byteOrderMark) {
		text = byteOrderMark + text
	}
	return []byte(text)
}

// read parses a text that will be changed, and gives it without a mark of byte
// order. An empty one is a file without experiments.
func read(text []byte, known *File, recipes []Recipe) (*File, string, error) {
	body := strings.TrimPrefix(string(text), byteOrderMark)
	switch {
	case strings.TrimSpace(body) == "":
		return &File{Warnings: &Problems{}}, body, nil
	case known != nil && string(known.Warnings.Text) == body:
		return known, body, nil
	}
	f, err := Parse("experiments.toml", text, recipes)
	return f, body, err
}

// Free says why an experiment of the file cannot have a name, or nothing: it is
// taken, if only in another case.
func (f *File) Free(name string) error {
	for _, e := range f.Experiments {
		if strings.EqualFold(e.Name, name) {
			return fmt.Errorf("name experiment: %q is taken, in line %d; choose another", e.Name, e.Line)
		}
	}
	return nil
}

func insert(text []byte, known *File, d *Draft, recipes []Recipe, section func(manner) (string, error)) ([]byte, error) {
	f, body, err := read(text, known, recipes)
	if err != nil {
		return nil, err
	}
	if err := f.Free(d.Name); err != nil {
		return nil, err
	}
	m := outlined(body).manner()
	added, err := section(m)
	if err != nil {
		return nil, fmt.Errorf("insert experiment %s: %w", d.Name, err)
	}
	switch {
	case strings.TrimSpace(body) == "":
		body += "schema = 1" + m.eol
	case !strings.HasSuffix(body, "\n"):
		body += m.eol
	}
	if !newEditor(body).blankAbove(len(body)) {
		body += m.eol
	}
	if body += added; !strings.HasSuffix(body, "\n") {
		body += m.eol
	}
	if err := verify(f, body, d, recipes); err != nil {
		return nil, fmt.Errorf("insert experiment %s: %w", d.Name, err)
	}
	return withMark(text, body), nil
}

// verify reads a new text again: the experiment must be the one that the draft
// means, and all else what it was.
func verify(before *File, text string, d *Draft, recipes []Recipe) error {
	after, err := Parse("experiments.toml", []byte(text), recipes)
	var p *Problems
	switch {
	case errors.As(err, &p): // they are not in the file but would be
		return fmt.Errorf("the file cannot take it as it is written (%s); change it by hand", p.List[0].Message)
	case err != nil:
		return err
	}
	if !reflect.DeepEqual(before.Hosts, after.Hosts) || !reflect.DeepEqual(before.Notify, after.Notify) ||
		!reflect.DeepEqual(before.Cost, after.Cost) || before.Project != after.Project {
		return errors.New("more than this experiment would change; change the file by hand")
	}
	if !slices.EqualFunc(before.without(d.Name), after.without(d.Name), func(a, b *Experiment) bool {
		return a.Name == b.Name && DraftOf(a).Same(DraftOf(b))
	}) {
		return errors.New("other experiments would change; change the file by hand")
	}
	e, err := after.Experiment(d.Name)
	if err != nil {
		return err
	}
	if !d.Same(DraftOf(e)) {
		return errors.New("the file would not say what was meant; change it by hand")
	}
	return nil
}

// without are the experiments of the file but the one called name.
func (f *File) without(name string) []*Experiment {
	return slices.DeleteFunc(slices.Clone(f.Experiments), func(e *Experiment) bool { return e.Name == name })
}
