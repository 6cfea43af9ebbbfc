package tui

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// counter is a terminal that counts what is written to it.
type counter struct{ n atomic.Int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

// settles waits until nothing was written for a while and returns the count.
func (c *counter) settles() int64 {
	for last := int64(-1); ; {
		n := c.n.Load()
		if n == last && n > 0 {
			return n
		}
		last = n
		<-time.After(600 * time.Millisecond) // a busy machine draws late
	}
}

// Over a slow link every byte counts: an update that changes nothing writes
// nothing, and one that does writes a little.
func TestQuietTerminal(t *testing.T) {
	t.Parallel()
	m := newModel(&page.Site{File: parse(t), Slots: 2}, terminal{}, "quick")
	m.backend = &fakeBackend{}
	ctx, cancel := context.WithCancel(t.Context())
	var out counter
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithOutput(&out), tea.WithInput(nil), tea.WithWindowSize(160, 45),
		tea.WithoutSignals(), tea.WithEnvironment([]string{"TERM=xterm-256color", "LANG=C.UTF-8"}))
	done := make(chan error, 1)
	go func() {
		_, err := p.Run()
		done <- err
	}()
	u := midway(t)
	p.Send(u)
	first := out.settles()
	u.Fresh, u.Histories = false, nil
	for range 20 {
		p.Send(u)
	}
	if n := out.settles(); n != first {
		t.Errorf("%d bytes were written though nothing changed", n-first)
	}
	u.Records[1].Status = "done"
	p.Send(u)
	if n := out.settles() - first; n == 0 || n > 2000 {
		t.Errorf("%d bytes were written for one run's new status, want 1 to 2000", n)
	}
	cancel()
	if err := <-done; err != nil && !errors.Is(err, tea.ErrProgramKilled) {
		t.Error(err)
	}
}
