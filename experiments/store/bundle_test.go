package store_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"ablate/experiments"
	"ablate/experiments/store"
)

// told makes a store with an experiment of two runs that are done, one with a
// checkpoint and something that its trainer left, and one that waits.
func told(t *testing.T) *store.Store {
	t.Helper()
	s := &store.Store{Dir: t.TempDir()}
	cells := []experiments.Cell{{Name: "a=1~000001", Axes: []experiments.Setting{{Name: "a", Value: int64(1)}}}}
	p := &experiments.Plan{Experiment: "e", Recipe: "command", Axes: []string{"a"}, Cells: cells, Seeds: []int64{1, 2, 3}, Hash: "0123456789ab"}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Runs() {
		dir := s.RunDir(r.ID)
		put := func(name string, v any) {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := store.WriteJSON(filepath.Join(dir, name), v); err != nil {
				t.Fatal(err)
			}
		}
		put("run.json", r)
		put("asked.jsonl", store.Asked{Verb: "run", Attempt: 1})
		if r.Seed == 3 {
			continue
		}
		put("a1/start.json", store.Start{})
		put("a1/metrics.jsonl", map[string]any{"step": 1, "m": map[string]float64{"eval/pass@1": 0.5}})
		put("a1/items/current@1.jsonl", store.Item{ID: "t", N: 1, C: int(r.Seed) % 2})
		put("a1/checkpoint/weights", "heavy")
		put("a1/model.safetensors", "heavy")
		put("a1/exit.json", store.Exit{Outcome: store.Outcome{Metrics: store.Values{"eval/pass@1": 0.5}, WeightsSHA256: "abc"}})
	}
	mark := `{"time":1,"by":"ada","on":"e","kind":"note","text":"good"}` + "\n" + `{"time":2,"by":"ada","on":"other","kind":"star"}` + "\n"
	if err := os.WriteFile(s.MarksFile(), []byte(mark), 0o666); err != nil {
		t.Fatal(err)
	}
	return s
}

func bundleOf(t *testing.T, s *store.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.WriteBundle(&b, []string{"e"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree is what a store holds, by name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBundle(t *testing.T) {
	t.Parallel()
	from := told(t)
	b := bundleOf(t, from)
	to := &store.Store{Dir: filepath.Join(t.TempDir(), "new")}
	in, err := to.ReadBundle(t.Context(), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"e/a=1~000001/s1", "e/a=1~000001/s2"}, in.New); diff != "" {
		t.Errorf("taken in (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"e/a=1~000001/s3"}, in.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	want := tree(t, from.Dir)
	for name := range want {
		if strings.Contains(name, "/s3/") || strings.Contains(name, "weights") || strings.Contains(name, "safetensors") {
			delete(want, name)
		}
	}
	want["marks.jsonl"] = strings.SplitAfter(want["marks.jsonl"], "\n")[0]
	got := tree(t, to.Dir)
	for name := range got {
		if strings.HasSuffix(name, "/imported.json") {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the store (-want +got):\n%s", diff)
	}
	records, err := to.Records("e")
	if err != nil || len(records) != 2 || records[0].Status != store.Done || !store.Imported(records[0].Dir) {
		t.Errorf("records %+v, %v", records, err)
	}

	before := tree(t, to.Dir)
	in, err = to.ReadBundle(t.Context(), bytes.NewReader(b))
	if err != nil || len(in.New) != 0 || len(in.Already) != 2 {
		t.Errorf("a second time: %+v, %v", in, err)
	}
	if diff := cmp.Diff(before, tree(t, to.Dir)); diff != "" {
		t.Errorf("a second time changes:\n%s", diff)
	}
}

// What does not go well with a store changes nothing there.
func TestBundleThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, s *store.Store)
		want   string
	}{
		"other results": {func(t *testing.T, s *store.Store) {
			if err := store.WriteJSON(filepath.Join(s.RunDir("e/a=1~000001/s2"), "a1/exit.json"), store.Exit{Code: 1}); err != nil {
				t.Fatal(err)
			}
		}, "e/a=1~000001/s2 has other results here; take it into a store of its own: --store DIR"},
		"another design": {func(t *testing.T, s *store.Store) {
			p, err := s.ReadPlan("e")
			if err != nil {
				t.Fatal(err)
			}
			p.Hash = "ffffffffffff"
			if err := s.WritePlan(p); err != nil {
				t.Fatal(err)
			}
		}, "e has another design here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, s := bundleOf(t, told(t)), told(t)
			c.change(t, s)
			before := tree(t, s.Dir)
			if _, err := s.ReadBundle(t.Context(), bytes.NewReader(b)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if diff := cmp.Diff(before, tree(t, s.Dir)); diff != "" {
				t.Errorf("the store changed:\n%s", diff)
			}
		})
	}
}

// altered is a bundle whose files went through a function: "" leaves one out.
func altered(t *testing.T, b []byte, change func(h *tar.Header, text string) string) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	to, from := tar.NewWriter(w), tar.NewReader(z)
	for {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(h, string(text))
		if changed == "" && len(text) > 0 {
			continue
		}
		if h.Size = int64(len(changed)); h.Typeflag != tar.TypeReg {
			h.Size, changed = 0, ""
		}
		if err := to.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, changed); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(to.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Nothing of a bundle that is damaged, or made to do harm, gets anywhere.
func TestDamagedBundle(t *testing.T) {
	t.Parallel()
	whole := bundleOf(t, told(t))
	rename := func(to string) func(h *tar.Header, text string) string {
		return func(h *tar.Header, text string) string {
			if strings.HasSuffix(h.Name, "s1/run.json") {
				h.Name = to
			}
			return text
		}
	}
	same := func(_ *tar.Header, text string) string { return text }
	for name, c := range map[string]struct {
		bundle []byte
		want   string
	}{
		"cut":          {whole[:len(whole)-40], ""},
		"empty":        {nil, "cut short"},
		"no archive":   {[]byte("hello, this is a text and no bundle at all"), ""},
		"no head":      {altered(t, whole, func(h *tar.Header, text string) string { return strings.Repeat(text, btoi(h.Name != "bundle.json")) }), "no bundle of ablate"},
		"no sums":      {altered(t, whole, func(h *tar.Header, text string) string { return strings.Repeat(text, btoi(h.Name != "SHA256SUMS")) }), "cut short"},
		"other bytes":  {altered(t, whole, func(_ *tar.Header, text string) string { return strings.Replace(text, `"code":0`, `"code":1`, 1) }), "is damaged"},
		"newer":        {altered(t, whole, func(_ *tar.Header, text string) string { return strings.Replace(text, `"version":1`, `"version":9`, 1) }), "newer"},
		"up and out":   {altered(t, whole, rename("../../evil.json")), "belongs into no bundle"},
		"absolute":     {altered(t, whole, rename("/tmp/evil.json")), "belongs into no bundle"},
		"a program":    {altered(t, whole, rename("e/a=1~000001/s1/a1/run.sh")), "belongs into no bundle"},
		"the engine's": {altered(t, whole, rename("engine/plan.json")), "belongs into no bundle"},
		"a link": {altered(t, whole, func(h *tar.Header, text string) string {
			if strings.HasSuffix(h.Name, "s1/run.json") {
				h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd"
			}
			return text
		}), "belongs into no bundle"},
		"whole": {altered(t, whole, same), "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store.Store{Dir: t.TempDir()}
			_, err := s.ReadBundle(t.Context(), bytes.NewReader(c.bundle))
			if c.want == "-" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if left := tree(t, s.Dir); len(left) > 0 {
				t.Errorf("it left %v", slices.Sorted(maps.Keys(left)))
			}
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
