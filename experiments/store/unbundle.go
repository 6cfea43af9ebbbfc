package store

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
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

	"github.com/klauspost/compress/zstd"

	"ablate/experiments"
)

// importedName marks a run that was made elsewhere and came in a bundle: the engine
// leaves it alone unless somebody asks for it.
const importedName = "imported.json"

// importing begins the name of a folder in a store in which a bundle is unpacked.
const importing = ".import-"

// Imported reports whether the run in dir came in a bundle.
func Imported(dir string) bool { return isFile(filepath.Join(dir, importedName)) }

const (
	mostBundled = 1 << 21  // files of a bundle
	mostHead    = 16 << 20 // bytes of its head
	spareRoom   = 64 << 20 // bytes of the disk that are left to runs
)

// TakenIn is what a bundle added to a store.
type TakenIn struct {
	Bundle
	New     []string `json:"new"`     // ids of runs
	Already []string `json:"already"` // of those that were here as they are
}

// ReadBundle takes in a bundle. One that is damaged, or does not go well with the store,
// changes nothing there: other results of a run, or another design of an experiment, are
// an error, and so is a ctx that ends. What the store has already as it is stays.
func (s *Store) ReadBundle(ctx context.Context, r io.Reader) (in TakenIn, err error) {
	if err := s.Writable(); err != nil {
		return in, err
	}
	dir, err := s.besides()
	if err != nil {
		return in, fmt.Errorf("take in bundle: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	from := &Store{Dir: dir}
	if in.Bundle, err = unpackBundle(whileWanted(ctx, r), dir); err != nil {
		return in, fmt.Errorf("take in bundle: %w", err)
	}
	for _, name := range in.Experiments {
		if err := s.fits(from, name, &in); err != nil {
			return in, fmt.Errorf("take in bundle: %w", err)
		}
	}
	for _, id := range in.New { // now, since it may be that the disk is full
		if err := WriteJSON(filepath.Join(from.RunDir(id), importedName), in.Bundle); err != nil {
			return in, fmt.Errorf("take in bundle: %w", err)
		}
	}
	if err := errors.Join(syncTree(dir), ctx.Err()); err != nil {
		return in, fmt.Errorf("take in bundle: %w", err)
	}
	if err := s.move(from, in); err != nil {
		return in, fmt.Errorf("take in bundle: %w", err)
	}
	return in, nil
}

// whileWanted reads until its context ends.
func whileWanted(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// besides makes a folder in which a bundle is unpacked, with the mode of the store's own:
// what is made in it stays.
func (s *Store) besides() (string, error) {
	dir, err := os.MkdirTemp(s.Dir, importing)
	if err != nil {
		return "", err
	}
	mode := fs.FileMode(0o755)
	if info, err := os.Stat(s.Dir); err == nil && shared(info) {
		mode = info.Mode().Perm() | fs.ModeSetgid
	}
	return dir, os.Chmod(dir, mode)
}

// unpackBundle writes the files of a bundle into dir, and is sure that they are those
// that were packed.
func unpackBundle(r io.Reader, dir string) (b Bundle, err error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return b, err
	}
	defer z.Close()
	files, sums := tar.NewReader(z), map[string]string{}
	for {
		if len(sums) > mostBundled {
			return b, fmt.Errorf("it has more than %d files", mostBundled)
		}
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return b, errors.New("it is cut short: copy it again")
		}
		if err != nil {
			return b, fmt.Errorf("it is no bundle, or damaged: %w", err)
		}
		switch h.Name {
		case bundleHead:
			err = readHead(files, sums, &b)
		case bundleSums:
			return b, checkSums(files, sums)
		default:
			err = unpackFile(files, h, dir, sums, b.Experiments)
		}
		if err != nil {
			return b, err
		}
	}
}

func readHead(r io.Reader, sums map[string]string, b *Bundle) error {
	if len(sums) > 0 {
		return fmt.Errorf("%s is not its first file", bundleHead)
	}
	text, err := io.ReadAll(io.LimitReader(r, mostHead))
	if err == nil {
		err = json.Unmarshal(text, b)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", bundleHead, err)
	}
	sums[bundleHead] = sumOf(text)
	if b.Version != BundleVersion || b.Format > Format {
		return fmt.Errorf("its version is %d of format %d, and this program knows %d of %d: a newer one wrote it; use that", b.Version, b.Format, BundleVersion, Format)
	}
	for i, name := range b.Experiments {
		if err := experiments.CheckName(name); err != nil {
			return err
		}
		if slices.Contains(b.Experiments[:i], name) {
			return fmt.Errorf("it names %s twice", name)
		}
	}
	return nil
}

// unpackFile writes one file; what no bundle of these experiments has, be it by a slip or
// by malice, ends it all.
func unpackFile(r io.Reader, h *tar.Header, dir string, sums map[string]string, experiments []string) error {
	experiment, _, _ := strings.Cut(h.Name, "/")
	switch {
	case len(sums) == 0:
		return errors.New("it is no bundle of ablate")
	case h.Typeflag != tar.TypeReg || h.Name != marksName && !(bundles(h.Name) && slices.Contains(experiments, experiment)):
		return fmt.Errorf("it has %q, which belongs into no bundle of %s", h.Name, strings.Join(experiments, ", "))
	case sums[h.Name] != "":
		return fmt.Errorf("it has %s twice", h.Name)
	}
	if free, ok := freeOn(dir); ok && uint64(h.Size)+spareRoom > free {
		return fmt.Errorf("%s has %d MB, and the disk is to keep %d MB free of %d MB", h.Name, h.Size>>20, spareRoom>>20, free>>20)
	}
	path := filepath.Join(dir, filepath.FromSlash(h.Name))
	if err := MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	Share(f)
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), r)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("unpack %s: %w", h.Name, err)
	}
	sums[h.Name] = hex.EncodeToString(sum.Sum(nil))
	return os.Chtimes(path, h.ModTime, h.ModTime)
}

