package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/experiments"
	"ablate/experiments/store"
)

const commandFile = `schema = 1
project = "lab"

[experiment.e]
title  = "somebody's own trainer"
recipe = "command"
argv   = ["sh", "train.sh", "{run_dir}", "{lr}", "{seed}", "{mode}"]
seeds  = 2
axes   = { mode = ["good", "bad"] }
[experiment.e.params]
lr = 0.5
`

const commandTrainer = `out=$1
point() { echo "{\"step\":$1,\"time\":$1,\"m\":{\"train/loss\":$2}}" >> "$out/metrics.jsonl"; }
point 1 $2
until [ -e go ]; do sleep 0.02; done
point 2 0.25
[ "$4" = good ] || { echo "no such mode: $4" >&2; exit 4; }
echo "{\"metrics\":{\"train/loss\":0.25,\"eval/pass@1\":0.$3}}" > "$out/result.json"
`

// The recipe command from TOML to results: the trainer knows nothing of ablate
// but the folder it was given.
func TestCommand(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	dir := t.TempDir() // not beside the store
	if err := os.WriteFile(filepath.Join(dir, "train.sh"), []byte(commandTrainer), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := experiments.Parse("experiments.toml", []byte(commandFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Experiment("e")
	if err != nil {
		t.Fatal(err)
	}
	request := engine.Request{Verb: "run", Plan: e.Plan(), Workdir: dir}
	l.do(request)
	runs := e.Plan().Runs()
	eventually(t, func() bool {
		h, err := store.ReadHistory(l.store.RunDir(runs[0].ID))
		return err == nil && h.Latest()["train/loss"] == 0.5
	}, func() string { return "no point of the live run shows up" })
	l.sees(runs[0].ID, store.Running, "")
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		mode := run.Params["mode"]
		if mode == "bad" {
			r := l.sees(run.ID, store.Failed, "exit code 4: no such mode: bad")
			if diff := cmp.Diff(store.Values{"train/loss": 0.25}, r.Metrics); diff != "" {
				t.Errorf("metrics of %s (-want +got):\n%s", run.ID, diff)
			}
			continue
		}
		r := l.sees(run.ID, store.Done, "")
		want := store.Values{"train/loss": 0.25, "eval/pass@1": float64(run.Seed) / 10}
		if diff := cmp.Diff(want, r.Metrics); diff != "" {
			t.Errorf("metrics of %s (-want +got):\n%s", run.ID, diff)
		}
	}
	eventually(t, func() bool { return l.do(engine.Request{Verb: "hello"}).Live == 0 }, func() string { return "slots are not freed" })
	if r := l.do(request); r.Done != 2 || r.Queued != 2 {
		t.Errorf("run again: %+v, want 2 done and 2 queued", r)
	}
	eventually(t, func() bool { r := l.do(engine.Request{Verb: "hello"}); return r.Live+r.Waiting == 0 },
		func() string { return "the runs do not end again" })
}

// A run that is alone is given every core that the engine's process may use.
func TestAllCores(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.do(engine.Request{Verb: "run", Plan: plan("exit 0")})
	l.sees("e/c0/s1", store.Done, "")
	var start store.Start
	if err := store.ReadJSON(filepath.Join(l.store.RunDir("e/c0/s1"), "a1", "start.json"), &start); err != nil {
		t.Fatal(err)
	}
	if want := runtime.GOMAXPROCS(0); start.Workers != want {
		t.Errorf("it was given %d workers, want %d", start.Workers, want)
	}
}

// Whoever stops everything waits until nothing lives, also where trainers are deaf
// or halted, and says for what.
func TestStopAllAndQuit(t *testing.T) {
	t.Parallel()
	for name, deaf := range map[string]string{"deaf": "trap '' TERM\n", "halted": "", "deaf and halted": "trap '' TERM\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.do(engine.Request{Verb: "run", Plan: plan(deaf + `touch "$1/begun"; while :; do sleep 0.02; done`)})
			attempt := filepath.Join(l.store.RunDir("e/c0/s1"), "a1")
			eventually(t, func() bool { _, err := os.Stat(filepath.Join(attempt, "begun")); return err == nil },
				func() string { return "the trainer does not begin" })
			l.begins("e/c0/s1")
			var start store.Start
			if err := store.ReadJSON(filepath.Join(attempt, "start.json"), &start); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "halted") {
				if err := syscall.Kill(-start.Group, syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			}
			var said strings.Builder
			if err := l.client.StopAll(t.Context(), &said); err != nil {
				t.Fatal(err)
			}
			if want := "for the end of e/c0/s1\n"; strings.HasPrefix(name, "deaf") && strings.Count(said.String(), want) != 1 {
				t.Errorf("it says %q, want once %q", said.String(), want)
			}
			l.sees("e/c0/s1", store.Stopped, "stopped by the user")
			if err := l.client.Quit(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.sees("e/c0/s1", store.Stopped, "stopped by the user")
			if _, err := l.client.Hello(t.Context()); !errors.Is(err, engine.ErrUnreachable) {
				t.Errorf("hello after all: %v, want that no engine lives", err)
			}
		})
	}
}

func TestStopOverTheWire(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.do(engine.Request{Verb: "run", Plan: plan("exec sleep 1000")})
	l.begins("e/c0/s1")
	if r := l.do(engine.Request{Verb: "stop", Runs: []string{"e/c0/s1"}}); r.Stopped != 1 {
		t.Errorf("reply is %+v, want 1 stopped", r)
	}
	l.sees("e/c0/s1", store.Stopped, "stopped by the user")
	asked, err := store.ReadAsked(l.store.RunDir("e/c0/s1"))
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || asked[0].Verb != "run" || asked[1].Verb != "stop" || asked[1].By == "" || asked[1].Key == asked[0].Key {
		t.Errorf("asked.jsonl is %+v, want a run and a stop, by somebody, with keys of their own", asked)
	}
}
