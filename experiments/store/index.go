package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"

	"ablate/experiments"
)

// The index is what a ledger knows of runs that have ended, in a file that anybody
// may throw away: a line that says by which program it was written, the CRC32C of
// the rest, and an indexFile encoded by gob. It lies in the user's cache folder, since
// a store may be read-only or somebody else's. What it says of a run counts only
// as long as the marks of the run's files are those in it.

// indexEvery is how much that must be to be worth a write.
const indexEvery = 64

// index is what is written.
type index struct {
	Designs []experiments.Run // without id and seed: of all the runs of a cell
	Runs    []indexed
}

// indexed is one run.
type indexed struct {
	ID      string
	Seed    int64
	Design  int
	Record  Record // without what is said above
	Latest  Values
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

// indexHead names the form of the file and the program that wrote it: what another
// one made of the same files may be something else.
func indexHead() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	m := markOf(path)
	return fmt.Sprintf("ablate index 1 %x %x\n", m.size, m.modified), nil
}

// load takes in what the index says. One that is not there, damaged or another
// program's says nothing.
func (l *Ledger) load() {
	if l.index == "" || l.loaded {
		return
	}
	l.loaded = true
	b, err := os.ReadFile(l.index)
	head, unknown := indexHead()
	if err != nil || unknown != nil || len(b) < len(head)+4 || string(b[:len(head)]) != head {
		return
	}
	sum, b := binary.LittleEndian.Uint32(b[len(head):]), b[len(head)+4:]
	var x index
	if crc32.Checksum(b, castagnoli) != sum || gob.NewDecoder(bytes.NewReader(b)).Decode(&x) != nil {
		return
	}
	for _, r := range x.Runs {
		if r.Design < 0 || r.Design >= len(x.Designs) {
			continue
		}
		l.reads++
		k := &known{record: r.Record, read: l.reads, latest: r.Latest, outline: &outline{packed: r.Outline}}
		k.record.Run = x.Designs[r.Design]
		k.record.ID, k.record.Seed, k.record.Dir = r.ID, r.Seed, l.store.RunDir(r.ID)
		if r.Outline == nil {
			k.outline = nil
		}
		k.paths = dependsOn(k.record.Dir, k.record.Attempt)
		for i := range k.marks {
			k.marks[i] = mark{r.Marks[2*i], r.Marks[2*i+1]}
		}
		l.known[r.ID] = k
	}
}

// save writes the index if much is known that is not in it. Whether
// that worked is nobody's concern: it costs time and nothing else.
func (l *Ledger) save() {
	if l.index == "" || !l.loaded || l.news < indexEvery {
		return
	}
	l.news = 0
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(l.indexed()); err != nil {
		return
	}
	head, err := indexHead()
	if err != nil || os.MkdirAll(filepath.Dir(l.index), 0o700) != nil {
		return
	}
	text := binary.LittleEndian.AppendUint32([]byte(head), crc32.Checksum(b.Bytes(), castagnoli))
	f, err := os.CreateTemp(filepath.Dir(l.index), ".new")
	if err != nil {
		return
	}
	_, err = f.Write(append(text, b.Bytes()...))
	if f.Close() != nil || err != nil || os.Rename(f.Name(), l.index) != nil {
		_ = os.Remove(f.Name())
	}
}

// indexed is what is known of the runs that have ended and are still there.
func (l *Ledger) indexed() index {
	var x index
	designs := map[string]int{} // by experiment and cell
	for id, k := range l.known {
		if k.paths == (marked{}) || k.marks[0] != markOf(k.paths[0]) {
			continue
		}
		cell := id[:strings.LastIndexByte(id, '/')] + " " + k.record.PlanHash
		d := k.record.Run
		d.ID, d.Seed = "", 0
		at, ok := designs[cell]
		if !ok || !reflect.DeepEqual(x.Designs[at], d) {
			at = len(x.Designs)
			designs[cell] = at
			x.Designs = append(x.Designs, d)
		}
		r := indexed{ID: id, Seed: k.record.Seed, Design: at, Record: k.record, Latest: k.latest}
		r.Record.Run, r.Record.Dir = experiments.Run{}, ""
		for i, m := range k.marks {
			r.Marks[2*i], r.Marks[2*i+1] = m.size, m.modified
		}
		if k.outline != nil {
			r.Outline = k.outline.bytes()
		}
		x.Runs = append(x.Runs, r)
	}
	return x
}
