// Package formats reads what other programs write.
package formats

import (
	"fmt"

	"ablate/experiments/store"
)

// ReadEvaluation reads the results of single tasks from the file at path.
func ReadEvaluation(path string) (store.Evaluation, error) {
	return store.Evaluation{}, fmt.Errorf("read evaluation %s: not here yet", path)
}
