package query

import (
	"slices"
	"strings"
)

// Candidates are what a filter may speak of.
type Candidates struct {
	Fields  []string                    // in the order in which they are offered
	Metrics []string                    // whole names; short ones and statistics come from them
	Values  func(field string) []string // what a field may have, in words; may be nil
}

func (c Candidates) known(name string) bool {
	if slices.Contains(c.Fields, name) {
		return true
	}
	_, _, ok := Metric(name, c.Metrics)
	return ok
}

// names are all fields as they are offered.
func (c Candidates) names() []string {
	names := slices.Clone(c.Fields)
	for _, m := range c.Metrics {
		if s := short(m, c.Metrics); !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	return names
}

// Check reports the first field that is none of the candidates as an *Error with
// the nearest name. Without candidates every field is right.
func (f *Filter) Check(c Candidates) error {
	if f.All() || len(c.Fields)+len(c.Metrics) == 0 {
		return nil
	}
	for _, u := range f.used {
		if u.name == "" || c.known(u.name) {
			continue
		}
		e := &Error{Column: u.at + 1, Message: "no field " + quote(u.name), Unfinished: u.end}
		if near := c.nearest(u.name); near != "" {
			e.Message += ", the nearest is " + quote(near)
		}
		return e
	}
	return nil
}

// nearest is the name that takes the fewest changes, if they are few enough to be
// a slip. A statistic that is none is set right after a metric that is one.
func (c Candidates) nearest(name string) string {
	names := c.names()
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if _, ok := full(name[:i], c.Metrics); ok {
			for _, s := range Stats() {
				names = append(names, name[:i+1]+s)
			}
		}
	}
	best, changes := Nearest(name, names)
	if changes > max(len([]rune(name))/2, 1) {
		return ""
	}
	return best
}

// Nearest is the name that differs from one that was typed in the fewest letters,
// and in how many; "" without names.
func Nearest(typed string, names []string) (best string, changes int) {
	for i, n := range names {
		if d := distance(strings.ToLower(typed), strings.ToLower(n)); i == 0 || d < changes {
			best, changes = n, d
		}
	}
	return best, changes
}

// distance is Levenshtein's: how many runes are put in, taken out or changed.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		corner := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := corner
			if r != s {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