func checkSums(r io.Reader, sums map[string]string) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		if sums[name] == "" || sums[name] != sum {
			return fmt.Errorf("%q is damaged: copy the bundle again", name)
		}
		delete(sums, name)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", bundleSums, err)
	}
	for name := range sums {
		return fmt.Errorf("%s has no sum: the bundle is damaged", name)
	}
	return nil
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// fits checks that an experiment of a bundle goes well with what is here, and sorts
// its runs into those that are new and those that are not.
func (s *Store) fits(from *Store, experiment string, in *TakenIn) error {
	p, err := from.ReadPlan(experiment)
	if err != nil {
		return fmt.Errorf("it has no design of %s: %w", experiment, err)
	}
	if p.Experiment != experiment {
		return fmt.Errorf("its design of %s is one of %q", experiment, p.Experiment)
	}
	const elsewhere = "take it into a store of its own: --store DIR"
	if here, err := s.ReadPlan(experiment); err == nil && here.Hash != p.Hash {
		return fmt.Errorf("%s has another design here; %s", experiment, elsewhere)
	}
	ids, err := from.RunIDs(experiment)
	if err != nil {
		return err
	}
	for _, id := range ids {
		var run experiments.Run
		if err := ReadJSON(filepath.Join(from.RunDir(id), "run.json"), &run); err != nil {
			return err
		}
		if run.ID != id {
			return fmt.Errorf("it has %q in the place of %s", run.ID, id)
		}
		if _, err := os.Lstat(s.RunDir(id)); errors.Is(err, fs.ErrNotExist) {
			in.New = append(in.New, id)
			continue
		}
		if !alike(from.RunDir(id), s.RunDir(id)) {
			return fmt.Errorf("%s has other results here; %s", id, elsewhere)
		}
		in.Already = append(in.Already, id)
	}
	return nil
}

// alike reports whether two run folders tell of the same run with the same end.
func alike(a, b string) bool {
	same := func(read func(dir string) ([]byte, error)) bool {
		x, errA := read(a)
		y, errB := read(b)
		return errors.Is(errA, fs.ErrNotExist) && errors.Is(errB, fs.ErrNotExist) || errA == nil && errB == nil && bytes.Equal(x, y)
	}
	n, err := Attempts(a)
	if m, errB := Attempts(b); err != nil || errB != nil || n != m {
		return false
	}
	return same(func(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "run.json")) }) &&
		same(func(dir string) ([]byte, error) { return os.ReadFile(filepath.Join(AttemptDir(dir, n), "exit.json")) })
}

// move puts what is new into its places, runs after the designs that they need.
func (s *Store) move(from *Store, in TakenIn) error {
	for _, name := range in.Experiments {
		if err := s.moveDesigns(from, name); err != nil {
			return err
		}
	}
	for _, id := range in.New {
		cell := filepath.Dir(s.RunDir(id))
		if err := MkdirAll(cell); err != nil {
			return err
		}
		if err := os.Rename(from.RunDir(id), s.RunDir(id)); err != nil {
			return err
		}
		if err := SyncDir(cell); err != nil {
			return err
		}
	}
	return s.moveMarks(from, in.Experiments)
}

func (s *Store) moveDesigns(from *Store, experiment string) error {
	plans := filepath.Join(experiment, "plans")
	if err := MkdirAll(filepath.Join(s.Dir, plans)); err != nil {
		return err
	}
	kept, err := os.ReadDir(filepath.Join(from.Dir, plans))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	names := []string{filepath.Join(experiment, "plan.json")}
	for _, e := range kept {
		names = append(names, filepath.Join(plans, e.Name()))
	}
	for _, name := range names {
		to := filepath.Join(s.Dir, name)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if err := os.Rename(filepath.Join(from.Dir, name), to); err != nil {
			return err
		}
	}
	return SyncDir(filepath.Join(s.Dir, experiment))
}

// moveMarks appends the marks on experiments that are not here yet. The engine is their
// other writer: each line is one write, so they do not mix.
func (s *Store) moveMarks(from *Store, experiments []string) error {
	here, err := decodeLines[Mark](Tail{Path: s.MarksFile()})
	if err != nil {
		return err
	}
	there, err := decodeLines[Mark](Tail{Path: from.MarksFile()})
	if err != nil {
		return err
	}
	known := map[Mark]bool{}
	for _, m := range here {
		known[m] = true
	}
	there = slices.DeleteFunc(there, func(m Mark) bool {
		drop := known[m] || m.Check() != nil || !slices.Contains(experiments, m.experiment())
		known[m] = true
		return drop
	})
	if len(there) == 0 {
		return nil
	}
	lines, err := AppendTo(s.MarksFile())
	if err != nil {
		return err
	}
	for _, m := range there {
		err = errors.Join(err, lines.Append(m))
	}
	return errors.Join(err, lines.Sync(), lines.Close())
}
