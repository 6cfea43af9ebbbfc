package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// writePoints writes the points of all attempts: of those that have a file of
// them from there, of the others from what was packed before.
func (p *packer) writePoints(to io.Writer) error {
	w, err := newPointsWriter(to)
	if err != nil {
		return err
	}
	old, err := openPoints(p.dir)
	if err == nil {
		defer old.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for n := 1; n <= p.newest; n++ {
		err := w.begin(n)
		name, whole := inAttempt(n, metricsName), true
		switch {
		case err != nil:
		case p.original(name) != nil:
			whole, err = w.copyLines(filepath.Join(p.dir, name))
		case old != nil:
			err = w.copySegment(old, n)
		}
		if err != nil {
			return err
		}
		if !whole {
			p.files = append(p.files, name)
		}
	}
	p.points = w
	return w.finish()
}

// original is the file of a name that is there unpacked, or nil.
func (p *packer) original(name string) *plainFile {
	i := slices.IndexFunc(p.plain, func(f plainFile) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &p.plain[i]
}

// copyLines adds the points of a metrics.jsonl. whole says that there is nothing
// else in it: no damaged line, no torn one, no key that points do not have.
func (w *pointsWriter) copyLines(path string) (whole bool, err error) {
	t, odd := Tail{Path: path}, false
	var failed error
	_, err = t.Next(0, func(line []byte) {
		p, only, ok := strictPoint(line)
		odd = odd || !only
		switch {
		case !ok:
			w.now.damaged++
		case failed == nil:
			failed = w.add(p)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return false, err
	}
	w.now.damaged += t.Damaged
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	return !odd && t.Damaged == 0 && t.offset == info.Size(), nil
}

// strictPoint is parsePoint that also says whether the line has nothing but the
// point.
func strictPoint(line []byte) (p Point, only, ok bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if d.Decode(&p) == nil && p.M != nil && int(d.InputOffset()) == len(line) {
		return p, true, true
	}
	p, ok = parsePoint(line)
	return p, false, ok
}

// copySegment adds the points that an older pack has of an attempt.
func (w *pointsWriter) copySegment(old *packedPoints, attempt int) error {
	s := old.segment(attempt)
	if s == nil {
		return nil
	}
	var failed error
	err := old.each(s, func(p Point) {
		if failed == nil {
			failed = w.add(p)
		}
	})
	w.now.damaged = s.damaged
	return errors.Join(err, failed)
}

// comparePoints reads back what writePoints wrote.
func (p *packer) comparePoints(path string) error {
	packed, err := openPointsFile(path)
	if err != nil {
		return err
	}
	defer packed.Close()
	sum := sha256.New()
	for _, s := range packed.foot.segments {
		if err := packed.each(s, func(x Point) { addPoint(sum, s.attempt, x) }); err != nil {
			return err
		}
	}
	if !bytes.Equal(sum.Sum(nil), p.points.sum.Sum(nil)) {
		return packed.wrap(errors.New("its points are not the original ones"))
	}
	h, err := packed.History()
	if err != nil {
		return err
	}
	for name, s := range p.points.history.Series {
		if !s.equal(h.Series[name]) {
			return packed.wrap(fmt.Errorf("the outline of %q is not the original one", name))
		}
	}
	return nil
}

// writeFiles writes all other files, those that were packed before among them.
func (p *packer) writeFiles(to io.Writer) error {
	modified := map[string]time.Time{}
	old, err := openFiles(filepath.Join(p.dir, filesName))
	if err == nil {
		defer old.Close()
		for _, f := range old.files {
			p.files, modified[f.name] = append(p.files, f.name), time.Unix(f.modified, 0)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range p.plain {
		modified[f.name] = f.info.ModTime()
		if !strings.HasSuffix(f.name, "/"+metricsName) {
			p.files = append(p.files, f.name)
		}
	}
	slices.Sort(p.files)
	p.files = slices.Compact(p.files)
	w := newFilesWriter(to)
	for _, name := range p.files {
		if err := p.copyFile(w, name, modified[name]); err != nil {
			return err
		}
	}
	return w.finish()
}

func (p *packer) copyFile(w *filesWriter, name string, modified time.Time) error {
	f, err := OpenRunFile(p.dir, name)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	return w.add(name, size, modified, f)
}

// compareFiles reads back what writeFiles wrote.
func (p *packer) compareFiles(path string) error {
	packed, err := openFiles(path)
	if err != nil {
		return err
	}
	defer packed.Close()
	if len(packed.files) != len(p.files) {
		return packed.wrap(fmt.Errorf("it has %d files, want %d", len(packed.files), len(p.files)))
	}
	for i := range packed.files {
		file := &packed.files[i]
		original, err := OpenRunFile(p.dir, file.name)
		if err != nil {
			return err
		}
		err = same(original, &packedReader{pack: packed, file: file})
		if err = errors.Join(err, original.Close()); err != nil {
			return packed.wrap(fmt.Errorf("%s: %w", file.name, err))
		}
	}
	return nil
}

// same compares what two readers have.
func same(a, b io.Reader) error {
	one, two := make([]byte, maxFrame), make([]byte, maxFrame)
	for {
		n, errA := io.ReadFull(a, one)
		m, errB := io.ReadFull(b, two)
		switch {
		case !bytes.Equal(one[:n], two[:m]):
			return errors.New("it is not the original one")
		case errA == nil && errB == nil:
		case ended(errA) && ended(errB):
			return nil
		default:
			return errors.Join(errA, errB)
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
