package engine

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ablate/experiments/store"
)

// An engine that was stopped, or hangs on its disk, holds the store: nobody waits
// for another, and who asks hears what to do.
func TestFrozenEngine(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err == nil {
		err = s.Writable()
	}
	if err != nil {
		t.Fatal(err)
	}
	lock, err := store.Lock(filepath.Join(s.EngineDir(), "lock"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	var l net.ListenConfig
	dir, err := os.MkdirTemp("", "ablate-frozen-*") // private, and short: the name of a socket has a limit
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "s")
	frozen, err := l.Listen(t.Context(), "unix", socket) // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer frozen.Close()
	put(filepath.Join(s.EngineDir(), "engine.json"), Presence{Process: store.Process{PID: 123}, Socket: socket})
	c := NewClient(s)
	c.patience = 50 * time.Millisecond
	_, status := c.Status(t.Context())
	_, wake := c.Wake(t.Context(), "e")
	for verb, err := range map[string]error{"status": status, "wake": wake, "ready": c.ready(t.Context(), Program{Path: "/none"})} {
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "`kill -KILL 123` ends it") {
			t.Errorf("%s: %v, want what to do", verb, err)
		}
	}
}

// Both the end and the next try may have come: the end counts.
func TestPollEnds(t *testing.T) {
	t.Parallel()
	for range 20 {
		tries := 0
		ctx, cancel := context.WithCancel(t.Context())
		err := poll(ctx, time.Hour, func() bool {
			tries++
			cancel()
			<-time.After(15 * time.Millisecond) // the tick has come, too
			return false
		})
		if err == nil || tries != 1 {
			t.Fatalf("%d tries, %v; want 1 and an error", tries, err)
		}
	}
}
