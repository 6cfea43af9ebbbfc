package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ablate/experiments/store"
)

// The seconds to a retry are counted down though no file changes.
func TestRetryIsCountedDown(t *testing.T) {
	t.Parallel()
	s, _, dir := newRun(t)
	synctest.Test(t, func(t *testing.T) {
		put(t, filepath.Join(store.AttemptDir(dir, 1), "exit.json"), store.Exit{Code: 3})
		add(t, filepath.Join(dir, "asked.jsonl"), `{"verb":"run","attempt":1}`+"\n"+
			fmt.Sprintf(`{"verb":"retry","attempt":2,"text":"failed","retry":1,"of":3,"due":%f}`, store.Now()+20)+"\n")
		age(t, s.Dir, time.Now().Add(-time.Hour))
		feed := store.NewStillFeed(s, store.Focus{Experiment: "e"})
		for _, want := range []string{"retry 1 of 3 in 20 s: failed", "retry 1 of 3 in 13 s: failed", "retry 1 of 3 in 6 s: failed", "retry 1 of 3: failed"} {
			u, news := feed.Read()
			if len(u.Records) != 1 || u.Records[0].Status != store.Queued || u.Records[0].Reason != want || !news {
				t.Errorf("records are %+v, want one that is queued: %s", u.Records, want)
			}
			time.Sleep(7 * time.Second)
		}
	})
}
