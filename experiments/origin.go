package experiments

import (
	"errors"
	"io/fs"
	"os"
)

// DefaultFile is the experiment file that is read where none is named.
const DefaultFile = "experiments.toml"

// Origin is where experiments come from: a file, and those that ship with the
// program.
type Origin struct {
	Path    string // of the file; in a folder without DefaultFile what ships serves
	Shipped []byte
	Recipes []Recipe
}

// Load reads the file.
func (o Origin) Load() (*File, error) {
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) && o.Path == DefaultFile {
		return o.shipped()
	}
	return Load(o.Path, o.Recipes)
}

// Cost is what the file says that things cost; nil where it says nothing or cannot be
// read.
func (o Origin) Cost() *Cost {
	f, err := o.Load()
	if err != nil {
		return nil
	}
	return f.Cost
}

// With is the file, or, where that is DefaultFile and has no experiment of this name,
// what ships if it has.
func (o Origin) With(name string) (*File, error) {
	f, err := o.Load()
	if err != nil || o.Path != DefaultFile {
		return f, err
	}
	more := f.Or(o.Ships(), name)
	more.Notify, more.Cost = f.Notify, f.Cost // of the reader
	return more, nil
}

// Ships are the experiments that ship; nil if they have mistakes, which a test
// rules out.
func (o Origin) Ships() *File {
	f, _ := o.shipped()
	return f
}

func (o Origin) shipped() (*File, error) {
	return Parse(DefaultFile+" (shipped)", o.Shipped, o.Recipes)
}
