package experiments

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// File is an experiment file that was checked and has no mistakes.
type File struct {
	Name        string
	Project     string
	Hosts       []Host        // as declared; "local" is there without being declared
	Notify      *Notify       // nil: nobody
	Cost        *Cost         // nil: nobody said what things cost
	Experiments []*Experiment // in the order of the file
	Warnings    *Problems     // what works here and may surprise; never nil
}

const (
	maxFile = 1 << 20  // bytes of a file
	maxLine = 64 << 10 // bytes of a line
)

// Load reads and checks the experiment file at path. Mistakes in the file are a
// *Problems; other errors say why it cannot be read.
func Load(path string, recipes []Recipe) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read experiments: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read experiments: %s has %d bytes, more than %d", path, info.Size(), maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read experiments: %w", err)
	}
	return Parse(path, text, recipes)
}

// Parse checks the text of an experiment file; name stands in messages.
// Mistakes in the text are a *Problems, all of them at once; a recipe that
// contradicts itself is another error.
func Parse(name string, text []byte, recipes []Recipe) (*File, error) {
	for _, r := range recipes {
		if err := r.validate(); err != nil {
			return nil, err
		}
	}
	body := strings.TrimPrefix(string(text), "\uFEFF")
	problems := func(list ...Problem) error {
		return &Problems{Name: name, Text: []byte(body), List: sorted(list)}
	}
	if at, message := unreadable(body); message != "" {
		a := &atlas{text: body}
		a.index()
		return nil, problems(a.problem(at, message, ""))
	}
	a := locate(body)
	m, p := decode(a)
	if p != nil {
		return nil, problems(*p)
	}
	c := &checker{atlas: a, recipes: recipes, hosts: map[string]Host{}}
	f := c.file(table{c, "", m})
	if len(c.list) > 0 {
		return nil, problems(c.list...)
	}
	f.Name = name
	f.Warnings = &Problems{Name: name, Text: []byte(body), List: sorted(c.warnings(f))}
	return f, nil
}

// unreadable finds what makes text no text at all, before anything scans it.
func unreadable(text string) (span, string) {
	if len(text) > maxFile {
		return span{}, fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), maxFile)
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return span{i, i + 1}, "a NUL byte: the file is damaged, or it is UTF-16; it must be UTF-8"
	}
	if !utf8.ValidString(text) {
		i := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError })
		for r, n := utf8.DecodeRuneInString(text[i:]); r != utf8.RuneError || n != 1; r, n = utf8.DecodeRuneInString(text[i:]) {
			i += n
		}
		return span{i, i + 1}, fmt.Sprintf("the byte 0x%02x is not valid UTF-8", text[i])
	}
	at := 0
	for line := range strings.Lines(text) {
		if len(line) > maxLine {
			return span{at, at + 1}, fmt.Sprintf("this line has %d bytes; at most %d are read", len(line), maxLine)
		}
		at += len(line)
	}
	return span{}, ""
}

// decode runs the TOML library over what the scanner could read, so that the
// scanner's limits on nesting hold for the library too.
func decode(a *atlas) (map[string]any, *Problem) {
	text := a.text
	if f := a.fault; f != nil {
		if f.limit {
			p := a.problem(span{f.at, f.at + 1}, f.message, "")
			return nil, &p
		}
		// To the end of the line, so that the library sees the mistake and
		// says in its own words what is wrong.
		if i := strings.IndexByte(text[f.at:], '\n'); i >= 0 {
			text = text[:f.at+i+1]
		}
	}
	m, err := unmarshal(text)
	if err != nil {
		p := a.syntax(err)
		return nil, &p
	}
	if f := a.fault; f != nil {
		p := a.problem(span{f.at, f.at + 1}, f.message, "")
		return nil, &p
	}
	return m, nil
}

// unmarshal turns a panic of the library, which parses by panicking, into an error.
func unmarshal(text string) (m map[string]any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse TOML: %v", r)
		}
	}()
	_, err = toml.Decode(text, &m)
	return m, err
}

// bareWord is what the TOML library says of a word without quotes.
var bareWord = regexp.MustCompile(`^expected value but found "[A-Za-z]\w*" instead`)

// syntax makes a Problem of an error of the TOML library.
func (a *atlas) syntax(err error) Problem {
	var e toml.ParseError
	if !errors.As(err, &e) {
		return a.problem(span{}, strings.TrimPrefix(err.Error(), "toml: "), "")
	}
	// Some of the library's offsets lie outside the line that it names, and
	// its columns count bytes. The newline before the line is what it calls
	// the line's first character.
	line := a.line(e.Position.Line)
	at := span{e.Position.Start, e.Position.Start + e.Position.Len}
	if at.at < line.at-1 || at.at > line.end {
		rest := a.text[line.at:line.end]
		at = span{line.at + len(rest) - len(strings.TrimLeft(rest, " \t")), line.end}
	}
	message := e.Message
	if message == "" {
		message = e.Error()
	}
	hint := ""
	if bareWord.MatchString(message) {
		hint = "Words stand in quotes"
	}
	return a.problem(at, "not valid TOML: "+message, hint)
}

// Experiment is the experiment called name.
func (f *File) Experiment(name string) (*Experiment, error) {
	names := make([]string, len(f.Experiments))
	for i, e := range f.Experiments {
		if names[i] = e.Name; e.Name == name {
			return e, nil
		}
	}
	slices.Sort(names)
	return nil, fmt.Errorf("find experiment %q in %s: there is none. %s", name, f.Name, suggestion(name, names))
}

// Or is f, or more where that alone has the experiment.
func (f *File) Or(more *File, name string) *File {
	if _, err := f.Experiment(name); err == nil || more == nil {
		return f
	}
	if _, err := more.Experiment(name); err != nil {
		return f
	}
	return more
}

// Plan is the plan of the experiment called name, with fixed parameters and seeds
// set as by [Experiment.With].
func (f *File) Plan(name string, set []string, seeds int) (*Plan, error) {
	e, err := f.Experiment(name)
	if err != nil {
		return nil, err
	}
	if e, err = e.With(set, seeds); err != nil {
		return nil, err
	}
	return e.Plan(), nil
}
