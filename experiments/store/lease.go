package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// leaseBeat is the time between two signs of life of who holds a lease, and
// leaseLasts how long one lasts after the last of them.
var leaseBeat, leaseLasts = 10 * time.Second, time.Minute

// leases are locks for disks that more than one kernel writes to. The file says
// who has the lock, and its time of change is the last beat; empty, it is free.
// That time is the server's, and is compared with the server's clock only: the
// hosts' own may be minutes apart.
//
// Who wants a lease that is free or has expired first makes the claim beside it,
// which only one can, looks again, and puts the claim in the lease's place.
type leases struct{}

// leaseOwner is what stands in the file, for people.
type leaseOwner struct {
	Host string `json:"host"`
	Process
	Token string `json:"token"`
}

// lease is one that this process holds.
type lease struct {
	place
	file  *os.File
	stop  chan struct{}
	ended chan struct{} // the beats
	lost  chan struct{}
	once  sync.Once
}

func (leases) lock(path string, patience time.Duration) (*Held, error) {
	p, err := openPlace(path)
	if err != nil {
		return nil, fmt.Errorf("take lock: %w", err)
	}
	deadline := time.Now().Add(patience)
	for {
		f, err := p.take()
		if err == nil {
			l := &lease{place: p, file: f, stop: make(chan struct{}), ended: make(chan struct{}), lost: make(chan struct{})}
			go l.beats()
			return &Held{File: f, lease: l}, nil
		}
		if !errors.Is(err, ErrLocked) || time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("take lock %s: %w", path, err), p.folder.Close())
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (leases) locked(path string) (bool, error) {
	p, err := openPlace(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("probe lock: %w", err)
	}
	defer p.folder.Close()
	held, err := p.held(p.someNow)
	if err != nil {
		return false, fmt.Errorf("probe lock %s: %w", path, err)
	}
	return held, nil
}

// await looks again and again: no disk tells. One that does not answer for a
// while has not said that the lock is free.
func (leases) await(path string) error {
	p, err := openPlace(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("await lock: %w", err)
	}
	defer p.folder.Close()
	tick := time.NewTicker(leaseBeat / 10)
	defer tick.Stop()
	for {
		if held, err := p.held(p.someNow); err == nil && !held {
			return nil
		}
		<-tick.C
	}
}

// beats keeps the lease alive until it is released or somebody else has it. While
// the disk does not answer it goes on trying.
func (l *lease) beats() {
	defer close(l.ended)
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		if mine, err := l.has(l.file); err == nil && !mine {
			close(l.lost)
			return
		}
		_ = l.beat() // the next one tries again
	}
}

// beat writes over the first byte: then it is the server that tells the time of
// change, while some disks would have a time that is set be the client's. Others
// tell it only once the file is closed.
func (p place) beat() error {
	f, err := p.folder.OpenFile(p.name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{'{'}, 0)
	return errors.Join(err, f.Sync(), f.Close())
}

// release empties the file: its own and nobody else's, also if the lease was lost.
func (l *lease) release() (err error) {
	l.once.Do(func() {
		close(l.stop)
		<-l.ended
		err = errors.Join(l.file.Truncate(0), l.file.Sync(), l.file.Close(), l.folder.Close())
	})
	return err
}

// KeepLock keeps the lock at path alive for as long as this process lives, if it
// is a lease and fd is its file: whoever took it handed it on and may die first.
func KeepLock(path string, fd int) {
	l, err := locksAt(path)
	if _, ok := l.(leases); err != nil || !ok {
		return
	}
	p, err := openPlace(path)
	if err != nil {
		return
	}
	var here unix.Stat_t
	if unix.Fstat(fd, &here) != nil {
		return
	}
	go func() {
		defer p.folder.Close()
		for range time.Tick(leaseBeat) {
			info, err := p.folder.Stat(p.name)
			if err != nil {
				continue // the next beat tries again
			}
			there, ok := info.Sys().(*syscall.Stat_t)
			if !ok || there.Ino != here.Ino || there.Dev != here.Dev || info.Size() == 0 {
				return // given back, somebody else's, or this was started by hand and fd is something else
			}
			_ = p.beat()
		}
	}()
}

// place is where a lease is: a folder, wherever that is moved, and a name.
type place struct {
	folder *os.Root
	name   string
}

func openPlace(path string) (place, error) {
	folder, err := os.OpenRoot(filepath.Dir(path))
	return place{folder, filepath.Base(path)}, err
}

