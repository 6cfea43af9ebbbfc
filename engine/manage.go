package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Managed says how `ablate engine VERB` does it.
type Managed struct {
	Runs bool // stop: the runs too
	JSON bool
}

// Manage is `ablate engine status|stop`: it speaks to the engine and starts none.
func (c *Client) Manage(ctx context.Context, out, progress io.Writer, verb string, how Managed) error {
	switch verb {
	case "status":
		return c.WriteStatus(ctx, out, how.JSON)
	case "stop":
		if how.Runs {
			if err := c.StopAll(ctx, progress); err != nil {
				return err
			}
		}
		if err := c.Quit(ctx); err != nil && !errors.Is(err, ErrUnreachable) {
			return err
		}
		return c.WriteStatus(ctx, out, how.JSON)
	}
	return fmt.Errorf("read command line: engine knows status and stop, not %q", verb)
}
