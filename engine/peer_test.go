package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/experiments/store"
)

// askAs is a client of its own, run by another user: it writes the reply.
func askAs(dir, request string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	var r engine.Request
	if err := json.Unmarshal([]byte(request), &r); err != nil {
		return err
	}
	reply, err := engine.NewClient(s).Do(context.Background(), r)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(reply)
}

// lookAs writes the runs of experiment e with their status.
func lookAs(dir string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	records, err := s.Records("e")
	for _, r := range records {
		fmt.Fprintln(os.Stdout, r.ID, r.Status)
	}
	return err
}

// Users that no machine has, in a group that none has.
const (
	ann, bob, eve = 71001, 71002, 71003
	crew          = 71100
)

// site is a folder in which users of their own share a store.
type site struct {
	*testing.T
	dir, store string
}

// newSite makes a store of ann's in a folder of the given name, with a mode.
func newSite(t *testing.T, name string, mode os.FileMode) site {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can be other users")
	}
	dir, err := os.MkdirTemp("/tmp", "ablate-site-*")
	if err != nil {
		t.Fatal(err)
	}
	s := site{t, dir, filepath.Join(dir, name)}
	t.Cleanup(func() {
		for _, user := range []int{ann, bob} {
			_, _ = s.run(user, "ask", `{"verb":"quit"}`)
		}
		for folder := range s.sockets() {
			os.RemoveAll(folder)
		}
		os.RemoveAll(dir)
	})
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("the test's own program cannot be copied: ", err)
	}
	syscall.ForkLock.RLock() // a child with the open file would keep it from being executed
	err = os.WriteFile(filepath.Join(dir, "program"), program, 0o755)
	syscall.ForkLock.RUnlock()
	s.must(err, os.Chmod(dir, 0o755), os.MkdirAll(s.store, 0o755))
	for _, user := range []int{ann, bob, eve} {
		home := s.home(user)
		s.must(os.Mkdir(home, 0o700), os.Chown(home, user, user))
	}
	s.must(os.Chown(s.store, ann, crew), os.Chmod(s.store, mode))
	return s
}

func (s site) must(errs ...error) {
	s.Helper()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}

func (s site) home(user int) string { return filepath.Join(s.dir, fmt.Sprintf("home%d", user)) }

