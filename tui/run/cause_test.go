package run_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/tui/run"
)

func TestPlaceIn(t *testing.T) {
	t.Parallel()
	at := 1160.0
	status := engine.Status{Serving: true, Slots: 2, State: engine.State{
		Runs:  []engine.Holder{{ID: "x"}, {ID: "y"}},
		Queue: []engine.Waiting{{ID: "a", Starts: &at}, {ID: "b", Lacks: "a GPU: y has it"}},
	}}
	for id, want := range map[string]string{
		"a":    "it is the next one, all 2 slots are taken; it starts in about 2m40s",
		"b":    "1 before it in the queue, all 2 slots are taken; a GPU: y has it",
		"else": "",
	} {
		if got := run.PlaceIn(status, id, 1000); got != want {
			t.Errorf("of %s it says %q, want %q", id, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, log string
		want              string // in the cause
	}{
		{"diverged", "rule nan: train/loss is NaN at step 13", "", "diverged"},
		{"GPU memory", "exit code 1: it left no word", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "memory of the GPU"},
		{"memory", "exit code 1: MemoryError", "", "machine's memory"},
		{"killed", "ended by signal 9 (SIGKILL)", "step 12", "killed from outside"},
		{"disk", "exit code 1: write checkpoint: no space left on device", "", "disk was full"},
		{"module", "exit code 1: ModuleNotFoundError: No module named 'torch'", "", "module is missing"},
		{"no such program", `fork/exec ./train.sh: no such file or directory`, "", "could not be started"},
		{"a file", "exit code 1: FileNotFoundError: [Errno 2] No such file or directory: 'data.json'", "", "file that it needs"},
		{"mistake", "exit code 1: KeyError: 'missing'", "", "mistake"},
		{"GPU fault", "exit code 1: x", "NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.", "GPU"},
		{"kept off", "exit code 127: start trainer: claim GPUs: 2 are wanted and 1 can be had here; GPU 7: kept off", "", "could not be given the GPUs"},
		{"no driver", "start trainer: no NVIDIA driver on this machine", "", "could not be given the GPUs"},
		{"unknown", "exit code 7: bye", "bye", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cause, advice := run.Explain(tt.reason, strings.Split(tt.log, "\n"))
			if (cause == "") != (tt.want == "") || !strings.Contains(cause, tt.want) {
				t.Errorf("cause %q, want %q in it", cause, tt.want)
			}
			if (advice == "") != (tt.want == "") {
				t.Errorf("advice %q for cause %q", advice, cause)
			}
		})
	}
}

func TestTelling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		log  string
		n    int
		want string
	}{
		{"the last lines", "a\nb\nc", 2, "b\nc"},
		{"a traceback, to its error", "step 1\nTraceback (most recent call last):\n  File x\n    f()\nKeyError: 'k'\nbye", 9,
			"Traceback (most recent call last):\n  File x\n    f()\nKeyError: 'k'"},
		{"its end where there is little room", "Traceback (most recent call last):\n  File x\n    f()\n  File y\n    g()\nKeyError: 'k'", 2, "    g()\nKeyError: 'k'"},
		{"the last of two", "Traceback (most recent call last):\n  a\nE: 1\nTraceback (most recent call last):\n  b\nE: 2", 5, "Traceback (most recent call last):\n  b\nE: 2"},
		{"the beginning of a panic", "x\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()", 2, "panic: boom\n"},
		{"round a line that names an error", "a\nb\nfatal error here\nc\nd\ne\nf", 3, "b\nfatal error here\nc"},
		{"no room", "a", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(run.Telling(strings.Split(tt.log, "\n"), tt.n), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("telling lines (-want +got):\n%s", diff)
			}
		})
	}
}
