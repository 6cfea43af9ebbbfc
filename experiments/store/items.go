package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ItemFiles lists what a run wrote down of its evaluations on set, newest first:
// later attempts before earlier ones, and in each later steps first.
func ItemFiles(r Record, set string) ([]string, error) {
	var files []string
	for n := r.Attempt; n > 0; n-- {
		dir := filepath.Join(AttemptDir(r.Dir, n), "items")
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list items: %w", err)
		}
		var steps []int64
		for _, e := range entries {
			digits, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".jsonl"), set+"@")
			if step, err := strconv.ParseInt(digits, 10, 64); ok && err == nil {
				steps = append(steps, step)
			}
		}
		slices.Sort(steps)
		for _, step := range slices.Backward(steps) {
			files = append(files, filepath.Join(dir, fmt.Sprintf("%s@%d.jsonl", set, step)))
		}
	}
	return files, nil
}

// ReadItems reads the outcomes of one evaluation.
func ReadItems(path string) ([]Item, error) { return decodeLines[Item](path) }
