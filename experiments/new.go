package experiments

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// NewFlags are the flags of `ablate new`, which writes an experiment into the
// experiment file.
type NewFlags struct {
	from, recipe, title, question string

	axes []string // name=values
	dry  bool
}

// Flags adds them to a command line.
func (n *NewFlags) Flags(f *flag.FlagSet) {
	f.StringVar(&n.from, "from", "", "")
	f.StringVar(&n.recipe, "recipe", "", "")
	f.StringVar(&n.title, "title", "", "")
	f.StringVar(&n.question, "question", "", "")
	f.BoolVar(&n.dry, "n", false, "")
	f.Func("axis", "", func(v string) error { n.axes = append(n.axes, v); return nil })
}

// NewRequest is what `ablate new` has beside its own flags.
type NewRequest struct {
	Path    string   // of the experiment file, which need not be there
	Shipped []byte   // what can be cloned beside the experiments of the file
	Recipes []Recipe // the first one is taken where nothing says which
	Names   []string // of the new experiment: one
	Set     []string // key=value
	Seeds   int      // 0: as they are
	Dry     bool     // write nothing
}

// Run writes the experiment, and to w the difference and what to do next.
func (n *NewFlags) Run(w io.Writer, r NewRequest) error {
	if len(r.Names) != 1 {
		return fmt.Errorf("read command line: want one name for the new experiment, got %d names; `ablate help new` shows how", len(r.Names))
	}
	source, err := ReadSource(r.Path)
	if err != nil {
		return err
	}
	d, origin, err := n.begin(source, r)
	if err != nil {
		return err
	}
	if err := n.fill(d, r); err != nil {
		return err
	}
	d, left := d.Settled()
	var text []byte
	if origin == nil {
		text, err = Insert(source.Base(), nil, d, r.Recipes)
	} else {
		text, err = Clone(source.Base(), origin, n.from, d, r.Recipes)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(w, Unified(r.Path, source.Text, text))
	_, warnings := d.Check(r.Recipes)
	for _, q := range warnings {
		left = append(left, "warning: "+q.Words())
	}
	for _, line := range left {
		fmt.Fprintln(w, line)
	}
	if r.Dry || n.dry {
		_, err := fmt.Fprintln(w, "nothing was written")
		return err
	}
	return n.write(w, source, text, d.Name)
}

func (n *NewFlags) write(w io.Writer, source *Source, text []byte, name string) error {
	if source.Text == nil {
		fmt.Fprintf(w, "%s is new: what ships with ablate is not in it, and --from finds it all the same\n", source.Path)
	}
	if err := source.Write(text); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "next: `ablate plan %s` says what it takes, `ablate run %s` runs it\n", name, name)
	return err
}

// begin is what the new experiment begins as: another one, with the file that has
// it, or a recipe's defaults.
func (n *NewFlags) begin(source *Source, r NewRequest) (*Draft, *File, error) {
	name, there := r.Names[0], &File{}
	if source.Text != nil {
		var err error
		if there, err = Parse(r.Path, source.Text, r.Recipes); err != nil {
			return nil, nil, err
		}
	}
	if err := there.Free(name); err != nil {
		return nil, nil, err
	}
	if n.from == "" {
		d := NewDraft(name, r.Recipes[0])
		if n.recipe == "" {
			return d, nil, nil
		}
		err := d.Set("recipe", n.recipe, r.Recipes)
		return NewDraft(name, d.recipe(r.Recipes)), nil, err
	}
	ships, err := Parse("shipped", r.Shipped, r.Recipes)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, f := range []*File{there, ships} {
		for _, e := range f.Experiments {
			if e.Name == n.from {
				d := DraftOf(e)
				d.Name = name
				return d, f, nil
			}
			names = append(names, e.Name)
		}
	}
	slices.Sort(names)
	return nil, nil, fmt.Errorf("clone experiment: no experiment %q. %s", n.from, suggestion(n.from, slices.Compact(names)))
}

// fill puts into the draft what the command line says.
func (n *NewFlags) fill(d *Draft, r NewRequest) error {
	recipes := r.Recipes
	if n.recipe != "" && n.recipe != d.Recipe {
		if err := d.Set("recipe", n.recipe, recipes); err != nil {
			return err
		}
	}
	if n.title != "" {
		d.Title = n.title
	}
	if n.question != "" {
		d.Question = n.question
	}
	if r.Seeds > maxSeeds {
		return fmt.Errorf("set seeds: %d is not from 1 to %d", r.Seeds, maxSeeds)
	}
	if r.Seeds > 0 {
		d.Seeds = upTo(r.Seeds)
	}
	if err := d.SetAxes(n.axes, recipes); err != nil {
		return err
	}
	for _, kv := range r.Set {
		key, text, ok := strings.Cut(kv, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return fmt.Errorf("set %q: want key=value", kv)
		}
		if err := d.assign(key, text, recipes); err != nil {
			if strings.Contains(text, ",") {
				err = fmt.Errorf("%w; several values are an axis: --axis %s", err, kv)
			}
			return err
		}
	}
	mistakes, _ := d.Check(recipes)
	var list []error
	for _, m := range mistakes {
		if strings.HasPrefix(m.Message, "the design is empty: there is neither") {
			m.Hint = "Give --axis NAME=VALUE,VALUE, or --from EXPERIMENT"
		}
		list = append(list, fmt.Errorf("write experiment %s: %s", d.Name, m.Words()))
	}
	return errors.Join(list...)
}

// assign sets a key of the experiment or one of its parameters.
func (d *Draft) assign(key, text string, recipes []Recipe) error {
	if slices.Contains(SettingKeys(), key) {
		return d.Set(key, text, recipes)
	}
	return d.SetParam(key, text, recipes)
}
