package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/experiments/store"
)

func (l lab) presence() engine.Presence {
	l.Helper()
	var p engine.Presence
	if err := store.ReadJSON(filepath.Join(l.store.EngineDir(), "engine.json"), &p); err != nil {
		l.Fatal(err)
	}
	return p
}

// say writes bytes to the engine's socket and hears what comes back.
func (l lab) say(text string) string {
	l.Helper()
	conn, err := net.Dial("unix", l.presence().Socket)
	if err != nil {
		l.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		l.Fatal(err)
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		l.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if err != nil {
		l.Fatal(err)
	}
	return string(b)
}

func TestWire(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.do(engine.Request{Verb: "hello"})
	tests := []struct{ name, say, want string }{
		{"no JSON", "hello\n", "read request: invalid character"},
		{"half a request", `{"verb":`, "read request: unexpected EOF"},
		{"another type", `{"verb":3}` + "\n", "read request: json: cannot unmarshal number"},
		{"unknown verb", `{"verb":"dance"}` + "\n", `answer request: unknown verb "dance"`},
		{"not a word", "", ""},
		{"hello", `{"verb":"hello"}` + "\n", ""},
	}
	for _, tt := range tests {
		said := l.say(tt.say)
		var reply engine.Reply
		if tt.say != "" {
			if err := json.Unmarshal([]byte(said), &reply); err != nil {
				t.Errorf("%s: reply %q is no JSON: %v", tt.name, said, err)
			}
		}
		if !strings.Contains(reply.Error, tt.want) || (reply.Error == "") != (tt.want == "") {
			t.Errorf("%s: error is %q, want %q", tt.name, reply.Error, tt.want)
		}
	}
	info, err := os.Stat(filepath.Dir(l.presence().Socket))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has mode %v, want 0700", info.Mode().Perm())
	}
}

func TestEngineOnDemand(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if _, err := l.client.Hello(t.Context()); !errors.Is(err, engine.ErrUnreachable) {
		t.Errorf("hello without an engine: %v, want ErrUnreachable", err)
	}
	if _, err := os.Stat(l.store.Dir); err == nil {
		t.Error("hello made the store")
	}
	var clients sync.WaitGroup
	pids := make([]int, 4)
	for i := range pids { // all find no engine and start one; one of these stays
		clients.Go(func() {
			reply, err := engine.NewClient(l.store).Do(t.Context(), engine.Request{Verb: "hello"})
			if err != nil {
				t.Error(err)
			}
			pids[i] = reply.PID
		})
	}
	clients.Wait()
	for _, pid := range pids {
		if pid != pids[0] || pid == os.Getpid() || pid == 0 {
			t.Errorf("clients were answered by %v, want one engine", pids)
		}
	}
	if session, err := getsid(pids[0]); err != nil || session != pids[0] {
		t.Errorf("the engine %d is in session %d (%v), want its own", pids[0], session, err)
	}
	if p := l.presence(); p.PID != pids[0] || !p.Alive() {
		t.Errorf("engine.json names %+v, want the live process %d", p.Process, pids[0])
	}
	var b bytes.Buffer
	if err := l.client.WriteStatus(t.Context(), &b, false); err != nil || !strings.Contains(b.String(), "0 waiting") {
		t.Errorf("status is %q, %v", b.String(), err)
	}
}

func TestSecondEngine(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	first := l.do(engine.Request{Verb: "hello"}).PID
	if err := engine.Serve(t.Context(), l.store, launch.Local{}, "other", nil); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second engine: %v, want ErrLocked", err)
	}
	if again := l.do(engine.Request{Verb: "hello"}).PID; again != first {
		t.Errorf("engine %d answers after that, want %d", again, first)
	}
}

// A store that was deleted and made again has an engine of its own; the old one
// leaves, and leaves the new one's socket alone.
func TestStoreMadeAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.do(engine.Request{Verb: "hello"}).PID
	if err := os.RemoveAll(l.store.Dir); err != nil {
		t.Fatal(err)
	}
	next := l.do(engine.Request{Verb: "hello"}).PID
	if next == old {
		t.Fatalf("engine %d serves a store that is gone", old)
	}
	eventually(t, func() bool { _, alive := store.ProcessOf(old); return !alive },
		func() string { return "the engine of the deleted store stays" })
	if reply, err := l.client.Hello(t.Context()); err != nil || reply.PID != next {
		t.Errorf("reply is %+v, %v; want one of engine %d", reply, err, next)
	}
}

