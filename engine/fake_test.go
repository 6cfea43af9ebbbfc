package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments"
	"ablate/experiments/store"
)

// fakeLauncher starts no process: its attempts live in this one and leave the
// files that a runner and a trainer leave.
type fakeLauncher struct {
	took     time.Duration    // for a launch
	lives    time.Duration    // of a trainer; 0: until it is ended
	fails    map[string]error // launches, by run id
	dies     map[string]error // runners, by run id: their trainers live
	stubborn bool             // trainers ignore TERM
	holds    int              // GPUs that are claimed for an attempt
	gpus     int              // of the machine, 0: there are always some
	without  string           // an experiment whose attempts need none
	foresees bool             // it can tell whether launches will fail for want of GPUs
	blind    bool             // and then says that they will not

	mu     sync.Mutex
	root   string
	jobs   map[string]*fakeJob // by folder of the attempt
	order  []string            // of the attempts, relative to the store
	living int
	most   int // at one time
	tries  int // launches
	taken  int // GPUs of the machine
}

type fakeJob struct {
	launcher *fakeLauncher
	dir      string
	lock     *store.Held
	holds    int // GPUs
	gone     chan struct{}
	once     sync.Once
	signals  []string // with the time since the launch
	began    time.Time
}

func (f *fakeLauncher) Launch(ctx context.Context, s Spec) (Job, error) {
	dir := s.Dir
	f.mu.Lock()
	took, fails := f.took, f.fails
	f.tries++
	f.mu.Unlock()
	if took > 0 {
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	id, err := filepath.Rel(f.root, filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	if err := fails[id]; err != nil {
		return nil, err
	}
	holds, err := f.claim(experimentOf(filepath.ToSlash(id)))
	if err != nil {
		return nil, err
	}
	lock, err := store.Lock(store.LockFile(filepath.Dir(dir)), 0)
	if err != nil {
		return nil, err
	}
	j := &fakeJob{launcher: f, dir: dir, lock: lock, holds: holds, gone: make(chan struct{}), began: time.Now()}
	f.mu.Lock()
	f.jobs[dir] = j
	f.order = append(f.order, filepath.ToSlash(filepath.Join(id, filepath.Base(dir))))
	f.living++
	f.most = max(f.most, f.living)
	f.mu.Unlock()
	put(filepath.Join(dir, "start.json"), map[string]any{"time": store.Now(), "workers": s.Workers, "held": make([]string, holds)})
	if f.lives > 0 {
		go func() {
			select {
			case <-time.After(f.lives):
				j.end(store.Exit{})
			case <-j.gone:
			}
		}()
	}
	if err := f.dies[id]; err != nil {
		return nil, err
	}
	return j, nil
}

// claim takes the GPUs of an attempt.
func (f *fakeLauncher) claim(experiment string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if experiment == f.without {
		return 0, nil
	}
	if err := f.lacking(experiment); err != nil {
		return 0, err
	}
	f.taken += f.holds
	return f.holds, nil
}

// lacking says that an attempt of an experiment finds too few GPUs.
func (f *fakeLauncher) lacking(experiment string) error {
	if experiment != f.without && f.gpus > 0 && f.taken+f.holds > f.gpus {
		return fmt.Errorf("%w: GPU-0 is held", ErrBusy)
	}
	return nil
}

// free lets go of GPUs that another store had.
func (f *fakeLauncher) free(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken -= n
}

// launches is how many there were.
func (f *fakeLauncher) launches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tries
}

// heal makes launches quick and good from now on.
func (f *fakeLauncher) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took, f.fails, f.gpus = 0, nil, 0
}

func (f *fakeLauncher) Attach(dir string) Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs[dir]
}

// Foresee tells what the GPUs of the machine do, where somebody can see them.
func (f *fakeLauncher) Foresee(runDir string) func() error {
	if !f.foresees {
		return nil
	}
	id, _ := filepath.Rel(f.root, runDir)
	return func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.blind {
			return nil
		}
		return f.lacking(experimentOf(filepath.ToSlash(id)))
	}
}

// job is the job of an attempt such as "e/c0/s1/a1".
func (f *fakeLauncher) job(attempt string) *fakeJob {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs[filepath.Join(f.root, attempt)]
}

func (f *fakeLauncher) endAll() {
	f.mu.Lock()
	jobs := f.jobs
	f.mu.Unlock()
	for _, j := range jobs {
		j.end(store.Exit{})
	}
}

func (j *fakeJob) Wait() error { <-j.gone; return nil }