// run does a verb of this test's program as a user, of whom all but eve are in the
// crew.
func (s site) run(user int, args ...string) (string, error) {
	groups := []uint32{crew}
	if user == eve {
		groups = nil
	}
	cmd := exec.Command(filepath.Join(s.dir, "program"), append([]string{args[0], s.store}, args[1:]...)...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME="+s.home(user), "XDG_CACHE_HOME="+s.home(user), "XDG_RUNTIME_DIR=", "TMPDIR="+s.home(user))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user), Groups: groups}}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// ask puts a request as a user and returns the reply.
func (s site) ask(user int, request engine.Request) engine.Reply {
	s.Helper()
	b, err := json.Marshal(request)
	s.must(err)
	out, err := s.run(user, "ask", string(b))
	if err != nil {
		s.Fatalf("user %d asks %s: %v: %s", user, request.Verb, err, out)
	}
	var r engine.Reply
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		s.Fatalf("user %d asks %s and hears %q", user, request.Verb, out)
	}
	return r
}

func (s site) opened() *store.Store {
	s.Helper()
	opened, err := store.Open(s.store)
	s.must(err)
	return opened
}

// settled waits until a run has a status.
func (s site) settled(id string, want store.Status) {
	s.Helper()
	opened := s.opened()
	eventually(s.T, func() bool {
		r, err := opened.Look(id)
		return err == nil && r.Status == want
	}, func() string {
		r, err := opened.Look(id)
		log, _ := os.ReadFile(filepath.Join(s.store, "engine", "engine.log"))
		return fmt.Sprintf("run %s is %s (%s), %v; want %s\n%s", id, r.Status, r.Reason, err, want, log)
	})
}

// sockets are the folders outside the store in which its engines listened, by the
// engine's log.
func (s site) sockets() map[string]bool {
	folders := map[string]bool{}
	b, _ := os.ReadFile(filepath.Join(s.store, "engine", "engine.log"))
	for word := range strings.FieldsSeq(string(b)) {
		if path, ok := strings.CutPrefix(word, "socket="); ok && strings.HasPrefix(path, "/tmp/ablate-g") {
			folders[filepath.Dir(path)] = true
		}
	}
	return folders
}

// file reads a file below the store.
func (s site) file(name string) string {
	s.Helper()
	b, err := os.ReadFile(filepath.Join(s.store, name))
	s.must(err)
	return string(b)
}

// Two users of a group share a store: each asks the other's engine, each's engine
// goes on with the other's runs, and the files say who did what.
func TestSharedStore(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]string{"short": "runs", "long": strings.Repeat("long/", 25) + "runs"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, where, os.ModeSetgid|0o770)
			first := s.ask(ann, engine.Request{Verb: "run", Plan: plan("exit 3")})
			if again := s.ask(bob, engine.Request{Verb: "hello"}); again.PID != first.PID {
				t.Errorf("bob is answered by engine %d, want ann's %d", again.PID, first.PID)
			}
			s.settled("e/c0/s1", store.Failed)
			s.ask(bob, engine.Request{Verb: "mark", By: "root@nowhere", Runs: []string{"e"}, Mark: &store.Mark{Kind: store.Starred}})
			if marks := s.file("marks.jsonl"); !strings.Contains(marks, fmt.Sprintf(`"by":"%d@`, bob)) {
				t.Errorf("marks.jsonl does not say that bob marked: %s", marks)
			}

			// Now the other way round: bob's engine, and a retry of ann's run.
			s.ask(bob, engine.Request{Verb: "quit"})
			opened := s.opened()
			eventually(t, func() bool { return !store.Locked(filepath.Join(opened.EngineDir(), "lock")) }, func() string { return "ann's engine does not leave" })
			second := s.ask(bob, engine.Request{Verb: "retry", Runs: []string{"e/c0/s1"}})
			if second.PID == first.PID || second.Queued != 1 {
				t.Errorf("bob's engine replies %+v", second)
			}
			s.settled("e/c0/s1", store.Failed)
			if r, err := opened.Look("e/c0/s1"); err != nil || r.Attempt != 2 {
				t.Errorf("the retry is attempt %d, %v; want 2", r.Attempt, err)
			}
			s.ask(ann, engine.Request{Verb: "run", Plan: plan("exit 3", "true")})
			s.settled("e/c1/s1", store.Done)
			asked := s.file("e/c0/s1/asked.jsonl")
			for _, user := range []int{ann, bob} {
				if !strings.Contains(asked, fmt.Sprintf(`"by":"%d@`, user)) {
					t.Errorf("asked.jsonl does not name %d: %s", user, asked)
				}
			}
			if out, err := s.run(eve, "ask", `{"verb":"hello"}`); err == nil {
				t.Errorf("eve, who is in no group, is answered: %s", out)
			}
		})
	}
}

// A disk may hold no sockets: the group has a folder elsewhere then.
func TestSharedStoreWithoutSockets(t *testing.T) {
	t.Parallel()
	s := newSite(t, "runs", os.ModeSetgid|0o770)
	s.must(store.MkdirAll(filepath.Join(s.store, "engine", "engine.sock", "in the way")), os.Chown(filepath.Join(s.store, "engine"), ann, crew))
	first := s.ask(ann, engine.Request{Verb: "hello"})
	if again := s.ask(bob, engine.Request{Verb: "hello"}); again.PID != first.PID || len(s.sockets()) != 1 {
		t.Errorf("bob is answered by engine %d, want ann's %d; sockets are in %v", again.PID, first.PID, s.sockets())
	}
}

