package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Kinds of a mark.
const (
	Noted      = "note"
	Tagged     = "tag"
	Untagged   = "untag"
	Starred    = "star"
	Unstarred  = "unstar"
	Hidden     = "hide"   // it is left out of lists
	Unhidden   = "unhide" //
	Distrusted = "distrust"
	Trusted    = "trust" // again
)

// Mark is one line of marks.jsonl: what somebody said about an experiment, a cell
// or a run. The engine appends it; no identity depends on it.
type Mark struct {
	Time float64 `json:"time"`
	By   string  `json:"by"`
	On   string  `json:"on"` // EXP, EXP/CELL or EXP/CELL/sSEED
	Kind string  `json:"kind"`
	Text string  `json:"text,omitempty"` // of a note, a tag, or why it is not to be trusted
	Key  string  `json:"key,omitempty"`  // of the request, which is carried out once
}

// longestTag and longestMark are in bytes.
const (
	longestTag  = 60
	longestMark = 8 << 10
)

// Check says what is wrong with a mark that somebody asks for.
func (m Mark) Check() error {
	switch m.Kind {
	case Noted, Distrusted:
		if strings.TrimSpace(m.Text) == "" {
			return fmt.Errorf("mark %s: %s needs a text: ablate mark %s %s \"because ...\"", m.On, m.Kind, m.On, m.Kind)
		}
	case Tagged, Untagged:
		if m.Text == "" || len(m.Text) > longestTag || strings.ContainsFunc(m.Text, func(r rune) bool { return !tells(r) || r == ' ' || r == ',' }) {
			return fmt.Errorf("mark %s: %q is no tag: want one word of at most %d bytes, with nothing in it that cannot be seen, and without commas", m.On, m.Text, longestTag)
		}
	case Starred, Unstarred, Hidden, Unhidden, Trusted:
		if m.Text != "" {
			return fmt.Errorf("mark %s: %s takes no text, got %q; `ablate mark NAME note` does", m.On, m.Kind, m.Text)
		}
	default:
		return fmt.Errorf("mark %s: there is no mark %q; want note, tag, untag, star, unstar, hide, unhide, distrust or trust", m.On, m.Kind)
	}
	if len(m.Text) > longestMark {
		return fmt.Errorf("mark %s: the text has %d bytes, more than %d", m.On, len(m.Text), longestMark)
	}
	return nil
}

// tells reports whether a character can be seen and is one: half of one, or a sign
// that turns the direction of writing, would make two tags look the same.
func tells(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }

const marksName = "marks.jsonl"

// MarksFile is where the marks of the store are.
func (s *Store) MarksFile() string { return filepath.Join(s.Dir, marksName) }

// experiment is the one that the mark is on, or on a part of.
func (m Mark) experiment() string {
	name, _, _ := strings.Cut(m.On, "/")
	return name
}

// Marks are those of a store.
type Marks struct {
	all    []Mark
	on     map[string][]int // places in all
	states *sync.Map        // of names that have marks; all runs of an experiment may have one
}

// State is what marks come to. The last word counts; notes all stay.
type State struct {
	Starred    bool
	Hidden     bool
	Distrusted *Mark // nil: trusted
	Tags       []string
	Notes      []Mark
}

// ReadMarks reads the marks of a store, none if nobody made any. Damaged lines
// are left out.
func ReadMarks(s *Store) (Marks, error) {
	all, err := decodeLines[Mark](Tail{Path: s.MarksFile()})
	m := Marks{all: all, on: map[string][]int{}, states: new(sync.Map)}
	for i, mark := range all {
		m.on[mark.On] = append(m.on[mark.On], i)
	}
	return m, err
}

// markReader reads the marks again only where there are more. The file only grows.
type markReader struct {
	at   mark
	last Marks
}

func (r *markReader) read(s *Store) (Marks, error) {
	at := markOf(s.MarksFile())
	if at == r.at {
		return r.last, nil
	}
	m, err := ReadMarks(s)
	if err == nil {
		r.at, r.last = at, m
	}
	return m, err
}

// Len is how many marks were ever made.
func (m Marks) Len() int { return len(m.all) }

// Has reports whether the request with this key marked the target.
func (m Marks) Has(key, on string) bool {
	return slices.ContainsFunc(m.on[on], func(i int) bool { return m.all[i].Key == key })
}

// Of is the state of a run, a cell or an experiment. A mark on an experiment holds
// for its cells and one on a cell for its runs; whatever was said last counts, on
// whichever of them. What it returns may be what others have too: it is only read.
func (m Marks) Of(name string) State {
	var places []int
	marked := "" // as much of the name as has marks
	for i, r := range name + "/" {
		if r == '/' && len(m.on[name[:i]]) > 0 {
			marked = name[:i]
			places = append(places, m.on[marked]...)
		}
	}
	var s State
	if len(places) == 0 {
		return s
	}
	if known, ok := m.states.Load(marked); ok {
		return known.(State)
	}
	slices.Sort(places)
	for _, i := range places {
		s.add(&m.all[i])
	}
	m.states.Store(marked, s)
	return s
}

func (s *State) add(m *Mark) {
	switch m.Kind {
	case Noted:
		s.Notes = append(s.Notes, *m)
	case Tagged:
		if i, found := slices.BinarySearch(s.Tags, m.Text); !found {
			s.Tags = slices.Insert(s.Tags, i, m.Text)
		}
	case Untagged:
		if i, found := slices.BinarySearch(s.Tags, m.Text); found {
			s.Tags = slices.Delete(s.Tags, i, i+1)
		}
	case Starred, Unstarred:
		s.Starred = m.Kind == Starred
	case Hidden, Unhidden:
		s.Hidden = m.Kind == Hidden
	case Distrusted:
		s.Distrusted = m
	case Trusted:
		s.Distrusted = nil
	}
}

// Target is what a user means by a name that is to be marked: an experiment, a
// cell with its hash, or a run.
func (s *Store) Target(name string) (string, error) {
	ids, err := s.Find(name)
	if err != nil {
		return "", err
	}
	depth := strings.Count(strings.Trim(name, "/"), "/")
	targets := make([]string, len(ids))
	for i, id := range ids {
		targets[i] = strings.Join(strings.SplitN(id, "/", 4)[:min(depth, 2)+1], "/")
	}
	if targets = slices.Compact(targets); len(targets) > 1 {
		return "", fmt.Errorf("find %q: it means %d things, such as %s and %s; name one", name, len(targets), targets[0], targets[1])
	}
	return targets[0], nil
}

// HasTarget reports whether the store has what Target can return.
func (s *Store) HasTarget(target string) bool {
	ids, err := s.Find(target)
	return err == nil && strings.Count(target, "/") <= 2 && strings.HasPrefix(ids[0]+"/", target+"/")
}

// Words say what the mark does, in a line that is safe to show.
func (m Mark) Words() string {
	m.Text = strings.Map(func(r rune) rune {
		if !tells(r) {
			return ' '
		}
		return r
	}, m.Text)
	switch m.Kind {
	case Noted:
		return "noted"
	case Tagged:
		return "tagged " + m.Text
	case Untagged:
		return "no longer tagged " + m.Text
	case Starred:
		return "starred"
	case Unstarred:
		return "no longer starred"
	case Hidden:
		return "hidden; `ablate ls --all` shows it"
	case Unhidden:
		return "shown again"
	case Distrusted:
		return "distrusted, and left out of results: " + m.Text
	case Trusted:
		return "trusted again"
	}
	return m.Kind
}
