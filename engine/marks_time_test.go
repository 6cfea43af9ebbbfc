package engine

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

// marks.jsonl has who and when, a key counts once, also for the next engine, and
// what is not in the store is refused before anything is written.
func TestMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		e, leave := h.engine()
		h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 2, 1)})
		synctest.Wait()
		star := Request{Verb: "mark", Key: "2", By: "ann@h", Runs: []string{"e/c0/s1", "e/c1"}, Mark: &store.Mark{Kind: store.Starred, By: "mallory", On: "x"}}
		for range 2 {
			if r := h.ask(e, star); r.Marked != 2 {
				t.Errorf("reply is %+v, want 2 marked", r)
			}
		}
		leave()
		e, _ = h.engine()
		synctest.Wait()
		if r := h.ask(e, star); r.Marked != 2 {
			t.Errorf("the next engine replies %+v, want 2 marked", r)
		}
		now := float64(time.Now().Unix())
		want := []store.Mark{{Time: now, By: "ann@h", On: "e/c0/s1", Kind: "star", Key: "2"}, {Time: now, By: "ann@h", On: "e/c1", Kind: "star", Key: "2"}}
		var got []store.Mark
		for line := range strings.Lines(string(read(t, h.store.MarksFile()))) {
			got = append(got, decode[store.Mark](t, line))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("marks.jsonl (-want +got):\n%s", diff)
		}
		for name, r := range map[string]Request{
			"no such experiment":    {Verb: "mark", Runs: []string{"e/c0/s1", "e/c7"}, Mark: &store.Mark{Kind: store.Starred}},
			"no mark \"shine\"":     {Verb: "mark", Runs: []string{"e"}, Mark: &store.Mark{Kind: "shine"}},
			"needs a text":          {Verb: "mark", Runs: []string{"e"}, Mark: &store.Mark{Kind: store.Distrusted}},
			"does not say":          {Verb: "mark", Runs: []string{"e"}},
			"what to mark":          {Verb: "mark", Mark: &store.Mark{Kind: store.Starred}},
			"no such experiment, c": {Verb: "mark", Runs: []string{"../e"}, Mark: &store.Mark{Kind: store.Starred}},
		} {
			if reply := e.put(r); !strings.Contains(reply.Error, name) {
				t.Errorf("reply to %+v is %q, want %q", r, reply.Error, name)
			}
		}
		if n := strings.Count(string(read(t, h.store.MarksFile())), "\n"); n != 2 {
			t.Errorf("marks.jsonl has %d lines after requests that were refused, want 2", n)
		}
	})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode[T any](t *testing.T, line string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
