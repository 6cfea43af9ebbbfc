package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// withDriver is a home on a machine with a driver's library.
func withDriver(t testing.TB, scenario string) (h home, library string) {
	t.Helper()
	library = gputest.Driver(t, "NEW", scenario)
	h = newHome(t, killFile)
	h.env = append(h.env, "ABLATE_NVML="+library, "ABLATE_GPU_REPLAY=")
	return h, library
}

// `ablate gpu` all the way down: the command, its child, the driver's library, and back.
func TestGPUsOfDriver(t *testing.T) {
	t.Parallel()
	h, library := withDriver(t, gputest.TwoH20s)
	out, err := h.command("gpu", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var devices []gpu.Device
	if err := json.Unmarshal(out, &devices); err != nil {
		t.Fatal(err)
	}
	if len(devices) != 2 || devices[1].UUID != "GPU-1" || devices[1].Name != "NVIDIA H20" || *devices[0].PowerW != 355.25 || devices[0].Host == "" {
		t.Errorf("%+v", devices)
	}
	if starts, ends := gputest.Calls(t, library, "Init"), gputest.Calls(t, library, "Shutdown"); starts != 1 || ends > 1 {
		t.Errorf("the library was started %d times and ended %d times", starts, ends)
	}
}

// What is wrong with a driver is said in words, and the exit code says that it is.
func TestGPUsOfBrokenDriver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, scenario, want string }{
		{"versions differ", "init 18\n", "ablate: read GPUs: start NVML: the NVIDIA driver and its library differ in version (reload the driver or restart the machine) (NVML error 18)\n"},
		{"it hangs", gputest.TwoH20s + "block GetPowerUsage\n", "ablate: read GPUs: the NVIDIA driver does not answer\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, _ := withDriver(t, tt.scenario)
			out, err := h.command("gpu").Output()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 || string(exit.Stderr) != tt.want || len(out) != 0 {
				t.Errorf("%v, printed %q, want %q", err, out, tt.want)
			}
		})
	}
}

// A run of ours computes on the CPU. That there is a driver costs it nothing: nobody
// loads its library.
func TestBuiltInRunReadsNoGPU(t *testing.T) {
	t.Parallel()
	h, library := withDriver(t, gputest.TwoH20s)
	h.write(strings.ReplaceAll(killFile, "steps = 600", "steps = 100"))
	h.ablate("run", "kills", "--seeds", "1", "--wait")
	if n := gputest.Calls(t, library, "Init"); n > 0 {
		t.Errorf("the driver's library was started %d times", n)
	}
}

// On a terminal the table is drawn over itself, and an interrupt gives the cursor back.
func TestWatchGPUsOnScreen(t *testing.T) {
	t.Parallel()
	h, library := withDriver(t, gputest.TwoH20s)
	cmd := h.command("gpu", "--watch")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var s typescript
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&s, terminal) // it ends with the command
	}()
	h.eventually("two tables", s.has("355", 2))
	gputest.Put(t, library, strings.Replace(gputest.TwoH20s, "355250", "99000", 1))
	h.eventually("another reading", s.has("99", 1))
	if _, err := terminal.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	<-read
	if err := cmd.Wait(); err != nil {
		t.Errorf("an interrupt ends it: %v", err)
	}
	text := s.text.String()
	if !strings.HasPrefix(text, "\x1b[?25l") || !strings.HasSuffix(text, "\x1b[?25h") || strings.Contains(text, "SIG") || strings.Contains(text, "ablate:") {
		t.Errorf("the terminal got %q", text)
	}
	if strings.Count(text, "\x1b[2J") != 1 {
		t.Error("the terminal is erased more than once: it flickers")
	}
}
