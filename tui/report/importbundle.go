package report

import (
	"fmt"
	"io"

	"ablate/experiments/store"
)

// importBundle takes the runs of a bundle into a store.
func importBundle(_ io.Writer, _ *store.Store, path string, _ bool) error {
	return fmt.Errorf("import %s: it is a bundle, and bundles are not here yet", path)
}
