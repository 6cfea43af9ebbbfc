package driver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"

	"ablate/gpu"
	"ablate/gpu/nvml"
)

// frame is the answer to one line of a parent.
type frame struct {
	Devices []gpu.Device `json:"devices"`
	Error   string       `json:"error,omitempty"`
}

// Main is `ablate sample`: for every line that comes in, it reads all GPUs once and
// answers with a line of JSON. It ends with its input.
func Main(ctx context.Context, in io.Reader, out io.Writer) error {
	s, err := nvml.Open("")
	if err != nil {
		return errors.Join(err, json.NewEncoder(out).Encode(frame{Error: err.Error()}))
	}
	defer s.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var f frame
		if f.Devices, err = s.Sample(ctx); err != nil {
			f.Error = err.Error()
		}
		if err := json.NewEncoder(out).Encode(f); err != nil {
			return err
		}
	}
	return lines.Err()
}