// A store that was moved has an engine.json that tells of another store's engine:
// that one is not asked.
func TestMovedStore(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.do(engine.Request{Verb: "hello"})
	moved, err := store.Open(l.store.Dir + "-moved")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.store.Dir, moved.Dir); err != nil {
		t.Fatal(err)
	}
	next := l.do(engine.Request{Verb: "hello"}).PID // at the old place, on the old socket
	client := engine.NewClient(moved)
	if reply, err := client.Hello(t.Context()); !errors.Is(err, engine.ErrUnreachable) {
		t.Errorf("the moved store is answered by %+v, %v", reply, err)
	}
	if err := client.Quit(t.Context()); !errors.Is(err, engine.ErrUnreachable) {
		t.Errorf("quit: %v, want ErrUnreachable", err)
	}
	var reply engine.Reply
	eventually(t, func() bool { // once the engine that it was moved from under has noticed
		reply, err = client.Do(t.Context(), engine.Request{Verb: "hello"})
		return err == nil
	}, func() string { return fmt.Sprintf("the moved store is not served: %v", err) })
	if reply.PID == next {
		t.Errorf("the moved store is served by %d, %v, like the one at its old place", reply.PID, err)
	}
	if again := l.do(engine.Request{Verb: "hello"}).PID; again != next {
		t.Errorf("engine %d answers at the old place, want %d", again, next)
	}
	if err := client.Quit(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is asked of a store right after it was moved is done there, and nothing is
// made at its old place.
func TestMovedStoreAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	old := l.do(engine.Request{Verb: "hello"}).PID
	moved, err := store.Open(l.store.Dir + "-moved")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.store.Dir, moved.Dir); err != nil {
		t.Fatal(err)
	}
	client := engine.NewClient(moved)
	reply, err := client.Do(t.Context(), engine.Request{Verb: "run", Plan: plan("true")})
	if err != nil || reply.PID == old || reply.Queued != 1 {
		t.Errorf("the moved store is answered by %+v, %v; want another engine than %d", reply, err, old)
	}
	var r store.Record
	eventually(t, func() bool {
		r, err = moved.Look("e/c0/s1")
		return err == nil && r.Status == store.Done
	}, func() string { return fmt.Sprintf("the run is %s, %v", r.Status, err) })
	if _, err := os.Stat(l.store.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made at the old place: %v", err)
	}
	if err := client.Quit(t.Context()); err != nil {
		t.Error(err)
	}
}

// killed engines leave a socket and runs behind; the next one clears the socket
// away and takes up the runs.
func TestKilledEngine(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	go1 := filepath.Join(t.TempDir(), "go")
	script := "until [ -e " + go1 + " ]; do sleep 0.02; done"
	r := l.do(engine.Request{Verb: "run", Plan: plan(script)})
	if r.Queued != 1 {
		t.Errorf("reply is %+v, want 1 queued", r)
	}
	l.begins("e/c0/s1")
	killEngine(t, r.PID)
	next := l.do(engine.Request{Verb: "run", Plan: plan(script)})
	if next.PID == r.PID || next.Live != 1 || next.Going != 1 || next.Queued != 0 {
		t.Errorf("the next engine replies %+v, want 1 live and going", next)
	}
	if err := os.WriteFile(go1, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	rec := l.sees("e/c0/s1", store.Done, "")
	if rec.Attempt != 1 {
		t.Errorf("%d attempts, want 1", rec.Attempt)
	}
	eventually(t, func() bool { return l.do(engine.Request{Verb: "hello"}).Live == 0 },
		func() string { return "the slot was not freed" })
}

// An engine may die after it said hello: the client asks the next one.
func TestKilledEngineBetweenHelloAndRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 5 {
		pid := l.do(engine.Request{Verb: "hello"}).PID
		var quits sync.WaitGroup
		quits.Go(func() { _ = engine.NewClient(l.store).Quit(t.Context()) }) // it may be gone already
		if next := l.do(engine.Request{Verb: "hello"}).PID; next == 0 {
			t.Errorf("nobody answered after engine %d was asked to quit", pid)
		}
		quits.Wait()
	}
}

