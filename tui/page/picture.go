package page

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Pixels of a chart in a file of its own.
const (
	PictureWidth  = 820
	PictureHeight = 420
)

// Pictured is a page with charts.
type Pictured interface {
	// Picture is the chart that has the focus, as it is looked at: what it is of, and
	// an <svg> element. "" where none has the focus.
	Picture() (name, svg string)
}

// Save writes a picture beside the experiment file, by its name.
func (s *Site) Save(name, svg string) tea.Cmd {
	file := fileName(name) + ".svg"
	return s.Write(file, func(path string) error { return os.WriteFile(path, []byte(svg), 0o644) })
}

// Write writes a file beside the experiment file in a Cmd, and asks first where one of the
// name is there.
func (s *Site) Write(file string, write func(path string) error) tea.Cmd {
	path := filepath.Join(s.Workdir, file)
	do := func() tea.Msg {
		if err := write(path); err != nil {
			return Say{Text: err.Error(), Failed: true}
		}
		return Say{Text: "wrote " + file}
	}
	return func() tea.Msg {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return do()
		}
		return Ask{Text: file + " is there already: write it anew?", Yes: do}
	}
}

// maxFileName is how long a name of a file may be before its ending.
const maxFileName = 120

// fileName is a name as one of a file in any folder: letters, digits and a few signs,
// others as a dash.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("@=,._", r):
			return r
		}
		return '-'
	}, name)
	if len(name) > maxFileName {
		name = name[:maxFileName]
	}
	return strings.TrimLeft(name, ".-")
}
