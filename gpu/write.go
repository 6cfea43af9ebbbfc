package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is `ablate gpu`: the GPUs of this machine as Write has them. A machine
// without a driver has none, which is no fault.
func Report(ctx context.Context, w io.Writer, asJSON, again bool) error {
	s, err := Open()
	switch {
	case errors.Is(err, ErrNoDriver) && asJSON:
		_, err = fmt.Fprintln(w, "[]")
		return err
	case errors.Is(err, ErrNoDriver):
		_, err = fmt.Fprintln(w, err)
		return err
	case err != nil:
		return err
	}
	return errors.Join(Write(ctx, w, s, asJSON, again), s.Close())
}

// Write writes the readings of s as a table or as JSON, once, or again every
// second until ctx ends.
func Write(ctx context.Context, w io.Writer, s Sampler, asJSON, again bool) error {
	for {
		devices, err := s.Sample(ctx)
		if err != nil {
			return err
		}
		if err := write(w, devices, asJSON); err != nil || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(shortest):
		}
	}
}

func write(w io.Writer, devices []Device, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(devices)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "gpu\tdevice\tbusy\tmemory\tpower\ttemperature\tuuid\terror")
	for _, d := range devices {
		fmt.Fprintln(t, strings.Join([]string{
			fmt.Sprint(d.Index), string(d.Name), reading(d.BusyPct, "%.0f%%", 1),
			reading(d.MemoryUsedBytes, "%.1f", 1<<30) + "/" + reading(d.MemoryTotalBytes, "%.1f GB", 1<<30),
			reading(d.PowerW, "%.0f", 1) + "/" + reading(d.PowerLimitW, "%.0f W", 1),
			reading(d.TemperatureC, "%.0f °C", 1), string(d.UUID), string(d.Error),
		}, "\t"))
	}
	return t.Flush()
}

// reading is a value divided by unit, or a dash where it could not be read.
func reading[T uint64 | float64](v *T, format string, unit float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf(format, float64(*v)/unit)
}
