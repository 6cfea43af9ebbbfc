// Package reference is published results as data, each with its table or figure
// and the number of problems behind it, to stand beside one's own.
package reference

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed xcoder.tsv
var xcoder string

// Point is one published value.
type Point struct {
	X   string  // as the source labels it: "32000", "verified"
	Y   float64 // percent
	Err float64 // what the source prints behind ±, percent; 0: nothing
	N   int     // problems behind the value; 0: not stated
}

// Series is one published curve or comparison, in the order of its source.
type Series struct {
	Name   string // "lcb5_tasks_v2"
	Source string // "P T3" is table 3 of the paper, "P F3" its figure 3
	Points []Point
}

// Cite is the source in words: "X-Coder figure 3".
func (s Series) Cite() string {
	const of = "X-Coder "
	kind, ok := strings.CutPrefix(s.Source, "P ")
	switch {
	case ok && strings.HasPrefix(kind, "T"):
		return of + "table " + kind[1:]
	case ok && strings.HasPrefix(kind, "F"):
		return of + "figure " + kind[1:]
	case s.Source == "NW":
		return of + "news article"
	}
	return s.Source
}

// Samples is how many answers to each problem are behind the values, 0 where the source
// does not say: of LiveCodeBench 8, and 4 in the table of task writing.
func (s Series) Samples() int {
	switch {
	case s.Name == "lcb5_task_writing":
		return 4
	case strings.HasPrefix(s.Name, "lcb5_"), strings.HasPrefix(s.Name, "lcb6_"):
		return 8
	}
	return 0
}

// all is the embedded table, read when it is first asked for.
var all = sync.OnceValues(func() ([]Series, error) { return parse(xcoder) })

// Lookup is the series called name.
func Lookup(name string) (Series, bool) {
	list, _ := all() // a test holds it to be sound
	i := slices.IndexFunc(list, func(s Series) bool { return s.Name == name })
	if i < 0 {
		return Series{}, false
	}
	return list[i], true
}

// Names are the names of all series, in the order of the table.
func Names() []string {
	list, _ := all()
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}

// parse reads the table: tab-separated series, x, y, err, n, source under a head;
// lines that begin with # are comments, and the points of a series are neighbours.
func parse(text string) ([]Series, error) {
	var list []Series
	head := true
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || head {
			head = head && strings.HasPrefix(line, "#")
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("read reference %q: it has %d columns, want 6", line, len(f))
		}
		p := Point{X: f[1]}
		var err error
		if p.Y, err = strconv.ParseFloat(f[2], 64); err != nil {
			return nil, fmt.Errorf("read reference %q: %w", line, err)
		}
		if p.Err, err = strconv.ParseFloat(orZero(f[3]), 64); err != nil {
			return nil, fmt.Errorf("read reference %q: %w", line, err)
		}
		if p.N, err = strconv.Atoi(orZero(f[4])); err != nil {
			return nil, fmt.Errorf("read reference %q: %w", line, err)
		}
		if n := len(list); n == 0 || list[n-1].Name != f[0] {
			list = append(list, Series{Name: f[0], Source: f[5]})
		}
		s := &list[len(list)-1]
		s.Points = append(s.Points, p)
	}
	return list, nil
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}
