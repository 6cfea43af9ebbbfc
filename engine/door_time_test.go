package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// fakeListener hands over the connections it is given.
type fakeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l fakeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l fakeListener) Close() error   { close(l.closed); return nil }
func (l fakeListener) Addr() net.Addr { return nil }

func (l fakeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

// Who has asked hears the answer though the engine leaves; who has not is shown
// out and goes to the next engine.
func TestLeavingEngineCutsNobodyOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{Build: "b1"})
		l := fakeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		d := door{engine: e, listener: l}
		ctx, showOut := context.WithCancel(t.Context())
		d.open(ctx)
		asking, silent := l.dial(), l.dial()
		if _, err := asking.Write([]byte(`{"verb":"hello"}` + "\n")); err != nil {
			t.Fatal(err)
		}
		showOut()
		closed := make(chan struct{})
		go func() { d.close(); close(closed) }()
		synctest.Wait()
		if b, err := io.ReadAll(silent); err != nil || len(b) > 0 {
			t.Errorf("a silent client hears %q, %v; want nothing", b, err)
		}
		select {
		case <-closed:
			t.Error("the door closed before the client that asked had its answer")
		default:
		}
		close(e.gone)
		var reply Reply
		if err := json.NewDecoder(bufio.NewReader(asking)).Decode(&reply); err != nil || !reply.Leaving {
			t.Errorf("the client that asked hears %+v, %v; want that the engine leaves", reply, err)
		}
		<-closed
	})
}

func TestRequestTooLong(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	d := door{engine: New(Config{Build: "b1"})}
	d.serving.Go(func() { d.serve(server); server.Close() })
	d.serving.Go(func() { _, _ = io.Copy(client, io.MultiReader(strings.NewReader(`"`), endless{})) }) // it is not read to its end
	var reply Reply
	if err := json.NewDecoder(client).Decode(&reply); err != nil || !strings.Contains(reply.Error, "unexpected EOF") {
		t.Errorf("reply is %+v, %v; want an error about the length", reply, err)
	}
	client.Close()
	d.serving.Wait()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
