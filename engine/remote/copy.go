package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// stall is how long no byte of the program may go before the copy is given up.
const stall = 30 * time.Second

// send copies the program to the host and tells how many bytes went.
func (m *master) send(ctx context.Context, p program, sent func(int64)) error {
	f, err := os.Open(p.path)
	if err != nil {
		return fmt.Errorf("open program: %w", err)
	}
	defer f.Close()
	s, err := m.open(ctx, copyScript(p))
	if err != nil {
		return err
	}
	defer s.close()
	stalled := time.AfterFunc(stall, func() {
		s.cancel(&trouble{text: fmt.Sprintf("nothing of the program went there for %v", stall)})
	})
	defer stalled.Stop()
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.Copy(s.in, &meter{from: f, went: func(n int64) { // if it breaks, the session tells why
			stalled.Reset(stall)
			sent(n)
		}})
		_ = s.in.Close()
	}()
	copied := false
	for {
		line, err := s.lines.Next()
		if err != nil {
			break
		}
		if string(line) == saysCopied {
			copied = true
			break
		}
		_, _ = s.noise.Write(append(line, '\n'))
	}
	if !copied {
		err = uncopied(s.failed())
	}
	s.cancel(context.Canceled) // what is left to do there, it does
	<-written
	return err
}

// uncopied is why the program is not there, in words.
func uncopied(err error) error {
	var e *ended
	if !errors.As(err, &e) {
		return err
	}
	why := "the program could not be copied there: " + e.Error()
	switch {
	case strings.Contains(e.said, "No space left"), strings.Contains(e.said, "quota"):
		why = "the program could not be copied there, its disk is full: " + e.said
	case strings.Contains(e.said, "Read-only file system"), strings.Contains(e.said, "Permission denied"):
		why = fmt.Sprintf("the program could not be copied there: %s; set XDG_CACHE_HOME there to a folder that can be written", e.said)
	}
	return &trouble{text: why, slow: true}
}

// meter is a reader that tells how much was read.
type meter struct {
	from io.Reader
	n    int64
	went func(int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.n += int64(n)
	m.went(m.n)
	return n, err
}
