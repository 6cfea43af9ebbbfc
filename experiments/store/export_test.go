package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"ablate/experiments"
)

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
func NewStillFeed(s *Store, focus Focus) StillFeed { return StillFeed{newFeed(newLedger(s), 0, focus)} }

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

// MaxLine is the longest line that is read, its newline included, and ReadAhead what
// is read at once.
const (
	MaxLine   = maxLine
	ReadAhead = readAhead
)

// WritePoints writes batches as a run that is packed has them.
func WritePoints(path string, batches []Batch) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	to := bufio.NewWriter(f)
	w, err := newPointsWriter(to)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := w.begin(b.Attempt); err != nil {
			return err
		}
		for _, p := range b.Points {
			if err := w.add(p); err != nil {
				return err
			}
		}
	}
	return errors.Join(w.finish(), to.Flush())
}

// How lines of points are read.
var ParsePoint = parsePoint

// Usual reports whether a line is read without encoding/json.
func Usual(line []byte) bool { return new(scanner).usual(line) }

// NewScanner reads lines, one after the other.
func NewScanner() func(line []byte) bool { return new(scanner).read }

// PackSteps is Pack that calls step after whatever it changes in the folder.
func PackSteps(runDir string, step func()) error {
	return (&packer{dir: runDir, step: step}).pack()
}

// WriteFiles writes texts by name as a run that is packed has them.
func WriteFiles(path string, texts map[string]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := newFilesWriter(f)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		if err := w.add(name, int64(len(text)), time.Unix(1, 0), strings.NewReader(text)); err != nil {
			return err
		}
	}
	return w.finish()
}

// SplitPoints takes a points.pack apart: all before the footer, and the footer
// expanded.
func SplitPoints(b []byte) (body, foot []byte, err error) {
	end := len(b) - trailerSize
	size := int(binary.LittleEndian.Uint32(b[end:]))
	packed := b[end-size : end]
	foot, err = expand(packed[4:], int(binary.LittleEndian.Uint32(packed)))
	return b[:end-size], foot, err
}

// SealPoints is the inverse of SplitPoints.
func SealPoints(body, foot []byte) ([]byte, error) {
	packed, err := compress(binary.LittleEndian.AppendUint32(nil, uint32(len(foot))), foot)
	if err != nil {
		return nil, err
	}
	b := append(bytes.Clone(body), packed...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(packed)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(packed, castagnoli))
	return append(b, packTail...), nil
}

