package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// disk is what survives a power cut: the sizes of files at their last sync.
type disk struct {
	mu    sync.Mutex
	sizes map[string]int64
	syncs int
	fails bool
}

func (d *disk) sync(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.syncs++
	info, err := os.Stat(path)
	if d.fails {
		err = errors.New("the disk does not answer")
	}
	if err == nil {
		d.sizes[filepath.Base(path)] = info.Size()
	}
	return err
}

func (d *disk) size(name string) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sizes[name]
}

func (d *disk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

func (d *disk) fail(fails bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails = fails
}

// Whatever a trainer and its runner wrote is durable at most 5 s later, and what
// does not grow is not synced again.
func TestPowerCutTakesFiveSeconds(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) int64 {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteString("{}\n")
		info, failed := f.Stat()
		if err := errors.Join(err, failed, f.Close()); err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	synctest.Test(t, func(t *testing.T) {
		d := &disk{sizes: map[string]int64{}}
		s := syncer{dir: dir, sync: d.sync}
		ctx, cancel := context.WithCancel(t.Context())
		kept := make(chan struct{})
		go func() {
			defer close(kept)
			s.keep(ctx)
		}()
		for _, pause := range []time.Duration{0, time.Second, 3999 * time.Millisecond, 4 * time.Second, 30 * time.Second, 7 * time.Second} {
			time.Sleep(pause)
			for _, name := range []string{"metrics.jsonl", "samples.jsonl", "out.log", "events.jsonl", "gpu.jsonl"} {
				size := write(name)
				go func() {
					time.Sleep(5 * time.Second)
					if got := d.size(name); got < size {
						t.Errorf("%s: %d bytes are durable after 5 s, want %d", name, got, size)
					}
				}()
			}
		}
		time.Sleep(10 * time.Second)
		if d.size(filepath.Base(dir)) == 0 {
			t.Error("the names of the files are not durable")
		}
		before := d.count()
		time.Sleep(time.Hour)
		if n := d.count() - before; n != 0 {
			t.Errorf("%d syncs of files that did not grow", n)
		}
		d.fail(true)
		size := write("metrics.jsonl")
		time.Sleep(10 * time.Second)
		d.fail(false)
		time.Sleep(syncEvery)
		if got := d.size("metrics.jsonl"); got != size {
			t.Errorf("%d bytes are durable once the disk answers again, want %d", got, size)
		}
		size = write("metrics.jsonl") // the last words of a trainer that ends now
		cancel()
		<-kept
		if got := d.size("metrics.jsonl"); got != size {
			t.Errorf("%d bytes are durable at the end, want %d", got, size)
		}
	})
}
