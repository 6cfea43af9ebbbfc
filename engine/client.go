package engine

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ablate/experiments/store"
)

// ErrUnreachable is wrapped by errors that say that no engine answers.
var ErrUnreachable = errors.New("no engine answers")

// errFrozen is wrapped, beside ErrUnreachable, by errors that say that an engine
// lives and says nothing: no other can take its place.
var errFrozen = errors.New("it lives and says nothing")

// Client asks the engine of a store, starting it where there is none.
type Client struct {
	store    *store.Store
	by       string
	host     host
	patience time.Duration // for an answer

	guessed guess
}

// NewClient returns a client of the store's engine; nothing is dialled yet.
func NewClient(s *store.Store) *Client {
	return &Client{store: s, by: peer{uid: os.Getuid()}.name(), host: thisHost(), patience: connPatience}
}

// Do puts one request to the engine. It starts an engine where none answers, and
// replaces one of another build: its runs go on and the new one takes them up.
func (c *Client) Do(ctx context.Context, r Request) (Reply, error) {
	if _, err := c.store.Settings(); err != nil { // a newer program's store
		return Reply{}, err
	}
	program, err := Install(filepath.Join(c.store.EngineDir(), "bin"))
	if err != nil {
		return Reply{}, err
	}
	r.Key, r.By = rand.Text(), c.by
	var reply Reply
	// The engine may leave just after it said hello, or be killed while it starts or
	// answers; the key keeps the request from being done twice.
	for range 2 {
		if err = c.ready(ctx, program); err == nil {
			reply, err = c.send(ctx, r)
		}
		if !replaceable(err) {
			break
		}
	}
	if err != nil {
		return reply, err
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}

// ready makes sure that an engine of this build answers.
func (c *Client) ready(ctx context.Context, p Program) error {
	hello, err := c.Hello(ctx)
	switch {
	case err == nil && hello.Build == p.Build:
		return nil
	case err == nil:
		if err := c.Quit(ctx); err != nil && !errors.Is(err, ErrUnreachable) {
			return err
		}
	case !replaceable(err):
		return err
	}
	return c.start(ctx, p)
}

// Hello asks the engine who it is, without starting one.
func (c *Client) Hello(ctx context.Context) (Reply, error) { return c.hello(ctx, "") }

// hello asks for an experiment's place too.
func (c *Client) hello(ctx context.Context, experiment string) (Reply, error) {
	reply, err := c.send(ctx, Request{Verb: "hello", Of: experiment})
	if err == nil && reply.Error != "" { // it does not speak to this user
		return Reply{}, errors.New(reply.Error)
	}
	if err == nil && reply.Lock != fileID(filepath.Join(c.store.EngineDir(), "lock")) {
		return Reply{}, c.unheard(ctx, errors.New("another store's engine answers there"))
	}
	return reply, err
}

// Quit ends the engine; its runs go on.
func (c *Client) Quit(ctx context.Context) error {
	if _, err := c.Hello(ctx); err != nil {
		return err
	}
	if _, err := c.send(ctx, Request{Verb: "quit", By: c.by}); err != nil {
		return err
	}
	return poll(ctx, 5*time.Second, func() bool { return !c.served() })
}

func (c *Client) send(ctx context.Context, r Request) (Reply, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return Reply{}, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	_ = conn.SetDeadline(time.Now().Add(c.patience))
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Reply{}, c.unheard(ctx, err)
	}
	var reply Reply
	if err := json.NewDecoder(bufio.NewReader(conn)).Decode(&reply); err != nil {
		return Reply{}, c.unheard(ctx, err)
	}
	if reply.Leaving {
		return Reply{}, c.unheard(ctx, errors.New(reply.Error))
	}
	return reply, nil
}

// dial finds the engine where engine.json says: it may have been started in an
// environment with other folders than this one. What engine.json says counts only
// while an engine holds the lock: a dead one's, of another user or host, is as
// good as none.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	at := filepath.Join(c.store.EngineDir(), "engine.json")
	socket, err := c.trustedSocket(at)
	if err != nil && !errors.Is(err, os.ErrNotExist) && c.served() {
		if who := c.stranger(at); who != "" {
			return nil, fmt.Errorf("ask engine of %s: it is of user %s, and no group shares this store: `ablate ls`, `show`, `log` and "+
				"`findings` read it; only %s can change anything, or share it by `chmod g+ws`", c.store.Dir, who, who)
		}
		return nil, fmt.Errorf("ask engine of %s: one lives and cannot be asked from here: %w; "+
			"whoever started it can end it by `ablate engine stop`", c.store.Dir, err)
	}
	if err != nil {
		return nil, c.unheard(ctx, err)
	}
	d := net.Dialer{Timeout: 2 * time.Second}
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, c.unheard(ctx, fmt.Errorf("%s: %w", at, err))
	}
	return conn, nil
}

