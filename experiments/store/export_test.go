package store

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
