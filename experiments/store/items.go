package store

import (
	"cmp"
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
// later attempts before earlier ones, and in each later steps first. The names are
// those that OpenRunFile takes.
func ItemFiles(r Record, set string) ([]string, error) {
	var names []string
	for n := r.Attempt; n > 0; n-- {
		entries, err := os.ReadDir(filepath.Join(AttemptDir(r.Dir, n), "items"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list items: %w", err)
		}
		for _, e := range entries {
			names = append(names, inAttempt(n, "items/"+e.Name()))
		}
	}
	packed, err := packedNames(r.Dir)
	if err != nil {
		return nil, fmt.Errorf("list items: %w", err)
	}
	type place struct{ attempt, step int64 }
	var places []place
	for _, name := range append(names, packed...) {
		attempt, file, _ := strings.Cut(name, "/")
		n, errN := strconv.ParseInt(strings.TrimPrefix(attempt, "a"), 10, 64)
		digits, ok := strings.CutPrefix(strings.TrimSuffix(file, ".jsonl"), "items/"+set+"@")
		step, err := strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && errN == nil && n <= int64(r.Attempt) {
			places = append(places, place{n, step})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(b.attempt, a.attempt), cmp.Compare(b.step, a.step)) })
	var files []string
	for _, p := range slices.Compact(places) {
		files = append(files, inAttempt(int(p.attempt), fmt.Sprintf("items/%s@%d.jsonl", set, p.step)))
	}
	return files, nil
}

// ReadItems reads the outcomes of one evaluation of a run.
func ReadItems(r Record, name string) ([]Item, error) {
	return decodeLines[Item](Tail{Run: r.Dir, Path: name})
}