// stranger is whose engine wrote the engine.json at path, if that is another user
// and no group shares the store.
func (c *Client) stranger(path string) string {
	o, err := ownerOf(path)
	if err != nil || o.uid == os.Getuid() || c.store.Group() != 0 {
		return ""
	}
	return userName(o.uid)
}

// trustedSocket is the socket that the engine.json at path names, if nobody else
// can have put it there, but for the group that shares the store.
func (c *Client) trustedSocket(path string) (string, error) {
	var at Presence
	if err := store.ReadJSON(path, &at); err != nil {
		return "", err
	}
	err := checkPrivate(filepath.Dir(at.Socket))
	if group := c.store.Group(); err != nil && group != 0 {
		err = checkShared(path, at.Socket, group)
	}
	if err != nil {
		return "", fmt.Errorf("%s names the socket %q: %w", path, at.Socket, err)
	}
	return at.Socket, nil
}

// served reports whether an engine lives, wherever it may be heard.
func (c *Client) served() bool { return store.Locked(filepath.Join(c.store.EngineDir(), "lock")) }

// unheard is the error for an engine that was not heard; a caller who gave up
// is told so instead.
func (c *Client) unheard(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("ask engine of %s: %w", c.store.Dir, ctx.Err())
	}
	var at Presence
	frozen := errors.Is(cause, os.ErrDeadlineExceeded) && store.ReadJSON(filepath.Join(c.store.EngineDir(), "engine.json"), &at) == nil
	if frozen {
		return fmt.Errorf("ask engine of %s: %w: process %d: %w for %v: `kill -KILL %[3]d` ends it, its runs go on, and the next command starts another",
			c.store.Dir, ErrUnreachable, at.PID, errFrozen, c.patience)
	}
	return fmt.Errorf("ask engine of %s: %w: %w", c.store.Dir, ErrUnreachable, cause)
}

// replaceable reports whether an error says that no engine is there.
func replaceable(err error) bool {
	return errors.Is(err, ErrUnreachable) && !errors.Is(err, errFrozen)
}

// start sets the engine going as a process that outlives the terminal, and waits
// until it answers: in a systemd scope of its own if it can have one, else in a
// session of its own.
func (c *Client) start(ctx context.Context, p Program) error {
	if err := c.store.Writable(); err != nil {
		return err
	}
	if _, err := socketPath(c.store); err != nil {
		return err
	}
	argv := []string{p.Path, "engine", "--store", c.store.Dir}
	if scope, env := c.host.ownScope(argv, c.store.Dir); scope != nil {
		if err := c.startBy(ctx, p, scope, env); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return c.startBy(ctx, p, argv, nil)
}

// startBy starts the engine by a command that becomes it.
func (c *Client) startBy(ctx context.Context, p Program, argv, env []string) error {
	said, err := os.CreateTemp("", "ablate-engine-*")
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd := exec.Command(argv[0], argv[1:]...) //nolint:noctx // it outlives its starter
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // what it had to say is in its output
		close(ended)
	}()
	if pid := c.answers(ctx, p, ended); pid > 0 {
		if pid != cmd.Process.Pid {
			_ = cmd.Process.Kill() // it came second, and must not wait to be the next
		}
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("start engine: %w", ctx.Err())
	}
	if argv[0] != p.Path {
		_ = cmd.Process.Kill() // it hangs before it has become the engine
	}
	return c.notStarted(ctx, said.Name())
}

// notStarted is the error for an engine that did not come to answer, with what
// it said into a file.
func (c *Client) notStarted(ctx context.Context, said string) error {
	why := "it does not answer"
	if b, err := os.ReadFile(said); err == nil && len(b) > 0 {
		why = strings.TrimSpace(string(b))
	}
	cause := ErrUnreachable
	if c.served() { // by one that is not heard
		if _, err := c.Hello(ctx); err != nil {
			cause = err
		}
	}
	return fmt.Errorf("start engine: %s (see %s): %w", why, filepath.Join(c.store.EngineDir(), "engine.log"), cause)
}

// answers waits until an engine of this build answers and returns its pid: the
// one that was started, or one that another client started at the same moment
// and that was first. It is 0 if nobody does, which is known early if the one
// that was started has ended and there is no other.
func (c *Client) answers(ctx context.Context, p Program, ended <-chan struct{}) int {
	pid := 0
	_ = poll(ctx, 10*time.Second, func() bool {
		over := false
		select {
		case <-ended:
			over = !c.served()
		default:
		}
		if reply, err := c.Hello(ctx); err == nil && reply.Build == p.Build {
			pid = reply.PID
		}
		return pid > 0 || over
	})
	return pid
}

// poll tries until it holds, or says that it did not within the time given.
func poll(ctx context.Context, patience time.Duration, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil { // both may have come
			return ErrUnreachable
		}
	}
	return nil
}