func (j *fakeJob) Signal(s syscall.Signal) error {
	j.launcher.mu.Lock()
	j.signals = append(j.signals, fmt.Sprintf("%v after %v", s, time.Since(j.began)))
	j.launcher.mu.Unlock()
	switch {
	case s == syscall.SIGSTOP, s == syscall.SIGCONT, s == syscall.SIGTERM && j.launcher.stubborn:
		return nil
	}
	asked, err := store.LastAsked(filepath.Dir(j.dir))
	j.end(store.Exit{Code: -1, Signal: "SIG", Reason: string(asked.Ends())})
	return err
}

// end is what the runner does when its trainer has ended; only the first counts.
func (j *fakeJob) end(e store.Exit) {
	j.once.Do(func() {
		e.Time = store.Now()
		put(filepath.Join(j.dir, "exit.json"), e)
		j.vanish()
	})
}

// vanish is a runner and a trainer that were killed.
func (j *fakeJob) vanish() {
	j.launcher.mu.Lock()
	j.launcher.living--
	j.launcher.taken -= j.holds
	j.launcher.mu.Unlock()
	j.lock.Close()
	close(j.gone)
}

// put writes a file that nobody reads before it is whole.
func put(path string, v any) {
	b, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		panic(err)
	}
}

// house is a store with a launcher, and the engines that come and go in it.
type house struct {
	t        *testing.T
	store    *store.Store
	launcher *fakeLauncher
	slots    int
	cores    int
	idle     time.Duration // of its engines; 0: an hour
}

func newHouse(t *testing.T, slots int) *house {
	t.Helper()
	s, err := store.Open(memoryDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Writable(); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, slots: slots, launcher: &fakeLauncher{root: s.Dir, jobs: map[string]*fakeJob{}}}
	t.Cleanup(func() {
		<-time.After(time.Minute) // an engine that leaves does not wait for what it launches, which may wait for a lock
		synctest.Wait()
		h.launcher.endAll()
	})
	return h
}

// memoryDir is a folder in memory where there is such a thing: these tests are
// about order and not about disks.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ablate-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// engine sets an engine going; leave ends it and returns when it has left.
func (h *house) engine() (e *Engine, leave func()) {
	h.t.Helper()
	e = New(Config{Store: h.store, Launcher: h.launcher, Build: "b1", Program: "ablate (build b1)", Slots: h.slots, Cores: h.cores, Idle: cmp.Or(h.idle, time.Hour), Grace: 10 * time.Second, Retry: 7 * time.Second,
		Verdict: func(string) string { return "all agree" }, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	leave = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(leave)
	return e, leave
}

// ask puts a request that must succeed.
func (h *house) ask(e *Engine, r Request) Reply {
	h.t.Helper()
	reply := e.put(r)
	if reply.Error != "" {
		h.t.Fatalf("%s: %s", r.Verb, reply.Error)
	}
	return reply
}

// sees compares the status and reason of runs, "" for any reason.
func (h *house) sees(id string, status store.Status, reason string) {
	h.t.Helper()
	r, err := h.store.Look(id)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.Status != status || !strings.Contains(r.Reason, reason) {
		h.t.Errorf("run %s is %s (%s), want %s (%s)", id, r.Status, r.Reason, status, reason)
	}
}

func (h *house) attempts(id string) int {
	h.t.Helper()
	n, err := store.Attempts(h.store.RunDir(id))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// plan is an experiment of so many cells and seeds.
func plan(name string, cells, seeds int) *experiments.Plan {
	p := &experiments.Plan{Experiment: name, Recipe: "sft", Hash: "0123456789ab"}
	for i := range cells {
		p.Cells = append(p.Cells, experiments.Cell{Name: fmt.Sprintf("c%d", i)})
	}
	for i := range seeds {
		p.Seeds = append(p.Seeds, int64(i+1))
	}
	return p
}

// commands makes a plan of built-in recipes one of commands.
func commands(p *experiments.Plan, pause string) *experiments.Plan {
	p.Recipe, p.Pause = experiments.Command, pause
	return p
}

// untried makes a plan one whose runs are never tried again unasked.
func untried(p *experiments.Plan) *experiments.Plan {
	p.Retry = &experiments.Retry{}
	return p
}

func ids(p *experiments.Plan) []string {
	var out []string
	for _, r := range p.Runs() {
		out = append(out, r.ID)
	}
	return out
}

// firstAttempts are the first attempts of runs.
func firstAttempts(ids ...[]string) []string {
	var out []string
	for _, id := range slices.Concat(ids...) {
		out = append(out, id+"/a1")
	}
	return out
}

var errNoProgram = errors.New("launch runner: no such program")
