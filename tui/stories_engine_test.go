package tui

import (
	"context"
	"path/filepath"
	"sync"
	"syscall"

	tea "charm.land/bubbletea/v2"

	"ablate/engine"
	"ablate/experiments/store"
	"ablate/gpu"
	"ablate/tui/page"
)

// launcher starts no process: its attempts live in this one, hold a GPU, and leave
// the files that a runner leaves. They go on until they are told to end.
type launcher struct {
	gpu  string // UUID
	mu   sync.Mutex
	jobs map[string]*job // by folder of the attempt
}

type job struct {
	dir  string
	lock *store.Held
	gone chan struct{}
	once sync.Once
}

func (l *launcher) Launch(_ context.Context, s engine.Spec) (engine.Job, error) {
	lock, err := store.Lock(store.LockFile(filepath.Dir(s.Dir)), 0)
	if err != nil {
		return nil, err
	}
	start := store.Start{Time: store.Now(), Workers: s.Workers, Host: "lab"}
	if l.gpu != "" {
		start.Held = []string{l.gpu}
	}
	if err := store.WriteJSON(filepath.Join(s.Dir, "start.json"), start); err != nil {
		return nil, err
	}
	j := &job{dir: s.Dir, lock: lock, gone: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs[s.Dir] = j
	return j, nil
}

func (l *launcher) Foresee(string) func() error { return nil }

func (l *launcher) Attach(dir string) engine.Job {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.jobs[dir]; j != nil {
		return j
	}
	return nil
}

// end ends all of them.
func (l *launcher) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, j := range l.jobs {
		_ = j.Signal(syscall.SIGTERM)
	}
}

func (j *job) Wait() error { <-j.gone; return nil }

func (j *job) Signal(s syscall.Signal) (err error) {
	if s == syscall.SIGSTOP || s == syscall.SIGCONT {
		return nil
	}
	j.once.Do(func() {
		var asked store.Asked
		if asked, err = store.LastAsked(filepath.Dir(j.dir)); err != nil {
			return
		}
		exit := store.Exit{Code: -1, Signal: "SIGTERM", Reason: string(asked.Ends()), Outcome: store.Outcome{Time: store.Now()}}
		err = store.WriteJSON(filepath.Join(j.dir, "exit.json"), exit)
		_ = j.lock.Close()
		close(j.gone)
	})
	return err
}

// serve has a real engine serve the store from here on. It launches nothing but
// what lives in this process.
func (p *person) serve(gpu string) *person {
	p.t.Helper()
	program, err := engine.Install(filepath.Join(p.store.EngineDir(), "bin"))
	if err != nil {
		p.t.Fatal(err)
	}
	l := &launcher{gpu: gpu, jobs: map[string]*job{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Serve(ctx, p.store, l, program.Build, nil) }()
	p.t.Cleanup(func() {
		l.end()
		cancel()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	})
	client := p.m.site.Client
	p.eventually("an engine answers", func() bool { _, err := client.Hello(ctx); return err == nil })
	p.m.site.Do = func(r engine.Request) tea.Cmd {
		return func() tea.Msg {
			p.asked = append(p.asked, r)
			reply, err := client.Do(ctx, r)
			return page.Reply{Verb: r.Verb, Reply: reply, Err: err}
		}
	}
	return p
}

// status is that of a run, as the store has it.
func (p *person) status(id string) store.Status {
	p.t.Helper()
	r, err := p.store.Look(id)
	if err != nil {
		p.t.Fatal(err)
	}
	return r.Status
}

// card is a GPU with this UUID.
func card(index int, uuid string) gpu.Device {
	return gpu.Device{Index: index, UUID: gpu.Text(uuid), Name: "NVIDIA H20", Host: "lab", BusyPct: new(97.0), MemoryUsedBytes: new(uint64(64 << 30)), MemoryTotalBytes: new(uint64(96 << 30)), Processes: []gpu.Process{}}
}
