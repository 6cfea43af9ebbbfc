//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ablate/experiments/store"
)

// Faults of disks are tried on real ones, small ones that are mounted for it. Each
// test is the program's test binary again, as root in a mount namespace of its
// own: nothing of that is left behind, whatever becomes of the test.

const inMounts = "ABLATE_TEST_MOUNTS"

// ownMounts reports whether this process may mount. If not, it runs the test again
// in one that does and passes its outcome on.
func ownMounts(t *testing.T) bool {
	t.Helper()
	t.Parallel()
	if os.Getenv(inMounts) != "" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), inMounts+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Skip("this root cannot make a mount namespace")
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("%s", out)
	}
	return false
}

const tinyRun = `
[experiment.tiny]
recipe = "sft"
equal = "rows"
seeds = 1
axes = { tasks = [16] }
[experiment.tiny.params]
steps = 800
batch = 4
dim = 8
layers = 1
heads = 2
vocab = 128
context = 512
eval_every = 800
eval_tasks = 16
checkpoint_every = 500
`

// undisturbed is the SHA-256 of the weights of the run on a disk with room.
func undisturbed(t *testing.T) string {
	t.Helper()
	s := newSite(t, tinyRun, 0)
	s.does(0, "1/1", "run", "tiny", "--wait")
	s.does(0, "no engine serves", "engine", "stop")
	return s.record("tiny/").SHA256
}

// fullAndHealed runs out of room, says so, is given some, and goes on to the same
// weights. It returns what was left of the first attempt.
func fullAndHealed(t *testing.T, s *site, cause string, makeRoom func()) (failed store.Record, left []store.Batch) {
	t.Helper()
	want := undisturbed(t)
	s.does(2, "failed", "run", "tiny", "--wait")
	failed = s.sees("tiny/", store.Failed, cause)
	f := store.Follower{Dir: failed.Dir}
	left, _, err := f.Next(0)
	if err != nil || f.Damaged != 0 {
		t.Errorf("%d damaged lines, %v", f.Damaged, err)
	}
	if store.Locked(store.LockFile(failed.Dir)) {
		t.Error("the lock is still held")
	}
	if _, err := os.Stat(filepath.Join(store.AttemptDir(failed.Dir, 1), ".exit.json.room")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was set aside for the record is still there: %v", err)
	}
	s.does(0, `"serving":true`, "engine", "status", "--json")
	makeRoom()
	s.does(0, "1 queued", "retry", "tiny")
	if r := s.sees("tiny/", store.Done, ""); r.Attempt != 2 || r.SHA256 != want || want == "" {
		t.Errorf("attempt %d has weights %s, want those of an undisturbed run, %s", r.Attempt, r.SHA256, want)
	}
	return failed, left
}

