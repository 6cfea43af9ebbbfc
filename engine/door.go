package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// maxRequest bounds one request: a plan of tens of thousands of cells.
	maxRequest = 64 << 20
	// connPatience is how long a client may take to ask and to hear.
	connPatience = time.Minute
)

// door lets clients in and hands their requests to the engine. Nobody is cut off
// in the middle of an answer when the engine leaves.
type door struct {
	engine   *Engine
	listener net.Listener
	moved    func() bool // the store is no longer where the engine serves it; nil: it stays
	serving  sync.WaitGroup
}

// open serves clients in the background until close. Once ctx ends, who has not
// asked yet is shown out.
func (d *door) open(ctx context.Context) {
	d.serving.Go(func() {
		for {
			conn, err := d.listener.Accept()
			if err != nil {
				return
			}
			d.serving.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(connPatience)) // a client that says nothing must not stay
				defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
				d.serve(conn)
			})
		}
	})
}

// close lets nobody in any more and waits until everyone inside has the answer.
func (d *door) close() {
	d.listener.Close()
	d.serving.Wait()
}

func (d *door) serve(conn net.Conn) {
	reply := Reply{Build: d.engine.Build}
	var r Request
	err := json.NewDecoder(io.LimitReader(conn, maxRequest)).Decode(&r)
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return // gone without a word, or shown out
	}
	if err != nil {
		reply.Error = fmt.Sprintf("read request: %v", err)
	} else if err := d.sign(conn, &r); err != nil {
		reply.Error = err.Error()
	} else if d.moved != nil && d.moved() { // what it wrote would be in another store, or in none
		reply.Leaving, reply.Error = true, "answer request: the engine is leaving, since its store was moved"
	} else {
		reply = d.engine.put(r)
	}
	if err := json.NewEncoder(conn).Encode(reply); err != nil {
		d.engine.Log.Warn("answer client", "err", err)
	}
}

// put puts one request to the goroutine that owns the queue.
func (e *Engine) put(r Request) Reply {
	c := call{request: r, answer: make(chan Reply, 1)}
	select {
	case e.calls <- c:
		return <-c.answer
	case <-e.gone:
		return Reply{Build: e.Build, Leaving: true, Error: "answer request: the engine is leaving"}
	}
}
