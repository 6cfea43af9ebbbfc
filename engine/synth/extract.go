package synth

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.starlark.net/syntax"
)

// dialect is the language of all programs here: that of the judge.
var dialect syntax.FileOptions

// seedProgram is one function of the corpus.
type seedProgram struct {
	file string
	def  *syntax.DefStmt
	text string // its lines

	features composition // what it does, nil if that could not be read
	unread   error       // why not
	traits   []string    // paths of the other categories
}

// parseCorpus reads the functions of all files of a corpus. A file that does not
// parse is an error with its line and column.
func parseCorpus(files fs.FS) ([]seedProgram, error) {
	var names []string
	for _, pattern := range []string{"*.star", "*/*.star"} {
		found, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, fmt.Errorf("list corpus: %w", err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		return nil, errors.New("list corpus: no file of the form *.star; put programs there")
	}
	var programs []seedProgram
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read corpus: %w", err)
		}
		file, err := dialect.Parse(name, text, 0)
		if err != nil {
			return nil, fmt.Errorf("parse corpus: %w", err) // begins with file:line:column
		}
		lines := strings.SplitAfter(string(text), "\n")
		for _, s := range file.Stmts {
			def, ok := s.(*syntax.DefStmt)
			if !ok {
				start, _ := s.Span()
				return nil, fmt.Errorf("parse corpus: %s: not a function; a program is a def", start)
			}
			start, end := def.Span()
			programs = append(programs, seedProgram{
				file: path.Base(name), def: def, text: strings.Join(lines[start.Line-1:end.Line], ""),
			})
		}
	}
	return programs, nil
}

// extract reads what each program does, and how.
func (k *knowledge) extract(programs []seedProgram) {
	for i := range programs {
		p := &programs[i]
		p.features, p.unread = k.read(p.def)
		if p.unread == nil {
			p.traits = traits(p.def, p.features)
		}
	}
}
