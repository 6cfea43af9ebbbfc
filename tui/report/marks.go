package report

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ablate/experiments"
	"ablate/experiments/store"
)

// Marks are the key "marks" of `ls --json` and `show --json`.
type Marks struct {
	Starred    bool     `json:"starred"`
	Hidden     bool     `json:"hidden"`
	Distrusted *Said    `json:"distrusted"` // null: nobody said so
	Tags       []string `json:"tags"`
	Notes      []Said   `json:"notes"`
}

// Said is who said something about what, and when.
type Said struct {
	Time float64 `json:"time"`
	By   string  `json:"by"`
	On   string  `json:"on"` // the run, its cell or its experiment
	Text string  `json:"text"`
}

func newMarks(s store.State) Marks {
	m := Marks{Starred: s.Starred, Hidden: s.Hidden, Tags: append([]string{}, s.Tags...), Notes: []Said{}}
	said := func(m store.Mark) Said { return Said{m.Time, m.By, m.On, m.Text} }
	if s.Distrusted != nil {
		why := said(*s.Distrusted)
		m.Distrusted = &why
	}
	for _, n := range s.Notes {
		m.Notes = append(m.Notes, said(n))
	}
	return m
}

// words are the marks of a run in a line of a table.
func (m Marks) words() string {
	var parts []string
	if m.Starred {
		parts = append(parts, "★")
	}
	for _, tag := range m.Tags {
		parts = append(parts, "#"+tag)
	}
	if m.Hidden {
		parts = append(parts, "hidden")
	}
	if m.Distrusted != nil {
		parts = append(parts, "distrusted: "+m.Distrusted.Text)
	}
	return strings.Join(parts, " ")
}

// noteWidth is that of a line of a note.
const noteWidth = 100

// lines are the notes, and why the run is not to be trusted.
func (m Marks) lines(id string) [][2]string {
	var pairs [][2]string
	add := func(s Said, before string) {
		text := before + s.Text
		if s.On != id {
			text += "  (on " + s.On + ")"
		}
		who := Moment(s.Time) + " " + s.By
		for line := range strings.SplitSeq(ansi.Wrap(text, noteWidth, ""), "\n") {
			pairs = append(pairs, [2]string{who, line})
			who = ""
		}
	}
	if m.Distrusted != nil {
		add(*m.Distrusted, "distrusted: ")
	}
	for _, n := range m.Notes {
		add(n, "")
	}
	return pairs
}

// Filter says which runs a list has.
type Filter struct {
	All     bool // hidden ones too
	Starred bool
	Tag     string
}

// Flags are those of `ls`.
func (l *Filter) Flags(f *flag.FlagSet) {
	f.BoolVar(&l.All, "all", false, "")
	f.BoolVar(&l.Starred, "starred", false, "")
	f.StringVar(&l.Tag, "tag", "", "")
}

// Of is the list of what the names mean, under this filter.
func (l Filter) Of(names []string, asJSON bool) RunsOptions {
	return RunsOptions{Names: names, Filter: l, JSON: asJSON}
}

// keep leaves in those that the filter has, and counts those that are hidden.
func (l Filter) keep(marks store.Marks, ids []string) (kept []string, hidden int) {
	for _, id := range ids {
		switch s := marks.Of(id); {
		case l.Starred && !s.Starred, l.Tag != "" && !slices.Contains(s.Tags, l.Tag):
		case s.Hidden && !l.All:
			hidden++
		default:
			kept = append(kept, id)
		}
	}
	return kept, hidden
}

// LeftOut is a run that counts in no result, since somebody distrusts it.
type LeftOut struct {
	Run string `json:"run"`
	Said
}

func (l LeftOut) String() string {
	return plain(fmt.Sprintf("%s is left out: distrusted by %s: %s", l.Run, l.By, l.Text))
}

// Trusted leaves out the runs that somebody distrusts, wherever results are made
// of runs, and names them.
func Trusted(marks store.Marks, records []store.Record) (kept []store.Record, left []LeftOut) {
	for _, r := range records {
		if s := marks.Of(r.ID).Distrusted; s != nil {
			left = append(left, LeftOut{r.ID, Said{s.Time, s.By, s.On, s.Text}})
		} else {
			kept = append(kept, r)
		}
	}
	return kept, left
}

// trusted is Trusted for the runs of a plan; it does not name those of other
// designs, which count in nothing.
func trusted(s *store.Store, p *experiments.Plan, records []store.Record) ([]store.Record, []LeftOut, error) {
	marks, err := store.ReadMarks(s)
	kept, left := Trusted(marks, records)
	planned := map[string]bool{}
	for _, run := range p.Runs() {
		planned[run.ID] = true
	}
	return kept, slices.DeleteFunc(left, func(l LeftOut) bool { return !planned[l.Run] }), err
}

// resultOf writes the result table of the runs that are trusted, and names the
// others.
func resultOf(w io.Writer, s *store.Store, p *experiments.Plan, records []store.Record) error {
	kept, left, err := trusted(s, p, records)
	if err != nil {
		return err
	}
	if err := Result(w, p, kept); err != nil {
		return err
	}
	for _, l := range left {
		if _, err := fmt.Fprintln(w, l); err != nil {
			return err
		}
	}
	return nil
}
