package remote

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"ablate/engine"
	"ablate/engine/agent"
	"ablate/experiments"
	"ablate/gpu"
)

const (
	// quiet is after how much silence a host is said not to answer. It sends a frame
	// every second, whatever its driver does.
	quiet = 5 * time.Second
	// silence is after how much the link is given up and made anew.
	silence = 15 * time.Second
)

// link reads the GPUs of one host, for as long as it is shown.
type link struct {
	name, login string
	ssh         *ssh
	cancel      context.CancelFunc
	done        chan struct{} // closed when nothing of it is left

	system string    // of the host, in uname's words; a guess before it said so
	fresh  bool      // the user's own master was of no use
	began  time.Time // when the agent of this try ran; zero: not yet

	mu  sync.Mutex
	now state
}

// state is what is known of a host.
type state struct {
	devices []gpu.Device  // of the newest frame that has some
	at      time.Time     // when that came; zero: none yet
	age     time.Duration // of its readings then
	heard   time.Time     // when the newest frame came; zero: no agent runs
	err     error
	doing   string
	again   time.Time // when the next try comes; zero: one is under way
}

// newLink begins to reach a host, until ctx ends or it is cancelled.
func newLink(ctx context.Context, s *ssh, h experiments.Host) *link {
	l := &link{
		name: h.Name, login: loginOf(h), ssh: s, done: make(chan struct{}),
		system: system(runtime.GOOS, runtime.GOARCH),
		now:    state{err: gpu.ErrNotYet, doing: "connecting"},
	}
	ctx, l.cancel = context.WithCancel(ctx)
	go l.run(ctx)
	return l
}

// node is what is known now.
func (l *link) node() gpu.Node {
	l.mu.Lock()
	s := l.now
	l.mu.Unlock()
	n := gpu.Node{Name: l.name, Err: s.err, Doing: s.doing}
	if !s.again.IsZero() {
		n.Doing = fmt.Sprintf("next try in %d s", max(1, int(time.Until(s.again).Round(time.Second)/time.Second)))
	}
	if since := time.Since(s.heard); !s.heard.IsZero() && since > quiet {
		n.Err = l.unreachable(&trouble{text: fmt.Sprintf("it sent nothing for %d s", int(since.Seconds()))})
	}
	if s.at.IsZero() {
		return n
	}
	since := time.Since(s.at)
	n.Age = s.age + since
	n.Devices = slices.Clone(s.devices)
	for i := range n.Devices {
		n.Devices[i].AgeS += since.Seconds()
	}
	return n
}

func (l *link) set(change func(*state)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.now)
}

func (l *link) doing(what string) {
	l.set(func(s *state) { s.doing, s.again = what, time.Time{} })
}

// run tries for ever. A failure stays in sight while the next try is under way.
func (l *link) run(ctx context.Context) {
	defer close(l.done)
	for p := (pace{}); ; {
		l.began = time.Time{}
		err := l.try(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := p.after(err, !l.began.IsZero() && time.Since(l.began) > steady)
		l.set(func(s *state) {
			s.err, s.doing, s.heard, s.again = l.unreachable(err), "", time.Time{}, time.Now().Add(pause)
		})
		l.rest(ctx, pause, isSlow(err))
	}
}

// try reaches the host and reads it until something goes wrong.
func (l *link) try(ctx context.Context) error {
	l.doing("connecting")
	m, err := l.ssh.connect(ctx, l.login, l.fresh)
	if l.ssh.needs(err) {
		l.doing("asking at the terminal")
		m, err = l.ssh.ask(ctx, l.login)
	}
	l.fresh = false
	if err != nil {
		return err
	}
	defer m.close()
	s, err := l.begin(ctx, m)
	if err == nil {
		err = l.read(s)
		s.close()
	}
	l.fresh = m.child == nil
	return err
}

// begin starts the agent, and puts the program there first if it has to.
func (l *link) begin(ctx context.Context, m *master) (*session, error) {
	for copied := false; ; {
		p, err := l.ssh.programs.of(l.system)
		if err != nil {
			return nil, err
		}
		l.doing("checking")
		s, err := m.open(ctx, startScript(p, l.system))
		if err != nil {
			return nil, err
		}
		g, err := s.greet()
		if err == nil && g.running {
			return s, nil
		}
		s.close()
		switch {
		case err != nil:
			return nil, err
		case g.system == "":
			return nil, &trouble{text: "it does not say what system it is"}
		case g.system != l.system:
			l.system = g.system
		case copied:
			return nil, &trouble{slow: true, text: "the program is gone there as soon as it is copied: what removes ~/.cache/ablate/agents?"}
		default:
			if err := l.copy(ctx, m, p); err != nil {
				return nil, err
			}
			copied = true
		}
	}
}

func (l *link) copy(ctx context.Context, m *master, p program) error {
	const mb = 1e6
	return m.send(ctx, p, func(sent int64) {
		l.doing(fmt.Sprintf("copying the program, %.1f of %.1f MB", float64(sent)/mb, float64(p.size)/mb))
	})
}

// read takes in frames until the session ends, or nothing more comes.
func (l *link) read(s *session) error {
	silent := time.AfterFunc(silence, func() {
		s.cancel(&trouble{text: fmt.Sprintf("it sent nothing that can be read for %v", silence)})
	})
	defer silent.Stop()
	l.began = time.Now()
	l.doing("reading")
	for {
		line, err := s.lines.Next()
		if err != nil {
			break
		}
		f, err := agent.Parse(line)
		if err != nil {
			_, _ = s.noise.Write(append(line, '\n'))
			continue
		}
		silent.Reset(silence)
		l.take(f)
		_, _ = s.in.Write([]byte("\n")) // it goes on as long as somebody is here
	}
	err := s.failed()
	var e *ended
	if errors.As(err, &e) {
		return &trouble{text: "the agent there ended: " + e.Error()}
	}
	return err
}

// take takes in a frame.
func (l *link) take(f agent.Frame) {
	for i := range f.Devices {
		f.Devices[i].Host = gpu.Text(l.name)
	}
	now := time.Now()
	l.set(func(s *state) {
		s.heard, s.err = now, f.Err()
		if !errors.Is(s.err, gpu.ErrNotYet) {
			s.doing = ""
		}
		if f.Devices != nil || s.err == nil {
			s.devices, s.at, s.age = f.Devices, now, time.Duration(f.AgeS*float64(time.Second))
		}
	})
}

// unreachable is why the host cannot be read, with its name.
func (l *link) unreachable(err error) error {
	return fmt.Errorf("reach %s: %w", l.name, joined{err})
}

// joined is an error that is also engine.ErrUnreachable, without its words.
type joined struct{ error }

func (j joined) Unwrap() []error { return []error{j.error, engine.ErrUnreachable} }

// rest waits until the next try. One that a person has to make way for looks now and
// then whether they opened a master by hand.
func (l *link) rest(ctx context.Context, pause time.Duration, slow bool) {
	const look = 10 * time.Second
	end := time.NewTimer(pause)
	defer end.Stop()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-tick.C:
			if slow && l.ssh.hasMaster(ctx, l.login) {
				return
			}
		}
	}
}
