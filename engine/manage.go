package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Managed says how `ablate engine VERB` does it.
type Managed struct {
	Runs bool // stop: the runs too
	JSON bool
}

// Manage is `ablate engine status|stop|slots N`: it speaks to the engine and
// starts none, but for a change of slots, which the engine writes down.
func (c *Client) Manage(ctx context.Context, out, progress io.Writer, args []string, how Managed) error {
	switch args[0] {
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
	case "slots":
		n := 0
		if len(args) == 2 {
			n, _ = strconv.Atoi(args[1]) // 0 is refused too
		}
		if n < 1 {
			return fmt.Errorf("read command line: want `ablate engine slots N`, N runs at a time, 1 or more; got %q", args[1:])
		}
		if _, err := c.Do(ctx, Request{Verb: "slots", Slots: n}); err != nil {
			return err
		}
		return c.WriteStatus(ctx, out, how.JSON)
	}
	return fmt.Errorf("read command line: engine knows status, stop and slots, not %q", args[0])
}
