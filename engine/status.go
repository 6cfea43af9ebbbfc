package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// WriteStatus tells who serves the store, without starting an engine.
func (c *Client) WriteStatus(ctx context.Context, w io.Writer, asJSON bool) error {
	reply, err := c.Hello(ctx)
	gone := errors.Is(err, ErrUnreachable) && !c.served()
	if err != nil && !gone {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(struct {
			Store   string `json:"store"`
			Serving bool   `json:"serving"`
			Build   string `json:"build"`
			PID     int    `json:"pid"`
			Slots   int    `json:"slots"`
			Live    int    `json:"live"`
			Waiting int    `json:"waiting"`
			Trouble string `json:"trouble"`
			Unsent  string `json:"unsent"`
		}{c.store.Dir, !gone, reply.Build, reply.PID, reply.Slots, reply.Live, reply.Waiting, reply.Trouble, reply.Unsent})
	}
	if gone {
		_, err = fmt.Fprintf(w, "no engine serves %s; the next run starts one\n", c.store.Dir)
		return err
	}
	_, err = fmt.Fprintf(w, "engine %d (build %s) serves %s: %d of %d slots busy, %d waiting\n",
		reply.PID, reply.Build, c.store.Dir, reply.Live, reply.Slots, reply.Waiting)
	if err == nil && reply.Trouble != "" {
		_, err = fmt.Fprintf(w, "runs wait because: %s\n", reply.Trouble)
	}
	if err == nil && reply.Unsent != "" {
		_, err = fmt.Fprintf(w, "not told: %s\n", reply.Unsent)
	}
	return err
}
