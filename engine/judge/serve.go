package judge

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// maxGarbage is how much earlier programs may leave on the heap, in bytes,
	// before it is collected: they are short, so a collection finds next to
	// nothing alive.
	maxGarbage = 16 << 20
	// Answers leave together, since each write wakes the parent: after this time,
	// at this many bytes, or when no program is waiting.
	sendPeriod = 2 * time.Millisecond
	sendBytes  = 32 << 10
	// childStack bounds the recursion of the parser and of built-ins that walk a
	// deep value, in bytes. Beyond it the child dies.
	childStack = 16 << 20
)

// Serve is the child's side of a Pool: it reads limits and programs from r and
// writes answers to w until r ends. It confines the whole process (memory,
// stack, processors) and leaves it so; the process must exit when Serve
// returns, since a program that was too much for it may still be running.
func Serve(r io.Reader, w io.Writer) error {
	// The terminal's Ctrl-C and a stop sent to the whole process group are
	// for the parent to act on; it may still want verdicts before it ends.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	in := bufio.NewReaderSize(r, 64<<10)
	body, err := readFrame(in, nil)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	limits, err := parseLimits(body)
	if err != nil {
		return err
	}
	// One for the program and one for the watch, which must not wait until a
	// built-in has moved a gigabyte.
	runtime.GOMAXPROCS(2)
	// Collections happen between programs, or when the watch asks. One that the
	// runtime began by itself would stop the watch too, until the built-in in
	// hand has done whatever it does.
	debug.SetGCPercent(-1)
	debug.SetMaxStack(childStack)
	limitGrowth(limits.Memory)

	s := &server{in: in, out: w, limits: limits, wake: make(chan struct{}, 1), ended: make(chan error, 1)}
	if _, err := w.Write(appendFrame(nil, []byte{frameHello})); err != nil {
		return fmt.Errorf("write hello: %w", err)
	}
	go func() { s.ended <- s.run() }()
	return s.watch()
}

// server is a child at work: a runner goroutine that evaluates and a watch that
// may end the program in hand, and with it the child.
//
// current is the number of the program in hand, 0 between programs. Whoever
// swaps it for 0 owns the answer and the output; the other stays silent.
type server struct {
	in      *bufio.Reader
	out     io.Writer
	limits  Limits
	current atomic.Uint64
	heap    atomic.Int64  // bytes on the heap when the program in hand began
	asleep  atomic.Bool   // the watch waits for wake
	outputs atomic.Int64  // inputs of the query in hand if outputs are asked for, else -1
	unsent  []byte        // frames of answers; belongs to whoever owns the output
	sent    time.Time     // when the last of them left
	wake    chan struct{} // runner to watch: a program has begun
	ended   chan error    // the runner's end: nil when the input ended
}

// errClaimed ends a runner whose program the watch has answered for.
var errClaimed = errors.New("the watch has ended the program")

// run answers queries until the input ends.
func (s *server) run() error {
	e := newEvaluator(s.limits)
	m := newMeter()
	clean := m.heap()
	var body, reply []byte
	for n := uint64(1); ; n++ {
		var err error
		if body, err = readFrame(s.in, body); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		q, err := parseQuery(body)
		if err != nil {
			return err
		}
		if m.heap() > clean+maxGarbage {
			runtime.GC()
		}
		s.heap.Store(m.heap())
		s.begin(n, q)
		var a answer
		if q.outputs {
			a.values = e.outputs(q.program)
		} else {
			a.result = e.judge(q.program)
		}
		if !s.current.CompareAndSwap(n, 0) {
			return errClaimed
		}
		reply = appendAnswer(reply[:0], a)
		s.unsent = appendFrame(s.unsent, reply)
		if q.prompt || s.in.Buffered() == 0 || len(s.unsent) > sendBytes || time.Since(s.sent) > sendPeriod {
			if err := s.send(); err != nil {
				return err
			}
		}
	}
}

// send writes all answers that have not left.
func (s *server) send() error {
	_, err := s.out.Write(s.unsent)
	s.unsent, s.sent = s.unsent[:0], time.Now()
	if err != nil {
		return fmt.Errorf("write answers: %w", err)
	}
	return nil
}

// begin tells the watch that program n starts.
func (s *server) begin(n uint64, q query) {
	s.outputs.Store(-1)
	if q.outputs {
		s.outputs.Store(int64(len(q.program.Cases)))
	}
	s.current.Store(n)
	if s.asleep.CompareAndSwap(true, false) {
		s.wake <- struct{}{}
	}
}
