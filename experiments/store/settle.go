package store

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// probes is how long who wants a lock waits for those who only look at it.
const probes = 100 * time.Millisecond

// Settle gives the newest attempt of the run in dir its exit.json if its runner
// was killed and its trainer finished all the same. Whoever takes the lock may
// do so: nothing of the run lives then. A run that needs nothing is not locked,
// since who looks at it meanwhile would think it alive.
func Settle(dir string) error {
	if _, exit, err := unsettled(dir); exit == nil {
		return err
	}
	lock, err := Lock(LockFile(dir), probes)
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	attempt, exit, err := unsettled(dir)
	if exit == nil {
		return err
	}
	return WriteExit(attempt, *exit)
}

// unsettled is the newest attempt's folder and the record that it should have
// and has not; nil if nothing is amiss.
func unsettled(dir string) (attempt string, exit *Exit, err error) {
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return "", nil, err
	}
	attempt = AttemptDir(dir, n)
	exit, err = readOptional[Exit](filepath.Join(attempt, "exit.json"))
	if err != nil || exit != nil {
		return "", nil, err
	}
	out, err := readOptional[Outcome](filepath.Join(attempt, "result.json"))
	if err != nil || out == nil {
		return "", nil, nil // what cannot be read is no result of ours
	}
	exit = &Exit{Outcome: *out}
	if start, err := readOptional[Start](filepath.Join(attempt, "start.json")); err == nil && start != nil {
		exit.Seconds = between(start.Time, out.Time)
	}
	return attempt, exit, nil
}

// RecordEnd writes exit.json for a runner that did not and never will, since
// nothing of the run lives. That may be noticed long after: the attempt took the
// time until it wrote something last.
func RecordEnd(attempt, reason string) error {
	dir := filepath.Dir(attempt)
	if err := Settle(dir); err != nil {
		return err
	}
	path := filepath.Join(attempt, "exit.json")
	if _, err := os.Stat(path); err == nil {
		return nil // the runner said it better, or the trainer finished
	}
	lock, err := Lock(LockFile(dir), 10*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	e := Exit{Code: 1, Reason: reason, Outcome: Outcome{Time: Now()}}
	if h, err := ReadHistory(dir); err == nil {
		e.Metrics = h.Latest()
	}
	var start Start
	n, err := Attempts(dir) // it is the newest
	if err == nil && ReadJSON(filepath.Join(attempt, "start.json"), &start) == nil {
		e.Seconds = between(start.Time, min(lastWrite(dir, n, start.Time), e.Time))
	}
	return WriteExit(attempt, e)
}
