package store

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

	"github.com/klauspost/compress/zstd"
)

// BundleVersion is that of the bundles this program writes.
const BundleVersion = 1

const (
	bundleHead = "bundle.json"
	bundleSums = "SHA256SUMS" // last: a bundle without it is cut short
)

// Bundle is what a bundle of runs says about itself: bundle.json, its first file.
type Bundle struct {
	Version     int      `json:"version"`
	Format      int      `json:"format"` // of the store that it comes from
	Time        float64  `json:"time"`
	Experiments []string `json:"experiments"`
	Runs        int      `json:"runs"`
	LeftOut     []string `json:"left_out"` // runs that were not at rest
}

// WriteBundle writes experiments into one file, a tar file in zstd: their designs, what
// was said about them and the files of runs that are at rest by which a store shows and
// compares them. Weights are not among these, nor what a trainer wrote beside the files
// of the run folder.
func (s *Store) WriteBundle(w io.Writer, experiments []string) (Bundle, error) {
	b := Bundle{Version: BundleVersion, Format: Format, Time: Now(), Experiments: experiments, LeftOut: []string{}}
	var files []string
	for _, name := range experiments {
		more, err := s.bundled(name, &b)
		if err != nil {
			return b, fmt.Errorf("bundle %s: %w", name, err)
		}
		files = append(files, more...)
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return b, fmt.Errorf("write bundle: %w", err)
	}
	out := bundleWriter{tar: tar.NewWriter(z)}
	err = out.json(bundleHead, b)
	for _, name := range files {
		if err == nil {
			err = out.file(s.Dir, name)
		}
	}
	if err == nil {
		err = out.marks(s, experiments)
	}
	if err == nil {
		err = out.text(bundleSums, out.sums.Bytes())
	}
	if err == nil {
		err = out.tar.Close()
	}
	if closed := z.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return b, fmt.Errorf("write bundle: %w", err)
	}
	return b, nil
}

// bundled lists the files of an experiment by their names in the store, and counts
// its runs.
func (s *Store) bundled(experiment string, b *Bundle) ([]string, error) {
	if _, err := s.ReadPlan(experiment); err != nil {
		return nil, err
	}
	files := []string{experiment + "/plan.json"}
	kept, err := os.ReadDir(filepath.Join(s.Dir, experiment, "plans"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range kept {
		files = append(files, experiment+"/plans/"+e.Name())
	}
	records, err := s.Records(experiment)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if r.Status.Live() || r.Status == Paused {
			b.LeftOut = append(b.LeftOut, r.ID)
			continue
		}
		of, err := filesOf(r.Dir)
		if err != nil {
			return nil, err
		}
		for _, name := range of {
			files = append(files, r.ID+"/"+name)
		}
		b.Runs++
	}
	return slices.DeleteFunc(files, func(name string) bool { return !bundles(name) }), nil
}

// filesOf lists the regular files of a run by their names in its folder.
func filesOf(dir string) (names []string, err error) {
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // it may be on another disk
		return nil, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "checkpoint" || d.Name() == "kept") {
			return fs.SkipDir
		}
		if name, err := filepath.Rel(dir, path); err == nil && d.Type().IsRegular() {
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	return names, err
}

// bundles reports whether a file of a store, by its name there, belongs into bundles.
// The same rule says what is taken from one.
func bundles(name string) bool {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return false
	}
	parts := strings.Split(name, "/")
	if slices.ContainsFunc(parts, func(p string) bool { return p[0] == '.' }) || parts[0] == "engine" ||
		len(parts) > 3 && parts[1] == "plans" {
		return false
	}
	switch len(parts) {
	case 2:
		return parts[1] == "plan.json"
	case 3:
		return parts[1] == "plans" && strings.HasSuffix(parts[2], ".json")
	case 4:
		return isSeedFolder(parts[2]) && slices.Contains([]string{"run.json", "asked.jsonl", pointsName, filesName}, parts[3])
	case 5:
		return isSeedFolder(parts[2]) && isAttempt(parts[3]) && slices.Contains([]string{
			"start.json", "env.json", "metrics.jsonl", "events.jsonl", "samples.jsonl", "gpu.jsonl", "out.log", "result.json", "exit.json",
		}, parts[4])
	case 6:
		return isSeedFolder(parts[2]) && isAttempt(parts[3]) && parts[4] == "items" && strings.HasSuffix(parts[5], ".jsonl")
	}
	return false
}

func isSeedFolder(name string) bool { return len(numbers([]string{name}, "s")) == 1 }

func isAttempt(name string) bool { return len(numbers([]string{name}, "a")) == 1 }

// bundleWriter writes the files of a bundle and keeps their sums.
type bundleWriter struct {
	tar  *tar.Writer
	sums bytes.Buffer
}

// file writes the file of that name of the store in dir as it is now.
func (w *bundleWriter) file(dir, name string) error {
	f, err := OpenFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.add(name, info.Size(), info.ModTime(), f)
}

func (w *bundleWriter) json(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.text(name, append(b, '\n'))
}

func (w *bundleWriter) text(name string, text []byte) error {
	return w.add(name, int64(len(text)), time.Unix(int64(Now()), 0), bytes.NewReader(text))
}

func (w *bundleWriter) add(name string, size int64, modified time.Time, r io.Reader) error {
	h := tar.Header{Name: name, Size: size, Mode: 0o644, ModTime: modified.Truncate(time.Second), Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(&h); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w.tar, sum), r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(&w.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

// marks writes what was said about experiments.
func (w *bundleWriter) marks(s *Store, experiments []string) error {
	all, err := decodeLines[Mark](Tail{Path: s.MarksFile()})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for _, m := range all {
		if slices.Contains(experiments, m.experiment()) {
			if err := enc.Encode(m); err != nil {
				return err
			}
		}
	}
	return w.text(marksName, text.Bytes())
}