func TestDiskFullInALine(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	s := newSite(t, tinyRun, 0)
	s.mount("none", "tmpfs", "size=240k", 0)
	failed, left := fullAndHealed(t, s, "no space left on device", func() { s.remount("size=4m", 0) })
	if failed.Attempt != 1 || !strings.Contains(failed.Reason, "append line") || len(left) != 1 || len(left[0].Points) < 500 {
		t.Errorf("attempt %d failed: %s; %d batches are left", failed.Attempt, failed.Reason, len(left))
	}
	info, err := os.Stat(filepath.Join(store.AttemptDir(failed.Dir, 1), "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if in := info.Size() % 4096; in < 4096-400 {
		t.Errorf("metrics.jsonl has %d bytes: its last line was not cut short at the end of a block", info.Size())
	}
	h, err := store.ReadHistory(failed.Dir)
	if err != nil || h.Last != 800 || h.From != 500 {
		t.Errorf("the newest points go from %d to %d, %v; want them from the checkpoint to the end", h.From, h.Last, err)
	}
}

// A quota is a disk that is full for one user. It needs a kernel that keeps quotas
// of a tmpfs (Linux 6.6) or an ext4.
func TestQuotaFull(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	const nobody = 65534
	s := newSite(t, tinyRun, nobody)
	text, image := s.read("experiments.toml"), filepath.Join(s.room, "disk")
	err := unix.Mount("none", s.dir, "tmpfs", 0, "size=8m,usrquota")
	if err != nil {
		err = errors.Join(fmt.Errorf("tmpfs: %w", err), os.WriteFile(image, nil, 0o644), os.Truncate(image, 64<<20),
			all([]string{"mkfs.ext4", "-q", "-O", "quota", "-E", "quotatype=usrquota", image}, []string{"mount", "-o", "loop,usrquota", image, s.dir}))
	}
	if _, quotas := errors.AsType[*exec.ExitError](err); quotas || errors.Is(err, exec.ErrNotFound) {
		t.Skipf("no disk with quotas: %v", err)
	}
	if err := errors.Join(os.Chown(s.dir, nobody, nobody), os.Chmod(s.dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	s.write("experiments.toml", text)
	if err := s.quota(150); err != nil { // less than the metrics take
		t.Skipf("no quota can be set: %v", err)
	}
	fullAndHealed(t, s, "disk quota exceeded", func() {
		if err := s.quota(8000); err != nil {
			t.Fatal(err)
		}
	})
}

// all runs commands until one fails.
func all(commands ...[]string) error {
	for _, c := range commands {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", c, err, out)
		}
	}
	return nil
}

// quota allows the site's user that many KiB on its disk.
func (s *site) quota(kib uint64) error {
	const setQuota, limits = 0x800008 << 8, 1 // Q_SETQUOTA for users; QIF_BLIMITS
	block := struct {
		hard, soft, space, inodesHard, inodesSoft, inodes, time, inodesTime uint64
		valid                                                               uint32
	}{hard: kib, soft: kib, valid: limits}
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	_, _, errno := unix.Syscall6(unix.SYS_QUOTACTL_FD, dir.Fd(), setQuota, uintptr(s.user), uintptr(unsafe.Pointer(&block)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// A trainer of the user's own that leaves its line torn and says nothing: the
// reason tells of the disk all the same, and so does its exit record.
func TestDiskFullUnderACommand(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	s := newSite(t, `
[experiment.mine]
recipe = "command"
seeds = 1
axes = { width = [1] }
argv = ["sh", "train.sh", "{width}", "{run_dir}"]
`, 0)
	s.mount("none", "tmpfs", "size=128k", 0)
	s.write("train.sh", `exec 2>/dev/null
while [ ! -e ok ] && i=$((i+1)); do
	printf '{"step":%d,"m":{"loss":%d}}\n' $i $i >> "$2/metrics.jsonl" || exit 7
done`)
	s.does(2, "failed", "run", "mine", "--wait")
	r := s.sees("mine/", store.Failed, "exit code 7: it left no word in out.log; no space left on device")
	f := store.Follower{Dir: r.Dir}
	batches, _, err := f.Next(0)
	if err != nil || len(batches) != 1 || r.Metrics["loss"] != float64(len(batches[0].Points)) {
		t.Errorf("%d batches, %v, last values %v", len(batches), err, r.Metrics)
	}
	if text := s.read("runs/mine/*/s1/a1/metrics.jsonl"); strings.HasSuffix(text, "\n") {
		t.Error("the last line is not torn")
	}
	s.remount("size=1m", 0)
	s.write("ok", "")
	s.does(0, "1 queued", "retry", "mine")
	s.sees("mine/", store.Done, "")
}

// What is asked on a full disk is refused with the cause and leaves nothing
// behind; asked again when there is room, it is done.
func TestDiskFullForTheEngine(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	const until = `
recipe = "command"
seeds = 2
axes = { width = [1] }
argv = ["sh", "-c", "test -e ok{width}{seed}"]
`
	s := newSite(t, "[experiment.old]"+until+"[experiment.new]"+until, 0)
	s.mount("none", "tmpfs", "size=256k", 0)
	s.does(2, "failed", "run", "old", "--wait")
	second := s.record("old/width=1").Dir
	second = filepath.Join(filepath.Dir(second), "s2", "asked.jsonl")
	b, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	// A full block: the first run's wish has room in its file, and this one has none.
	if err := os.WriteFile(second, append(b, bytes.Repeat([]byte("\n"), 4096-len(b))...), 0o644); err != nil {
		t.Fatal(err)
	}
	s.fill()
	before := s.read("runs/old/*/s1/asked.jsonl") + s.read("runs/old/*/s2/asked.jsonl")
	for _, verb := range []string{"retry", "run"} {
		s.does(1, "no space left on device", verb, "old")
		if diff := cmp.Diff(before, s.read("runs/old/*/s1/asked.jsonl")+s.read("runs/old/*/s2/asked.jsonl")); diff != "" {
			t.Errorf("%s left something behind:\n%s", verb, diff)
		}
		for _, seed := range []string{"/s1", "/s2"} {
			s.sees("old/width=1"+s.record("old/width=1").Cell[len("width=1"):]+seed, store.Failed, "exit code 1")
		}
	}
	s.does(1, "no space left on device", "run", "new", "--detach")
	if runs, _ := filepath.Glob(filepath.Join(s.dir, "runs/new/*/*/run.json")); len(runs) > 0 {
		t.Errorf("there are runs: %q", runs)
	}
	status := struct{ Live, Waiting int }{-1, -1}
	if _, out := s.ablate("engine", "status", "--json"); json.Unmarshal([]byte(out), &status) != nil || status.Live+status.Waiting != 0 {
		t.Errorf("engine says %s, want that it lives and nothing waits", out)
	}
	s.empty()
	for _, name := range []string{"ok11", "ok12"} {
		s.write(name, "")
	}
	s.does(0, "2 queued", "retry", "old")
	s.does(0, "2/2", "run", "new", "--wait")
	for _, run := range []string{"old", "new"} {
		s.does(0, "done", "ls", run)
	}
}

// A store that cannot be written to can be read; what would change it is refused
// with what to do.
func TestReadOnlyStore(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	small := strings.NewReplacer("800", "20", "[16]", "[8, 16]", "equal = \"rows\"\n", "").Replace(tinyRun)
	s := newSite(t, small+`
[[experiment.tiny.finding]]
claim = "it learns"
metric = "train/loss"
plus = [{ tasks = 16 }]
minus = [{ tasks = 8 }]
`, 0)
	s.mount("none", "tmpfs", "size=4m", 0)
	s.does(0, "1/1", "run", "tiny", "--wait")
	s.does(0, "no engine serves", "engine", "stop")
	id := s.record("tiny/").ID
	reads := func() {
		t.Helper()
		for words, args := range map[string][]string{
			"done": {"ls"}, "weights": {"show", id}, "step": {"log", id}, "1 of 1": {"plan", "tiny"}, "it learns": {"findings"},
			"no engine serves": {"engine", "status"}, "mistake": {"check"},
		} {
			code, out := s.ablate(args...)
			if code != 0 {
				t.Errorf("ablate %q for %s: exit code %d\n%s", args, words, code, out)
			}
		}
	}
	refuses := func(cause string) {
		t.Helper()
		for _, args := range [][]string{{"run", "tiny", "--seeds", "2", "--detach"}, {"stop", "tiny"}, {"retry", id}} {
			s.does(1, cause, args...)
			s.does(1, "--store DIR", args...)
		}
	}
	s.remount("", unix.MS_RDONLY)
	reads()
	refuses("read-only file system")
	s.remount("", 0)
	s.user = 65534 // nobody, in root's store
	if err := os.Chown(s.room, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(s.room, func(path string, _ os.DirEntry, _ error) error { return os.Chown(path, 65534, 65534) }); err != nil {
		t.Fatal(err)
	}
	reads()
	refuses("permission denied")
}

// The record of the end has its room, also while another program takes every
// block that comes free.
func TestDiskFullForTheExitRecord(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	s := newSite(t, "", 0)
	s.mount("none", "tmpfs", "size=64k", 0)
	with, without := filepath.Join(s.dir, "a1"), filepath.Join(s.dir, "a2")
	if err := errors.Join(os.Mkdir(with, 0o755), os.Mkdir(without, 0o755), store.ReserveExit(with)); err != nil {
		t.Fatal(err)
	}
	s.fill()
	greedy, err := os.Create(filepath.Join(s.dir, "greedy"))
	if err != nil {
		t.Fatal(err)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				_, _ = greedy.Write(make([]byte, 4096)) // it is full, most often
			}
		}
	}()
	if store.NoRoom(s.dir) == nil {
		t.Error("a full disk is said to have room")
	}
	e := store.Exit{Code: 1, Reason: strings.Repeat("no room; ", 1000)}
	if err := store.WriteExit(without, e); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("without room: %v", err)
	}
	if err := store.WriteExit(with, e); err != nil {
		t.Error(err)
	}
	close(done)
	<-ended
	if err := greedy.Close(); err != nil {
		t.Error(err)
	}
	var got store.Exit
	if err := store.ReadJSON(filepath.Join(with, "exit.json"), &got); err != nil || got.Code != 1 || !strings.HasPrefix(got.Reason, "no room; no room") {
		t.Errorf("it says %+v, %v", got, err)
	}
}
