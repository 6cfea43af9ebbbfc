package store_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ablate/experiments"
	"ablate/experiments/store"
)

// forged is a bundle of files, each a name and a text, whose sums are right.
func forged(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var out, sums bytes.Buffer
	z, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	add := func(name, text string) {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256([]byte(text)), name)
	}
	for _, f := range files {
		add(f[0], f[1])
	}
	add("SHA256SUMS", sums.String())
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func head(experiments string) [2]string {
	return [2]string{"bundle.json", `{"version":1,"format":1,"time":1,"experiments":[` + experiments + `],"runs":1,"left_out":[]}`}
}

const (
	forgedPlan = `{"experiment":"e","recipe":"command","axes":["a"],"cells":[],"seeds":[1],"hash":"0123456789ab"}`
	forgedRun  = "e/a=1~000001/s1/run.json"
)

// A bundle may lie with sums that are right: nothing of it gets out of the folders of
// its experiments.
func TestForgedBundle(t *testing.T) {
	t.Parallel()
	plan, run := [2]string{"e/plan.json", forgedPlan}, [2]string{forgedRun, `{"id":"e/a=1~000001/s1"}`}
	for name, c := range map[string]struct {
		files [][2]string
		want  string
	}{
		"a way out":           {[][2]string{head(`"../other"`)}, `"../other" cannot name an experiment`},
		"a name that is ours": {[][2]string{head(`"marks.jsonl"`), {"marks.jsonl/plan.json", forgedPlan}}, "keeps its own files there"},
		"an experiment twice": {[][2]string{head(`"e","e"`), plan}, "names e twice"},
		"two heads":           {[][2]string{head(`"e"`), plan, head(`"f"`)}, "not its first file"},
		"a file twice":        {[][2]string{head(`"e"`), plan, plan}, "e/plan.json twice"},
		"another experiment":  {[][2]string{head(`"e"`), plan, {"f/plan.json", forgedPlan}}, "belongs into no bundle of e"},
		"a run among designs": {[][2]string{head(`"e"`), plan, {"e/plans/s1/run.json", "{}"}}, "belongs into no bundle"},
		"another's design":    {[][2]string{head(`"f"`), {"f/plan.json", forgedPlan}}, `one of "e"`},
		"no design":           {[][2]string{head(`"e"`), run}, "no design of e"},
		"another's run":       {[][2]string{head(`"e"`), plan, {forgedRun, `{"id":"e/b/s2"}`}}, `"e/b/s2" in the place of e/a=1~000001/s1`},
		"a run that is none":  {[][2]string{head(`"e"`), plan, {forgedRun, `[]`}}, "read record"},
		"a head that is none": {[][2]string{{"bundle.json", `[]`}}, "read bundle.json"},
		"as it should be":     {[][2]string{head(`"e"`), plan, run}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store.Store{Dir: filepath.Join(t.TempDir(), "store")}
			other := filepath.Join(s.Dir, "..", "other")
			if err := os.Mkdir(other, 0o777); err != nil {
				t.Fatal(err)
			}
			_, err := s.ReadBundle(t.Context(), bytes.NewReader(forged(t, c.files...)))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if left := tree(t, filepath.Dir(s.Dir)); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// Marks of a bundle are on its experiments, and such as can be made.
func TestForgedMarks(t *testing.T) {
	t.Parallel()
	good := `{"time":2,"by":"ada","on":"e/a=1~000001","kind":"tag","text":"good"}` + "\n"
	marks := `{"time":1,"by":"eve","on":"other","kind":"distrust","text":"bad"}` + "\n" +
		`{"time":1,"by":"eve","on":"e","kind":"explode"}` + "\n" + good + good
	s := &store.Store{Dir: t.TempDir()}
	b := forged(t, head(`"e"`), [2]string{"e/plan.json", forgedPlan}, [2]string{"marks.jsonl", marks})
	for range 2 {
		if _, err := s.ReadBundle(t.Context(), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, s.Dir)["marks.jsonl"]; got != good {
			t.Errorf("marks %q, want %q", got, good)
		}
	}
}

// A bomb is refused before it fills the disk.
func TestBundleThatFillsTheDisk(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	h := head(`"e"`)
	for _, f := range []tar.Header{{Name: h[0], Size: int64(len(h[1]))}, {Name: "e/a=1~000001/s1/a1/out.log", Size: 1 << 60}} {
		if err := w.WriteHeader(&f); err != nil {
			t.Fatal(err)
		}
		if f.Name == h[0] {
			if _, err := w.Write([]byte(h[1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Flush(), z.Close()); err == nil {
		t.Fatal("the file of 1 EiB is whole")
	}
	s := &store.Store{Dir: t.TempDir()}
	if _, err := s.ReadBundle(t.Context(), &out); err == nil || !strings.Contains(err.Error(), "MB free of") {
		t.Errorf("error %v", err)
	}
	if left := tree(t, s.Dir); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

// A run may have been moved to another disk, with a link in its place.
func TestBundleOfLinkedRun(t *testing.T) {
	t.Parallel()
	s := told(t)
	dir, away := s.RunDir("e/a=1~000001/s1"), filepath.Join(t.TempDir(), "away")
	if err := errors.Join(os.Rename(dir, away), os.Symlink(away, dir)); err != nil {
		t.Fatal(err)
	}
	to := &store.Store{Dir: t.TempDir()}
	in, err := to.ReadBundle(t.Context(), bytes.NewReader(bundleOf(t, s)))
	if err != nil || len(in.New) != 2 || in.Runs != 2 {
		t.Errorf("%+v, %v: want two runs", in, err)
	}
}

// What comes into a store that a group shares is the group's.
func TestBundleIntoSharedStore(t *testing.T) {
	t.Parallel()
	s := &store.Store{Dir: filepath.Join(t.TempDir(), "ours")}
	if err := errors.Join(os.Mkdir(s.Dir, 0o777), os.Chmod(s.Dir, fs.ModeSetgid|0o770)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadBundle(t.Context(), bytes.NewReader(bundleOf(t, told(t)))); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() && info.Mode()&(fs.ModeSetgid|0o070) != fs.ModeSetgid|0o070 || info.Mode()&0o060 != 0o060 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who is interrupted leaves the store as it was.
func TestInterruptedBundle(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &store.Store{Dir: t.TempDir()}
	if _, err := s.ReadBundle(ctx, bytes.NewReader(bundleOf(t, told(t)))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left := tree(t, s.Dir); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

// What a killed import left may go a day later.
func TestRoomOfKilledImport(t *testing.T) {
	t.Parallel()
	s := told(t)
	old, fresh := filepath.Join(s.Dir, ".import-17"), filepath.Join(s.Dir, ".import-18")
	for _, dir := range []string{old, fresh, filepath.Join(s.Dir, ".stages")} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "e"), 0o777), os.WriteFile(filepath.Join(dir, "e", "plan.json"), []byte("{}"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := errors.Join(os.Chtimes(old, yesterday, yesterday), os.Chtimes(filepath.Join(s.Dir, ".stages"), yesterday, yesterday)); err != nil {
		t.Fatal(err)
	}
	rooms, err := s.Rooms(nil, func(experiments.Run) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if r.Rule != store.RoomTemporary {
			continue
		}
		if freed, err := s.Clear(r); err != nil || freed == 0 {
			t.Errorf("freed %d, %v", freed, err)
		}
	}
	_, gone := os.Stat(old)
	_, there := os.Stat(fresh)
	if !errors.Is(gone, fs.ErrNotExist) || there != nil {
		t.Errorf("the old one: %v, the fresh one: %v", gone, there)
	}
}