// Who can reach the socket and is not of the group is told so by the engine.
func TestStrangerIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "runs", os.ModeSetgid|0o775)
	s.ask(ann, engine.Request{Verb: "run", Plan: plan("true")})
	s.settled("e/c0/s1", store.Done)
	if out, err := s.run(eve, "look"); err != nil || out != "e/c0/s1 done\n" {
		t.Errorf("eve, who may read the store, sees %q, %v", out, err)
	}
	if out, err := s.run(eve, "ask", `{"verb":"stop"}`); err == nil || !strings.Contains(out, "permission denied") {
		t.Errorf("eve asks without a right to the socket: %q, %v", out, err)
	}
	var at engine.Presence
	s.must(store.ReadJSON(filepath.Join(s.store, "engine", "engine.json"), &at), os.Chmod(at.Socket, 0o666))
	out, err := s.run(eve, "ask", `{"verb":"stop","by":"root@here"}`)
	if want := fmt.Sprintf("is neither the owner of %s nor in its group %d", s.store, crew); err == nil || !strings.Contains(out, want) {
		t.Errorf("eve hears %q, %v; want %q", out, err, want)
	}
	if strings.Contains(s.file("engine/journal.jsonl"), `"stop"`) {
		t.Error("what eve asked is in the journal")
	}
}

// Who cannot reach the socket of a store that nobody shares hears whose it is.
func TestStrangerHearsWhoseStoreItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t, "runs", 0o755)
	s.ask(ann, engine.Request{Verb: "hello"})
	out, err := s.run(eve, "ask", `{"verb":"stop"}`)
	if want := fmt.Sprintf("it is of user %d, and no group shares this store", ann); err == nil || !strings.Contains(out, want) {
		t.Errorf("eve hears %q, %v; want %q", out, err, want)
	}
}

// What is made in a store that a group shares is the group's, whatever the umask.
func TestSharedModes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "runs", os.ModeSetgid|0o770)
	s.ask(ann, engine.Request{Verb: "run", Plan: plan("mkdir $1/mine; touch $1/mine/file")})
	s.settled("e/c0/s1", store.Done)
	for name, want := range map[string]os.FileMode{
		"engine": 0o770, "engine/engine.json": 0o664, "engine/journal.jsonl": 0o664, "engine/engine.log": 0o664, "engine/lock": 0o664, "engine/engine.sock": 0o660,
		"e": 0o770, "e/plan.json": 0o664, "e/plans": 0o770, "e/c0": 0o770, "e/c0/s1": 0o770, "e/c0/s1/run.json": 0o664, "e/c0/s1/lock": 0o664,
		"e/c0/s1/asked.jsonl": 0o664, "e/c0/s1/a1": 0o770, "e/c0/s1/a1/exit.json": 0o664, "e/c0/s1/a1/mine": 0o775, "e/c0/s1/a1/mine/file": 0o664,
	} {
		info, err := os.Stat(filepath.Join(s.store, name))
		s.must(err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
		if gid := info.Sys().(*syscall.Stat_t).Gid; gid != crew {
			t.Errorf("%s is of group %d, want %d", name, gid, crew)
		}
	}
}

// A socket that another user left in the way of a shared store is not spoken to.
func TestForeignSocketIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "runs", os.ModeSetgid|0o770)
	s.ask(ann, engine.Request{Verb: "hello"})
	var at engine.Presence
	path := filepath.Join(s.store, "engine", "engine.json")
	s.must(store.ReadJSON(path, &at))
	l, err := net.Listen("unix", filepath.Join(s.dir, "trap"))
	s.must(err)
	defer l.Close()
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			_, _ = io.WriteString(conn, `{"build":"trap"}`)
			conn.Close()
		}
	}()
	s.must(os.Chmod(filepath.Join(s.dir, "trap"), 0o666))
	good := at
	at.Socket = filepath.Join(s.dir, "trap")
	s.must(store.WriteJSON(path, at), os.Chown(path, ann, crew))
	if out, err := s.run(bob, "ask", `{"verb":"hello"}`); err == nil || !strings.Contains(out, "is not of the user who wrote") {
		t.Errorf("bob asks root's socket: %q, %v", out, err)
	}
	s.must(os.Chown(at.Socket, ann, crew))
	if out, err := s.run(bob, "ask", `{"verb":"hello"}`); err == nil || !strings.Contains(out, "is not one for group") {
		t.Errorf("bob asks a socket in an open folder: %q, %v", out, err)
	}
	s.must(store.WriteJSON(path, good), os.Chown(path, ann, crew))
}