// take makes the lease this process's own.
func (p place) take() (*os.File, error) {
	if held, err := p.held(p.now); err != nil || held {
		return nil, errors.Join(err, lockedIf(held))
	}
	f, err := p.claim()
	if err != nil {
		return nil, err
	}
	held, err := p.held(p.now) // whoever had the claim before may have the lease now
	if err == nil && !held {
		err = p.signed(f)
	}
	if err != nil || held {
		return nil, errors.Join(err, lockedIf(held), p.folder.Remove(p.claimName()), f.Close())
	}
	// Somebody may think this claim one that was left behind, so neither the name
	// that is moved nor an error tells who has the lease: only what is there now.
	err = p.folder.Rename(p.claimName(), p.name)
	mine, failed := p.has(f)
	if failed == nil && mine {
		return p.named(f)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return nil, errors.Join(err, failed, lockedIf(!mine), f.Close())
}

// named opens the lease again by its own name: f has that of the claim.
func (p place) named(f *os.File) (*os.File, error) {
	defer f.Close()
	again, err := p.folder.OpenFile(p.name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if mine, err := p.has(again); err != nil || !mine {
		return nil, errors.Join(err, lockedIf(!mine), again.Close())
	}
	return again, nil
}

func lockedIf(held bool) error {
	if held {
		return ErrLocked
	}
	return nil
}

func (p place) claimName() string { return p.name + ".claim" }

// claim makes the file that only one can make at a time, taking away one that
// was left behind.
func (p place) claim() (*os.File, error) {
	for range 2 {
		f, err := p.folder.OpenFile(p.claimName(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
		now, err := p.now()
		if err != nil {
			return nil, err
		}
		info, err := p.folder.Stat(p.claimName())
		if err != nil || now.Sub(info.ModTime()) < leaseLasts {
			return nil, ErrLocked
		}
		left := p.claimName() + "-" + rand.Text()
		if p.folder.Rename(p.claimName(), left) == nil {
			_ = p.folder.Remove(left) // it is in nobody's way
		}
	}
	return nil, ErrLocked
}

// signed writes down whose the file is.
func (p place) signed(f *os.File) error {
	host, _ := os.Hostname() // for people: an empty name is no reason to stop
	b, err := json.Marshal(leaseOwner{Host: host, Process: Self(), Token: rand.Text()})
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Sync())
}

// has reports whether f is what stands in the lease's place.
func (p place) has(f *os.File) (bool, error) {
	here, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := p.folder.Stat(p.name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(here, there), err
}

// held reports whether the lease is somebody's by the clock that now asks.
func (p place) held(now func() (time.Time, error)) (bool, error) {
	f, err := p.folder.Open(p.name) // looked at only, it may be as it was a minute ago
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if errors.Is(err, syscall.ESTALE) {
		return true, nil // somebody replaced it this instant
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil || info.Size() == 0 {
		return false, err
	}
	at, err := now()
	if err != nil {
		return false, err
	}
	return at.Sub(info.ModTime()) < leaseLasts || outlived(p.folder.Name(), at), nil
}

// now asks the disk what time it is.
func (p place) now() (time.Time, error) {
	name := ".clock-" + rand.Text()
	f, err := p.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return time.Time{}, err
	}
	_, err = f.Write([]byte{'0'})
	if noRoom(err) {
		err = nil // it was made now
	}
	err = errors.Join(err, f.Close())
	info, failed := p.folder.Stat(name)
	if err = errors.Join(err, failed, p.folder.Remove(name)); err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// clocks remembers by device what time a disk said it was, for who looks at many
// leases again and again.
var clocks sync.Map

// clock is what a disk said, and when by this process's own clock, of which only
// what has passed since is used.
type clock struct{ server, own time.Time }

// someNow is now for who only looks: it may be reckoned from a few seconds ago, and
// where nothing can be written there is but the own clock.
func (p place) someNow() (time.Time, error) {
	info, err := p.folder.Stat(".")
	if err != nil {
		return time.Time{}, err
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	if said, ok := clocks.Load(stat.Dev); ok {
		if passed := time.Since(said.(clock).own); passed < leaseLasts/4 {
			return said.(clock).server.Add(passed), nil
		}
	}
	at, err := p.now()
	if err != nil {
		return time.Now(), nil
	}
	clocks.Store(stat.Dev, clock{at, time.Now()})
	return at, nil
}

// outlived reports whether the trainer of the run in dir lives on without the
// runner whose lease expired: on its own host by its processes, seen from others
// by the beats in events.jsonl.
func outlived(dir string, now time.Time) bool {
	n, err := Attempts(dir)
	if err != nil || n == 0 {
		return false
	}
	attempt := AttemptDir(dir, n)
	start, err := readOptional[Start](filepath.Join(attempt, "start.json"))
	if err != nil || start == nil {
		return false
	}
	if _, err := os.Stat(filepath.Join(attempt, "exit.json")); err == nil {
		return false
	}
	if start.Trainer.Boot == bootID() {
		return start.trainerLives()
	}
	info, err := os.Stat(filepath.Join(attempt, "events.jsonl"))
	return err == nil && now.Sub(info.ModTime()) < leaseLasts
}

// trainerLives reports whether the trainer that was started on this host, or a
// process of its group, is there. While one is, nobody is given the group's
// number as his own.
func (s *Start) trainerLives() bool {
	if s.Trainer.Alive() {
		return true
	}
	if _, another := ProcessOf(s.Group); another || s.Group < 2 {
		return false
	}
	return groupLives(s.Group)
}
