package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Imported is the recipe of runs whose results were made elsewhere: nothing can run
// them.
const Imported = "imported"

// modelAxis is the axis of an experiment of imported results.
const modelAxis = "model"

// NewImports is the design of an experiment of imported results before the first.
func NewImports(name string, objective Objective) *Plan {
	return &Plan{
		Experiment: name, Title: "Results that were made elsewhere", Recipe: Imported, Host: "local", Order: "breadth",
		Objective: objective, Axes: []string{modelAxis},
	}
}

// WithModel is the design with a cell for a model's results that were made with these
// parameters, which is returned too, and at least so many seeds from 1. A model whose
// cell has other parameters gets another name, with a number.
func (p *Plan) WithModel(model string, params Params, seeds int64) (*Plan, Cell) {
	grown := *p
	grown.Cells, grown.Seeds = slices.Clone(p.Cells), slices.Clone(p.Seeds)
	cell := importedCell(model, params)
	for n := 2; slices.ContainsFunc(p.Cells, func(c Cell) bool {
		return c.Name != cell.Name && c.Params.Text(modelAxis) == cell.Params.Text(modelAxis)
	}); n++ {
		cell = importedCell(fmt.Sprintf("%s-%d", model, n), params)
	}
	if !slices.ContainsFunc(p.Cells, func(c Cell) bool { return c.Name == cell.Name }) {
		grown.Cells = append(grown.Cells, cell)
	}
	for s := int64(len(grown.Seeds)) + 1; s <= seeds; s++ {
		grown.Seeds = append(grown.Seeds, s)
	}
	grown.Hash = grown.digest()
	return &grown, cell
}

func importedCell(model string, params Params) Cell {
	all := Params{modelAxis: model}
	maps.Copy(all, params)
	e := Experiment{Recipe: Imported}
	sum := sha256.Sum256([]byte(e.identity(all)))
	digits := hex.EncodeToString(sum[:])
	axes := []Setting{{modelAxis, model}}
	return Cell{Name: cellName(axes, digits), Axes: axes, Params: all, Hash: digits[:hashDigits]}
}

// CheckName says what is wrong with the name of an experiment; nil if nothing is.
func CheckName(name string) error {
	message, hint := wrongName("an experiment", name)
	if message == "" {
		return nil
	}
	return errors.New(strings.TrimSuffix(message+". "+hint, ". "))
}
