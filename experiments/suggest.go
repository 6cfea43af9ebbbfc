package experiments

import (
	"fmt"
	"strings"
)

// Nearest is the known name that key was probably meant to be, or "": at most
// two letters changed, dropped, added or swapped, and less than half of the key.
func Nearest(key string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if strings.EqualFold(k, key) {
			return k
		}
		if d := editDistance(key, k); d < distance && 2*d < len(key)+1 {
			best, distance = k, d
		}
	}
	return best
}

// suggestion is a hint: the nearest known name, and all of them.
func suggestion(key string, known []string) string {
	list := "none"
	if len(known) > 0 {
		list = strings.Join(known, ", ")
	}
	if n := Nearest(key, known); n != "" {
		return fmt.Sprintf("Did you mean %q? Known here: %s", n, list)
	}
	return "Known here: " + list
}

// editDistance is the Damerau-Levenshtein distance (optimal string alignment)
// in bytes, or 3 where the lengths alone say that it is above 2.
func editDistance(a, b string) int {
	if len(a) > len(b)+2 || len(b) > len(a)+2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			changed := 1
			if a[i] == b[j] {
				changed = 0
			}
			row[j+1] = min(last[j]+changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