// RoundTrip packs the numbers that have these bits, rounded to some places if
// that is below 10, and compares what comes back.
func RoundTrip(b []byte, places int) error {
	v := make([]float64, min(len(b)/8, maxBlock))
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		if places < 10 {
			v[i] = math.Round(v[i]*math.Pow10(places)) / math.Pow10(places)
		}
	}
	packed, err := packFloats(v)
	if err != nil {
		return err
	}
	got, err := unpackFloats(packed, len(v))
	if err != nil {
		return err
	}
	for i, x := range v {
		if math.Float64bits(x) != math.Float64bits(got[i]) && (!math.IsNaN(x) || !math.IsNaN(got[i])) {
			return fmt.Errorf("number %d was %v (%x) and is %v", i, x, math.Float64bits(x), got[i])
		}
	}
	ints := make([]int64, len(v))
	for i := range ints {
		ints[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	if packed, err = packIntegers(ints); err != nil {
		return err
	}
	back, err := unpackIntegers(packed, len(ints))
	if err == nil && !slices.Equal(ints, back) {
		err = fmt.Errorf("integers %v are %v", ints, back)
	}
	return err
}

// OpenLedgerAt is OpenLedger with an index of that name.
func OpenLedgerAt(s *Store, index string) *Ledger {
	l := newLedger(s)
	l.index = index
	return l
}

// Reads is how often run folders were read, this one by the ledger and those that
// it took from its index.
func (l *Ledger) Reads() int { return l.reads }

// StillFeed returns a feed that no clock drives.
func (l *Ledger) StillFeed(focus Focus) StillFeed { return StillFeed{newFeed(l, 0, focus)} }

// More reads on as a feed does that is behind.
func (s StillFeed) More() Update { return s.feed.readMore() }

// Save writes the index as a feed does that nobody waits for.
func (s StillFeed) Save() { s.feed.ledger.save() }

// PackedPoints are the points of a packed run.
type PackedPoints = packedPoints

// OpenPoints opens them.
var OpenPoints = openPoints

// IndexForm is what an index holds, in words.
func IndexForm() string {
	var b strings.Builder
	fmt.Fprintf(&b, "form %d\n", indexForm)
	known := map[reflect.Type]bool{}
	fmt.Fprintln(&b, layout(reflect.TypeFor[[]experiments.Run](), known))
	fmt.Fprintln(&b, layout(reflect.TypeFor[indexed](), known))
	o := outline{damaged: 3, rough: true, metrics: []string{"a", "b"}, history: &History{
		Attempt: 2, From: 3, Last: 10, Time: 10, Series: map[string]*Series{"a": {Width: 2, Steps: []float64{5}, Values: []float64{7}, Times: []float64{9}}},
	}}
	fmt.Fprintf(&b, "outline %x\n", o.bytes())
	stop := []Asked{{Verb: "run", Attempt: 1}, {Verb: "stop", Text: "budget runs 2 is used up"}}
	for _, f := range []Facts{
		{Exit: &Exit{}}, {Exit: &Exit{Code: 1, Reason: "it broke"}}, {Exit: &Exit{Code: -1, Signal: "9"}}, {Exit: &Exit{Code: 3}},
		{Exit: &Exit{Reason: "stopped"}}, {Exit: &Exit{Reason: "paused"}}, {Exit: &Exit{Code: 1, Reason: "rule nan: train/loss"}},
		{Exit: &Exit{Reason: "rule plateau: eval"}}, {Exit: &Exit{Reason: "stopped"}, Asked: stop},
	} {
		f.Attempt, f.Begun = 1, true
		status, reason := f.Status()
		fmt.Fprintf(&b, "%s: %s\n", status, reason)
	}
	status, reason := Facts{}.Status()
	fmt.Fprintf(&b, "%s: %s\n", status, reason)
	return b.String()
}

// layout is a type with all that its fields are.
func layout(t reflect.Type, known map[reflect.Type]bool) string {
	switch t.Kind() {
	case reflect.Slice:
		return "[]" + layout(t.Elem(), known)
	case reflect.Map:
		return "map[" + layout(t.Key(), known) + "]" + layout(t.Elem(), known)
	case reflect.Struct:
		if known[t] {
			return t.Name()
		}
		known[t] = true
		var fields []string
		for f := range t.Fields() {
			fields = append(fields, f.Name+" "+layout(f.Type, known))
		}
		return t.Name() + "{" + strings.Join(fields, "; ") + "}"
	case reflect.Array, reflect.Interface, reflect.Pointer:
		return t.String()
	default:
		return t.Kind().String()
	}
}

// NewRake reads lines as a trail does, one after the other: whether it is a point,
// whether it is damaged, and what there is of the metrics.
func NewRake(metrics []string) func(line []byte) (points, damaged int, found Point) {
	r := newRake(metrics)
	return func(line []byte) (points, damaged int, found Point) {
		r.clear()
		r.block(line)
		found = Point{Step: r.last, Time: r.time, M: Values{}}
		for i, c := range r.columns {
			if n := len(c.values); n > 0 {
				found.M[metrics[i]] = c.values[n-1]
			}
		}
		return r.points, r.damaged, found
	}
}

// Instant reads a time as people write it.
var Instant = instant

// LongLine is the size of a block that no line of a log is longer than.
const LongLine = longLine

// Strip makes the text of a line of its pieces.
func Strip(pieces ...[]byte) (text string, cut int64) {
	s := stripper{limit: shownBytes}
	for _, b := range pieces {
		s.add(b)
	}
	return s.line()
}

// Batches are all points, as the files of the attempts had them.
func (p *packedPoints) Batches() ([]Batch, error) {
	var batches []Batch
	for _, s := range p.foot.segments {
		points, err := p.points(s)
		if err != nil {
			return nil, err
		}
		if len(points) > 0 {
			batches = append(batches, Batch{Attempt: s.attempt, Points: points})
		}
	}
	return batches, nil
}
