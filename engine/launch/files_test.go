package launch_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/engine/runner"
	"ablate/experiments/store"
)

// testNobodyListens launches as an engine does that dies at once.
func testNobodyListens(t *testing.T, l engine.Launcher) {
	s := newSite(t, l, `touch "$1/begun"; await "$1/go"`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = l.Launch(ctx, spec(s.dir)) // whether it was quick enough is open
	s.begun()
	s.sees(store.Running, "")
	s.touch("go")
	s.wait(l.Attach(s.dir))
	s.sees(store.Done, "")
}

// What the files of an attempt say, and what its trainer finds.
func TestFiles(t *testing.T) {
	t.Parallel()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, launch.Local{Program: program.Path}, `echo "phase warm up"
		cat; pwd > "$1/pwd"; nice > "$1/nice"; touch "$1/begun"; await "$1/go"; echo "phase end"`)
	workdir := filepath.Dir(s.store.Dir)
	commit := repository(t, workdir)
	job := s.launch()
	start := s.begun()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	want := store.Start{Launcher: "local", Host: host, Runner: start.Runner, Trainer: start.Trainer, Group: start.Trainer.PID, Session: start.Runner.PID,
		Argv: start.Argv, GPUs: start.GPUs, Workers: 3, Time: start.Time}
	if diff := cmp.Diff(want, start); diff != "" {
		t.Errorf("start.json (-want +got):\n%s", diff)
	}
	if got := start.Argv[len(start.Argv)-1]; got != s.dir {
		t.Errorf("{run_dir} is %s, want %s", got, s.dir)
	}
	for name, p := range map[string]store.Process{"runner": start.Runner, "trainer": start.Trainer} {
		if now, ok := store.ProcessOf(p.PID); !ok || now != p || p.Ticks == 0 || p.Boot == "" {
			t.Errorf("%s is %+v, and lives as %+v", name, p, now)
		}
	}
	if group, err := syscall.Getpgid(start.Trainer.PID); err != nil || group != start.Group {
		t.Errorf("the trainer is in group %d (%v), want %d", group, err, start.Group)
	}
	if start.Time > store.Now() || start.Time < store.Now()-60 {
		t.Errorf("it began at %v, now is %v", start.Time, store.Now())
	}
	s.touch("go")
	s.wait(job)
	s.sees(store.Done, "")
	var env runner.Environment
	if err := store.ReadJSON(filepath.Join(s.dir, "env.json"), &env); err != nil {
		t.Fatal(err)
	}
	wantEnv := runner.Environment{Build: program.Build, Version: env.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Host: host, CPUs: env.CPUs, GPUs: env.GPUs, Commit: commit, Diff: env.Diff, Workdir: workdir, Provenance: env.Provenance}
	if diff := cmp.Diff(wantEnv, env); diff != "" {
		t.Errorf("env.json (-want +got):\n%s", diff)
	}
	if env.CPUs < 1 || env.Version == "" || env.GPUs == nil || !strings.Contains(env.Diff, "+changed") {
		t.Errorf("env.json is %+v", env)
	}
	if got := env.Variables; got[secretName] != "(withheld)" || got[mark] == "" || !slices.Equal(env.Command, start.Argv) {
		t.Errorf("env.json has the command %q, and of its variables %q=%q", env.Command, secretName, got[secretName])
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("the attempt has the files %q, %v", files, err)
	}
	for _, path := range files {
		if strings.Contains(s.file(filepath.Base(path)), secret) {
			t.Errorf("%s has a secret of the environment", path)
		}
	}
	wantEvents := []string{"start " + strings.Join(start.Argv, " "), "phase warm up", "phase end", "exit"}
	if diff := cmp.Diff(wantEvents, s.events()); diff != "" {
		t.Errorf("events.jsonl (-want +got):\n%s", diff)
	}
	if got := s.file("out.log"); got != "phase warm up\nphase end" {
		t.Errorf("out.log is %q: something reached stdin", got)
	}
	if got := s.file("pwd"); got != workdir {
		t.Errorf("the trainer works in %s, want %s", got, workdir)
	}
	if got := s.file("nice"); got != "10" {
		t.Errorf("the trainer has niceness %s, want 10", got)
	}
}

// repository makes a git repository with a change that is not committed.
func repository(t *testing.T, dir string) (commit string) {
	t.Helper()
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("git %v: %v %s", args, err, b)
		}
		return strings.TrimSpace(string(b))
	}
	for i, text := range []string{"as it was\n", "changed\n"} {
		if err := os.WriteFile(filepath.Join(dir, "train.py"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			git("init", "-q")
			git("add", "train.py")
			git("commit", "-q", "-m", "first")
		}
	}
	return git("rev-parse", "HEAD")
}

func TestWorkdirOfTheWish(t *testing.T) {
	t.Parallel()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, launch.Local{Program: program.Path}, "./train.sh", "{run_dir}")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "train.sh"), []byte("#!/bin/sh\npwd > \"$1/pwd\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := store.AppendTo(filepath.Join(s.run, "asked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []store.Asked{ // a retry means the folder that the wish before it named
		{Verb: "run", Attempt: 1, Workdir: dir},
		{Verb: "retry", Attempt: 1},
	} {
		if err := l.Append(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.wait(s.launch())
	s.sees(store.Done, "")
	if got := s.file("pwd"); got != dir {
		t.Errorf("the trainer works in %s, want %s", got, dir)
	}
}
