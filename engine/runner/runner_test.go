package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu/driver"
)

func TestLastWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, log, want string }{
		{"none", "", "it left no word in out.log"},
		{"blank", "\n \n", "it left no word in out.log"},
		{"last of many", "a\nb\n\n", "b"},
		{"unfinished line", "a\nb", "b"},
		{"progress bar", "10%\r50%\r99%\n", "99%"},
		{"colours", "\x1b[31mred\x1b[0m\n", " [31mred [0m"},
		{"long", strings.Repeat("ö", 301) + "\n", strings.Repeat("ö", 300) + " ..."},
	}
	for _, tt := range tests {
		r := Runner{Dir: t.TempDir()}
		if err := os.WriteFile(filepath.Join(r.Dir, "out.log"), []byte(tt.log), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := lastWords(r.Dir); got != tt.want {
			t.Errorf("%s: last words are %q, want %q", tt.name, got, tt.want)
		}
	}
	if r := (Runner{Dir: t.TempDir()}); lastWords(r.Dir) != "it left no word in out.log" {
		t.Errorf("no log: last words are %q", lastWords(r.Dir))
	}
}

func TestWorkdir(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, asked, want string }{
		{"nobody named one", "", "."},
		{"wish without", `{"verb":"run","attempt":1}`, "."},
		{"wish with", `{"verb":"run","workdir":"/lab"}`, "/lab"},
		{"newest wish", `{"verb":"run","workdir":"/old"}` + "\n" + `{"verb":"run","workdir":"/lab"}`, "/lab"},
		{"retry", `{"verb":"run","workdir":"/lab"}` + "\n" + `{"verb":"retry"}`, "/lab"},
		{"relative is none", `{"verb":"run","workdir":"lab"}`, "."},
		{"damaged", "{\n" + `{"verb":"run","workdir":"/lab"}`, "/lab"},
	}
	for _, tt := range tests {
		root := t.TempDir()
		r := Runner{Dir: filepath.Join(root, "runs", "e", "c", "s1", "a1"), run: experiments.Run{ID: "e/c/s1"}}
		if err := os.MkdirAll(r.Dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.Dir, "..", "asked.jsonl"), []byte(tt.asked+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		want := tt.want
		if want == "." {
			want = root
		}
		if got := r.workdir(); got != want {
			t.Errorf("%s: working folder is %s, want %s", tt.name, got, want)
		}
	}
}

// Orphans that ended are buried, and the trainer's end is left for Wait. It is not
// parallel: it takes the children of other tests along.
func TestReapOrphans(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has subreapers")
	}
	trainer, orphan := exec.Command("sh", "-c", "exit 3"), exec.Command("true")
	for _, cmd := range []*exec.Cmd{trainer, orphan} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(orphans(), orphan.Process.Pid) {
		t.Skip("this kernel does not list children")
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for slices.Contains(orphans(), orphan.Process.Pid) { // the test's deadline ends it otherwise
		reapOrphans(trainer.Process.Pid)
		<-tick.C
	}
	if err := trainer.Wait(); err == nil || trainer.ProcessState.ExitCode() != 3 {
		t.Errorf("the trainer ended with %v, want code 3", err)
	}
}

// The process that reads GPUs is neither buried here nor left behind by a trainer. It is
// not parallel: it looks at the children of this process.
func TestReaderOfGPUsIsNoOrphan(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has subreapers")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sample"), []byte("echo ready; read line\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		orphan bool
	}{{[]string{"ablate", "sample"}, false}, {[]string{"other", "sample"}, true}} {
		cmd := &exec.Cmd{Path: sh, Args: c.args, Dir: dir}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // it has become its program
			t.Fatal(err)
		}
		found := slices.Contains(orphans(), cmd.Process.Pid)
		if c.orphan && !found {
			t.Skip("this kernel does not list children")
		}
		if found != c.orphan {
			t.Errorf("%q among the orphans: %v, want %v", c.args, found, c.orphan)
		}
		_ = in.Close()
		_ = cmd.Wait() // read says that there was no line
	}
}

