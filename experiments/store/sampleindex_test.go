package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestSampleIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a1", "samples.jsonl")
	x := store.NewSampleIndex(dir, 1)
	read := func(limit int64) {
		t.Helper()
		for more := true; more; {
			var err error
			if more, err = x.Next(limit); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(0)
	if x.Len() != 0 {
		t.Errorf("no file has %d samples", x.Len())
	}
	add(t, path, `{"step":0,"task":"a","program":"一\n2","verdict":"AC"}`+"\nx\n\n"+`{"step":0,"task":"b","verdict":"WA"}`+"\r\n"+
		`{"step":5,"task":"c","verdict":"AC","reward":-2}`+"\n"+`{"step":5,"task":"d"`)
	read(1)
	add(t, path, `,"verdict":"CE"}`+"\n\x00\x00"+`{"step":5,"task":"e","verdict":"WA"}`+"\n"+strings.Repeat("y", store.MaxLine)+"\n"+`{"step":9,"task":"`+strings.Repeat("f", 1<<20)+`"}`+"\n")
	read(1)
	var got []string
	for i := range x.Len() {
		s, err := x.At(i)
		if err != nil {
			t.Fatal(err)
		}
		m := x.Mark(i)
		if m.Step != s.Step || m.Verdict != s.Verdict || m.Rollout != (s.Reward != nil) {
			t.Errorf("%+v is remembered as %+v", s, m)
		}
		got = append(got, fmt.Sprint(m.Step, s.Task[:1], s.Verdict))
	}
	if diff := cmp.Diff([]string{"0aAC", "0bWA", "5cAC", "5dCE", "5eWA", "9f"}, got); diff != "" || x.Damaged != 2 {
		t.Errorf("%d damaged lines\n%s", x.Damaged, diff)
	}
	if s, err := x.At(0); err != nil || s.Program != "一\n2" {
		t.Errorf("the first program is %q, %v", s.Program, err)
	}
	for _, i := range []int{-1, 6} {
		if _, err := x.At(i); err == nil || !strings.Contains(err.Error(), "there are 6") {
			t.Errorf("sample %d: %v", i, err)
		}
	}
	writeFile(t, path, []byte(`{"step":1,"task":"z","verdict":"RE"}`+"\n")) // it began anew
	if _, err := x.At(4); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a sample that is gone: %v", err)
	}
	read(0)
	if x.Len() != 1 || x.Mark(0).Verdict != "RE" {
		t.Errorf("a file that began anew has %d samples", x.Len())
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := x.At(0); err == nil {
		t.Error("a sample of a file that is gone was read")
	}
}

func TestSampleIndexOfPacked(t *testing.T) {
	t.Parallel()
	s := endedRun(t)
	dir := s.RunDir(runID)
	before, after := store.NewSampleIndex(dir, 1), store.NewSampleIndex(dir, 1)
	if _, err := before.Next(0); err != nil {
		t.Fatal(err)
	}
	if err := store.Pack(dir); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*store.SampleIndex{before, after} {
		if _, err := x.Next(0); err != nil || x.Len() != 50 {
			t.Fatal(x.Len(), err)
		}
		if s, err := x.At(33); err != nil || s.Task != "t33" || s.Program != "def f(a):\n return 1" {
			t.Errorf("sample 33 is %+v, %v", s, err)
		}
	}
}

// What calls a text of its own a verdict takes no memory for it.
func TestSampleIndexManyVerdicts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, `{"step":1,"verdict":"v%d"}`+"\n", i)
	}
	add(t, filepath.Join(dir, "a1", "samples.jsonl"), text.String())
	x := store.NewSampleIndex(dir, 1)
	if _, err := x.Next(0); err != nil || x.Len() != 1000 {
		t.Fatal(x.Len(), err)
	}
	if first, last := x.Mark(0).Verdict, x.Mark(999).Verdict; first != "v0" || last != "" {
		t.Errorf("remembered are %q and %q", first, last)
	}
	if s, err := x.At(999); err != nil || s.Verdict != "v999" {
		t.Errorf("the last one is %+v, %v", s, err)
	}
}