func TestOtherBuildIsReplaced(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere a program with bytes behind it does not start")
	}
	l := newLab(t)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "ablate")
	if err := os.WriteFile(other, append(self, 0), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := startProgram(t, other, "engine", "--store", l.store.Dir)
	if err := os.Remove(other); err != nil { // as go run does
		t.Fatal(err)
	}
	eventually(t, func() bool { _, err := l.client.Hello(t.Context()); return err == nil },
		func() string { return "the other build does not serve" })
	old, err := l.client.Hello(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	go1 := filepath.Join(t.TempDir(), "go")
	run, err := json.Marshal(engine.Request{Verb: "run", Key: "k", Plan: plan("until [ -e " + go1 + " ]; do sleep 0.02; done")})
	if err != nil {
		t.Fatal(err)
	}
	l.say(string(run) + "\n")
	l.begins("e/c0/s1")
	reply := l.do(engine.Request{Verb: "hello"})
	if old.PID != cmd.Process.Pid || reply.PID == old.PID || reply.Build == old.Build || reply.Live != 1 {
		t.Errorf("engine %d of build %s was followed by %d of build %s with %d live runs", old.PID, old.Build, reply.PID, reply.Build, reply.Live)
	}
	if err := os.WriteFile(go1, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if rec := l.sees("e/c0/s1", store.Done, ""); rec.Attempt != 1 {
		t.Errorf("it took %d attempts, want the one that the replaced engine began", rec.Attempt)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the replaced engine ended with %v", err)
	}
}

// A store that a newer program wrote is left alone, whoever asks for what.
func TestNewerStore(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if err := l.store.Writable(); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(l.store.EngineDir(), "settings.json")
	if err := os.WriteFile(newer, []byte(`{"format":2,"program":"ablate v9 (build 9)"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, asked := l.client.Do(t.Context(), engine.Request{Verb: "run", Plan: plan("exit 0")})
	served := engine.Serve(t.Context(), l.store, launch.Local{}, "b", nil)
	for who, err := range map[string]error{"client": asked, "engine": served} {
		if err == nil || !strings.Contains(err.Error(), "ablate v9 (build 9) wrote it") {
			t.Errorf("%s: %v, want that a newer program wrote the store", who, err)
		}
	}
	if b, err := os.ReadFile(newer); err != nil || !strings.Contains(string(b), "v9") {
		t.Errorf("settings are %s, %v after that", b, err)
	}
}

// The environment is the process's: this one is not parallel.
func TestSlotsOf(t *testing.T) {
	l := newLab(t)
	usual := min(runtime.GOMAXPROCS(0), 8)
	for value, want := range map[string]int{"": usual, "3": 3, "0": usual, "-1": usual, "many": usual} {
		t.Setenv("ABLATE_SLOTS", value)
		if got := engine.SlotsOf(l.store); got != want {
			t.Errorf("ABLATE_SLOTS=%q gives %d slots, want %d", value, got, want)
		}
	}
	if err := l.store.Writable(); err != nil {
		t.Fatal(err)
	}
	if err := l.store.WriteSettings(store.Settings{Slots: 5}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ABLATE_SLOTS", "3")
	if got := engine.SlotsOf(l.store); got != 5 {
		t.Errorf("a store that was given 5 slots has %d", got)
	}
}

func TestUnwritableStore(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if err := os.WriteFile(l.store.Dir, nil, 0o644); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	_, err := l.client.Do(t.Context(), engine.Request{Verb: "hello"})
	if err == nil || !strings.Contains(err.Error(), "make store: ") || !strings.Contains(err.Error(), l.store.Dir) {
		t.Errorf("error is %v, want one about the store %s", err, l.store.Dir)
	}
}

// A plan that cannot be carried out is an error for the client and no harm.
func TestFailingRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if _, err := l.client.Do(t.Context(), engine.Request{Verb: "run"}); err == nil || err.Error() != "run experiment: the request has no plan" {
		t.Errorf("run without a plan: %v", err)
	}
	if _, err := l.client.Do(t.Context(), engine.Request{Verb: "retry", Runs: []string{"e/none/s1"}}); err == nil {
		t.Error("retry of no run is no error")
	}
}

// The environment is the process's: this one is not parallel.
func TestSocketFolderMustBePrivate(t *testing.T) {
	l := newLab(t)
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if err := os.Mkdir(filepath.Join(dir, "ablate"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := l.client.Do(t.Context(), engine.Request{Verb: "hello"})
	if err == nil || !strings.Contains(err.Error(), "is not a private folder of yours; set XDG_RUNTIME_DIR") {
		t.Errorf("error is %v, want one about the folder", err)
	}
}

// engine.json tells where the socket is: a client with another environment finds
// the engine all the same.
func TestClientInAnotherEnvironment(t *testing.T) {
	l := newLab(t)
	first := l.do(engine.Request{Verb: "hello"}).PID
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if again := l.do(engine.Request{Verb: "hello"}).PID; again != first {
		t.Errorf("engine %d answered, want %d", again, first)
	}
}

// What a dead engine's file says is nothing to go by: the store may have been
// another user's, or another host's. A live one that it does not lead to is named.
func TestMisleadingPresence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, presence string
		want           string // of the error while the lock is held
		starting       bool   // to a client that could be an engine that is about to serve
	}{
		{"another's folder", `{"socket":"/etc/x.sock"}`, `names the socket "/etc/x.sock": check socket folder: /etc is not a private folder of yours`, false},
		{"below a file", `{"socket":"/etc/passwd/x.sock"}`, `names the socket "/etc/passwd/x.sock": check socket folder: /etc/passwd is not a private folder of yours`, false},
		{"damaged", `{`, "unexpected end of JSON input", false},
		{"a folder that is not here", `{"socket":"/nonexistent/x.sock"}`, "/nonexistent/x.sock", true},
		{"none", "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if err := l.store.Writable(); err != nil {
				t.Fatal(err)
			}
			at := filepath.Join(l.store.EngineDir(), "engine.json")
			if tt.presence != "" {
				if err := os.WriteFile(at, []byte(tt.presence), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			lock, err := store.Lock(filepath.Join(l.store.EngineDir(), "lock"), 0)
			if err != nil {
				t.Fatal(err)
			}
			err = l.client.WriteStatus(t.Context(), io.Discard, false)
			if err == nil || !strings.Contains(err.Error(), at) || !strings.Contains(err.Error(), tt.want) || errors.Is(err, engine.ErrUnreachable) != tt.starting {
				t.Errorf("status while the lock is held: %v, want an error that names %s and %q", err, at, tt.want)
			}
			if err := lock.Close(); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := l.client.WriteStatus(t.Context(), &b, false); err != nil || !strings.HasPrefix(b.String(), "no engine serves ") {
				t.Errorf("status is %q, %v; want that no engine serves", b.String(), err)
			}
			if pid := l.do(engine.Request{Verb: "hello"}).PID; l.presence().PID != pid {
				t.Errorf("engine %d answers, and engine.json names %d", pid, l.presence().PID)
			}
		})
	}
}

func killEngine(t *testing.T, pid int) {
	t.Helper()
	p, ok := store.ProcessOf(pid)
	if !ok {
		t.Fatalf("engine %d is not there", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return !p.Alive() }, func() string { return "the engine does not die" })
}

func startProgram(t *testing.T, path string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(path, args...)
	eventually(t, func() bool { // a file just written is busy while another test forks
		err := cmd.Start()
		if errors.Is(err, syscall.ETXTBSY) {
			cmd = exec.Command(path, args...)
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return true
	}, func() string { return "the program stays busy" })
	return cmd
}

func getsid(pid int) (int, error) {
	id, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(pid), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(id), nil
}
