package runner

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"

	"ablate/engine"
	"ablate/gpu"
)

// visible is the variable by which CUDA is told which GPUs there are.
const visible = "CUDA_VISIBLE_DEVICES"

// claim takes as many GPUs as the experiment's runs hold. The error is
// engine.ErrBusy, wrapped, if others have them.
func (r *Runner) claim() (*gpu.Claim, error) {
	if r.design.GPUs == 0 {
		return &gpu.Claim{}, nil
	}
	devices := firstSample(r.gpus)
	var uuids []string
	if list, ok := os.LookupEnv(visible); ok {
		uuids = gpu.Visible(devices, list)
	} else {
		for _, d := range devices {
			if d.UUID != "" {
				uuids = append(uuids, string(d.UUID))
			}
		}
	}
	by := gpu.Holder{PID: os.Getpid(), Store: storeDir(r.Dir, r.run.ID), Run: r.run.ID}
	if u, err := user.Current(); err == nil {
		by.User = u.Username
	}
	dir := r.Claims
	if dir == "" {
		dir = gpu.ClaimsDir
	}
	c, err := gpu.Take(dir, uuids, r.design.GPUs, by)
	switch {
	case errors.Is(err, gpu.ErrBusy):
		return nil, fmt.Errorf("%w: %w", engine.ErrBusy, err)
	case err != nil:
		return nil, fmt.Errorf("start trainer: %w", err)
	}
	return c, nil
}

// environ is what the trainer finds: this process's variables, and the GPUs that
// were claimed for it, if any were.
func environ(c *gpu.Claim) []string {
	env := os.Environ()
	if len(c.UUIDs) > 0 {
		env = append(env, visible+"="+strings.Join(c.UUIDs, ",")) // the last of a name counts
	}
	return env
}
