package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"ablate/experiments"
)

// The index is what a ledger knows of runs that have ended, in a file that anybody
// may throw away: a line that says of which form it is, the designs
// and the runs encoded by gob, and the CRC32C of all before. It lies in the user's
// cache folder, since a store may be read-only or somebody else's. What it says of
// a run counts only as long as the marks of the run's files are those in it.

// indexEvery is how much that must be to be worth a write.
const indexEvery = 64

// indexed is one run.
type indexed struct {
	ID      string
	Seed    int64
	Design  int
	Record  Record // without what is said above
	Marks   [2 * len(marks{})]int64
	Outline []byte
}

// indexFile is where the index of the store in dir is; "" where there is no cache
// folder, or no store.
func indexFile(dir string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return ""
	}
	info, err := os.Stat(real)
	if err != nil {
		return ""
	}
	name := sha256.Sum256([]byte(real + identity(info)))
	return filepath.Join(cache, "ablate", "index", fmt.Sprintf("%x", name[:12]))
}

// identity tells a folder from another that had its name before.
func identity(info os.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("\x00%d %d", s.Dev, s.Ino)
	}
	return ""
}

// indexForm is raised when another program would make something else of the same
// files than this one: when the types that are encoded change, the bytes of an
// outline, or what is made of a run's records. TestIndexForm tells when.
const indexForm = 2

// indexHead is the first line of an index.
func indexHead() string { return fmt.Sprintf("ablate index %d\n", indexForm) }

// load takes in what the index says. One that is not there, damaged or of another
// form says nothing.
func (l *Ledger) load() {
	if l.index == "" || l.loaded {
		return
	}
	l.loaded = true
	b, err := os.ReadFile(l.index)
	head := indexHead()
	if err != nil || len(b) < len(head)+4 || string(b[:len(head)]) != head {
		return
	}
	end := len(b) - 4
	if crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return
	}
	dec := gob.NewDecoder(bytes.NewReader(b[len(head):end]))
	var designs []experiments.Run
	if dec.Decode(&designs) != nil {
		return
	}
	for {
		var r indexed
		if dec.Decode(&r) != nil || r.Design < 0 || r.Design >= len(designs) {
			return
		}
		l.remember(&r, designs[r.Design])
	}
}

// remember takes one run in.
func (l *Ledger) remember(r *indexed, design experiments.Run) {
	l.reads++
	k := &known{record: r.Record, read: l.reads}
	k.record.Run = design
	k.record.ID, k.record.Seed, k.record.Dir = r.ID, r.Seed, l.store.RunDir(r.ID)
	if r.Outline != nil {
		k.outline = &outline{packed: r.Outline}
	}
	k.paths = dependsOn(k.record.Dir, k.record.Attempt)
	for i := range k.marks {
		k.marks[i] = mark{r.Marks[2*i], r.Marks[2*i+1]}
	}
	l.known[r.ID] = k
}

// save writes the index if much is known that is not in it. Whether that works is
// nobody's concern: it costs time and nothing else.
func (l *Ledger) save() {
	if !l.loaded || l.news < indexEvery {
		return
	}
	l.news = 0
	if os.MkdirAll(filepath.Dir(l.index), 0o700) != nil {
		return
	}
	beside := l.index + ".new" // of two at a time the sum does not fit, and the next one writes again
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	err = l.write(f)
	if f.Close() != nil || err != nil || os.Rename(beside, l.index) != nil {
		_ = os.Remove(beside)
	}
}

func (l *Ledger) write(to io.Writer) error {
	sum := crc32.New(castagnoli)
	buf := bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16)
	_, err := buf.WriteString(indexHead())
	designs, ids, of := l.indexed()
	enc := gob.NewEncoder(buf)
	err = errors.Join(err, enc.Encode(designs))
	for i, id := range ids {
		err = errors.Join(err, enc.Encode(l.pack(id, of[i])))
	}
	if err = errors.Join(err, buf.Flush()); err != nil {
		return err
	}
	return binary.Write(to, binary.LittleEndian, sum.Sum32())
}

// indexed are the runs that have ended and are still there, with the places of
// their designs, which have no id and seed.
func (l *Ledger) indexed() (designs []experiments.Run, ids []string, of []int) {
	cells := map[string]int{} // last design by experiment and cell
	for _, id := range slices.Sorted(maps.Keys(l.known)) {
		k := l.known[id]
		if k.paths == (marked{}) || k.marks[0] != markOf(k.paths[0]) {
			continue
		}
		cell := id[:strings.LastIndexByte(id, '/')]
		d := k.record.Run
		d.ID, d.Seed = "", 0
		at, ok := cells[cell]
		if !ok || !reflect.DeepEqual(designs[at], d) {
			at = len(designs)
			cells[cell] = at
			designs = append(designs, d)
		}
		ids, of = append(ids, id), append(of, at)
	}
	return designs, ids, of
}

// pack is the inverse of remember.
func (l *Ledger) pack(id string, design int) *indexed {
	k := l.known[id]
	r := &indexed{ID: id, Seed: k.record.Seed, Design: design, Record: k.record}
	r.Record.Run, r.Record.Dir = experiments.Run{}, ""
	for i, m := range k.marks {
		r.Marks[2*i], r.Marks[2*i+1] = m.size, m.modified
	}
	if k.outline != nil {
		r.Outline = k.outline.bytes()
	}
	return r
}