// A trainer of ours hears how many workers it gets, behind its role and folder,
// and env.json says what it computes with. To a command neither means anything.
func TestTrainerOfOurs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		argv, want []string
		arithmetic string
	}{
		{"built in", nil, []string{"/ablate", "train", "/e/c/s1/a1", "--workers", "3"}, "exact"},
		{"command", []string{"sh", "{run_dir}"}, []string{"sh", "/e/c/s1/a1"}, ""},
	}
	for _, tt := range tests {
		r := Runner{Dir: "/e/c/s1/a1", Program: "/ablate", Workers: 3, Arithmetic: "exact", run: experiments.Run{ID: "e/c/s1", Argv: tt.argv}}
		r.gpus = driver.Watch(t.Context())
		argv, err := r.argv()
		if err != nil || !slices.Equal(argv, tt.want) {
			t.Errorf("%s: trainer is %q, %v; want %q", tt.name, argv, err, tt.want)
		}
		if got := readEnvironment(&r).Arithmetic; got != tt.arithmetic {
			t.Errorf("%s: arithmetic is %q, want %q", tt.name, got, tt.arithmetic)
		}
	}
}

// A trainer of ours that is killed after its last write was done; what another's
// result.json means after such an end nobody knows. It is not parallel: the end of
// a trainer takes the children of this process along that have ended.
func TestKilledAfterItsResult(t *testing.T) {
	tests := []struct {
		name, script string
		argv         []string
		result       bool
		want         store.Exit
	}{
		{name: "ours", script: "kill -9 $$", result: true},
		{name: "ours, with an error", script: "exit 1", result: true},
		{name: "ours, before", script: "kill -9 $$", want: store.Exit{Code: -1, Signal: "SIGKILL", Reason: "ended by signal 9 (SIGKILL)"}},
		{name: "a command", script: "kill -9 $$", argv: []string{"sh"}, result: true,
			want: store.Exit{Code: -1, Signal: "SIGKILL", Reason: "ended by signal 9 (SIGKILL)"}},
	}
	for _, tt := range tests {
		r := Runner{Dir: t.TempDir(), run: experiments.Run{Argv: tt.argv}}
		var err error
		if r.events, err = store.AppendTo(filepath.Join(r.Dir, "events.jsonl")); err != nil {
			t.Fatal(err)
		}
		if tt.result {
			if err := os.WriteFile(filepath.Join(r.Dir, "result.json"), []byte("{}"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("sh", "-c", tt.script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, r.outcome(cmd, cmd.Wait(), -cmd.Process.Pid, true)); diff != "" {
			t.Errorf("%s: exit (-want +got):\n%s", tt.name, diff)
		}
		_ = r.events.Close()
	}
}

func TestMainArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"relative"}, {"/a", "/b"}} {
		if err := Main(args, Runner{}); err == nil || !strings.HasPrefix(err.Error(), "run attempt: want one absolute folder") {
			t.Errorf("runner %q: %v, want an error", args, err)
		}
	}
}

// A folder that is no attempt is an error and is told as one.
func TestNoRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "e", "c", "s1", "a1")
	var told error
	r := Runner{Dir: dir}
	if err := r.Run(func(err error) { told = err }); err == nil || told == nil {
		t.Errorf("no folder: %v, told %v; want errors", err, told)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(func(err error) { told = err }); err == nil || !strings.Contains(told.Error(), "run.json") {
		t.Errorf("no run.json: %v, told %v; want errors about it", err, told)
	}
	if store.Locked(store.LockFile(filepath.Dir(dir))) {
		t.Error("the lock is still held")
	}
}

// A trainer that ended well just before it was to be halted or told to end is done:
// to run it again would be to run it twice.
func TestOutcomeOfWhoWasNotTold(t *testing.T) {
	const stop, pause, halt = `{"verb":"stop"}`, `{"verb":"pause"}`, `{"verb":"pause","halted":true}`
	tests := []struct {
		name, asked, trainer string
		told                 bool
		want                 string
	}{
		{"not told", stop, "exit 0", false, ""},
		{"told", stop, "exit 0", true, "stopped"},
		{"not told to pause", pause, "exit 0", false, ""},
		{"told to pause", pause, "exit 0", true, "paused"},
		{"halted too late", halt, "exit 0", false, ""},
		{"failed as it was to pause", pause, "exit 3", false, "paused"},
		{"nobody asked", "", "exit 0", false, ""},
	}
	for _, tt := range tests {
		r := Runner{Dir: filepath.Join(t.TempDir(), "a1"), run: experiments.Run{Argv: []string{"sh"}}}
		if err := os.MkdirAll(r.Dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.Dir, "..", "asked.jsonl"), []byte(tt.asked+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", tt.trainer)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		err := cmd.Run()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if e := r.outcome(cmd, err, -cmd.Process.Pid, tt.told); e.Reason != tt.want {
			t.Errorf("%s: it ends as %q, want %q", tt.name, e.Reason, tt.want)
		}
	}
}
