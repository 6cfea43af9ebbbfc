package runner

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ablate/experiments/store"
)

// syncEvery is the time between two looks at what is to be made durable. With the
// time of one sync that is within the 5 s that a power cut may take.
const syncEvery = 4 * time.Second

// syncer makes what is appended to the files of an attempt survive a power cut,
// whoever its trainer is. A sync in this process is not waited for by the trainer.
type syncer struct {
	dir  string
	sync func(path string) error // of a file or folder
	done map[string]int64        // sizes that are durable
}

// lookAfter watches the attempt and keeps its files durable until ctx ends.
func (r *Runner) lookAfter(ctx context.Context, watch func(context.Context)) {
	var both sync.WaitGroup
	both.Go(func() { watch(ctx) })
	both.Go(func() {
		s := syncer{dir: r.Dir, sync: store.SyncDir}
		s.keep(ctx)
	})
	both.Wait()
}

// keep syncs what grew until ctx ends. What the trainer wrote last is durable when
// it returns, before exit.json says that this was all; the end of events.jsonl
// says less than that record.
func (s *syncer) keep(ctx context.Context) {
	trainers := []string{"metrics.jsonl", "samples.jsonl", "out.log"}
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.files(trainers)
			return
		case <-tick.C:
			s.files(append(trainers, "events.jsonl", "gpu.jsonl"))
		}
	}
}

// files syncs those that grew since they were synced last. One that fails is tried
// again at the next look.
func (s *syncer) files(names []string) {
	if s.done == nil {
		s.done = map[string]int64{}
	}
	made := false
	for _, name := range names {
		path := filepath.Join(s.dir, name)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() == s.done[name] {
			continue
		}
		_, known := s.done[name]
		if s.sync(path) == nil {
			made = made || !known
			s.done[name] = info.Size()
		}
	}
	if made {
		_ = s.sync(s.dir) // the names; checkpoints and records sync them too
	}
}
