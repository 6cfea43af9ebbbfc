package experiments

import (
	"fmt"
	"strings"
)

// Setting is one axis of a cell and its value: int64, float64, string or bool.
type Setting struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Cell is one point of an experiment's sweep, before seeds.
type Cell struct {
	Name   string    `json:"name"`   // axes in declared order and the hash: "tasks=2048,solutions=1~3f9a01"
	Axes   []Setting `json:"axes"`   // in declared order
	Params Params    `json:"params"` // every resolved parameter of the recipe, the axes among them
	Hash   string    `json:"hash"`   // 6 hex digits over recipe or argv template, its version and Params
}

// Label is the cell in few letters, its values in the order of its axes: "2048×1".
func (c Cell) Label() string {
	values := make([]string, len(c.Axes))
	for i, a := range c.Axes {
		values[i] = fmt.Sprint(a.Value)
	}
	return strings.Join(values, "×")
}

// Means is true if a word names the cell: its folder, the same without the hash, or its
// values, as "2048x1" or as in Label.
func (c Cell) Means(word string) bool {
	plain := c.Name
	if i := strings.LastIndexByte(plain, '~'); i >= 0 {
		plain = plain[:i]
	}
	label := c.Label()
	return word != "" && (word == c.Name || word == plain || word == label || word == strings.ReplaceAll(label, "×", "x"))
}

// Run is a cell with a seed: what is started, stored and plotted. It is written
// once to run.json and never changed.
type Run struct {
	ID            string    `json:"id"` // EXPERIMENT/CELL/sSEED
	Experiment    string    `json:"experiment"`
	Cell          string    `json:"cell"`
	Axes          []Setting `json:"axes"`
	Params        Params    `json:"params"`
	Seed          int64     `json:"seed"`
	Recipe        string    `json:"recipe"`
	RecipeVersion int       `json:"recipe_version"`
	Argv          []string  `json:"argv,omitempty"` // recipe "command" only
	PlanHash      string    `json:"plan_hash"`
}

// CellOf is the cell in a run's ID.
func CellOf(id string) string {
	_, rest, _ := strings.Cut(id, "/")
	cell, _, _ := strings.Cut(rest, "/")
	return cell
}
