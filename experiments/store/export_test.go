package store

import "time"

// Beats come quickly in tests; how long a lease lasts is left as it is, and files
// are made to look older instead.
func init() { leaseBeat = 20 * time.Millisecond }

// LockKind is one way to keep locks, for tests that hold all to the same rules.
type LockKind struct {
	Name string
	kind locks
}

// LockKinds are all of them.
var LockKinds = []LockKind{{"flock", flocks{}}, {"lease", leases{}}}

// Lock is Lock of this kind.
func (k LockKind) Lock(path string, patience time.Duration) (*Held, error) {
	return k.kind.lock(path, patience)
}

// Locked is Locked of this kind.
func (k LockKind) Locked(path string) (bool, error) { return k.kind.locked(path) }

// Await is AwaitUnlock of this kind.
func (k LockKind) Await(path string) error { return k.kind.await(path) }

// LeaseHeldAt tells whether the lease at path is held by a server's clock.
func LeaseHeldAt(path string, now time.Time) (bool, error) {
	p, err := openPlace(path)
	if err != nil {
		return false, err
	}
	defer p.folder.Close()
	return p.held(func() (time.Time, error) { return now, nil })
}

// StillFeed is a feed that reads only when it is told to.
type StillFeed struct{ feed *Feed }

// NewStillFeed returns a feed of s that no clock drives.
func NewStillFeed(s *Store, focus Focus) StillFeed { return StillFeed{newFeed(s, 0, focus)} }

// Read looks once and says whether that brought anything new.
func (s StillFeed) Read() (u Update, news bool) {
	before := s.feed.last
	u = s.feed.read()
	return u, u.differs(before)
}

// Turn moves the focus.
func (s StillFeed) Turn(focus Focus) { s.feed.turn(focus) }

// Reads is how often run folders were read and not remembered.
func (s StillFeed) Reads() int { return s.feed.ledger.reads }

// How a checkpoint is put in its place, with and without the disk's help.
var (
	Exchange        = exchange
	RotateByRenames = rotateByRenames
)

// MaxLine is the longest line that is read, its newline included.
const MaxLine = maxLine
