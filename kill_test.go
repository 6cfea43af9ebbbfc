package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ablate/experiments/store"
)

var (
	kills    = flag.Int("kills", 12, "how often TestKills kills something")
	killSeed = flag.Uint64("seed", 0, "what TestKills draws its moments from, 0: something new")
)

const (
	killSteps = 600 // of a run: a second or two
	killEvery = 10  // steps between checkpoints
	// backWithin bounds the time from a kill to work, on a machine that does other
	// things at the same time; what it took is told.
	backWithin = 30 * time.Second
)

var killFile = fmt.Sprintf(`schema = 1
project = "test"
[experiment.kills]
recipe = "sft"
equal = "rows"
axes = { lr = [1e-3, 3e-3, 1e-2] }
[experiment.kills.params]
tasks = 16
steps = %d
checkpoint_every = %d
batch = 4
dim = 8
layers = 1
heads = 2
vocab = 128
context = 512
eval_every = 300
eval_tasks = 16
`, killSteps, killEvery)

// Whatever is killed at whatever moment, no run is lost and none is run twice:
// every one ends with the bits of a store in which nothing was killed.
//
// A trainer that somebody kills is a run that failed, which waits until it is
// asked for again, so the test asks as a user does. Whoever waits for runs is
// killed too, and starts again.
func TestKills(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64N(1e9)
	}
	t.Logf("again with: go test . -run 'TestKills$' -kills %d -seed %d", *kills, seed)
	k := newKilling(seeded{t, seed}, seed)
	for n := range *kills {
		k.kill([]string{"engine", "runner", "train", "run"}[n%4])
	}
	k.finish()
	k.ablate("engine", "stop")
	quiet := newHome(seeded{t, seed}, killFile)
	quiet.ablate("run", "kills", "--wait", "--seeds", strconv.Itoa(k.seeds))
	again := 0
	for _, want := range quiet.settles("kills") {
		again += k.compare(want)
	}
	if most := *kills * killEvery; again > most {
		k.Errorf("%d steps were done again after %d kills, want at most %d", again, *kills, most)
	}
	t.Logf("seed %d: %d runs, %d attempts, killed %v, worst time back at work %v, %d steps of %d done again",
		seed, len(k.records("kills")), k.attempts, k.hits, k.worst, again, killSteps*len(k.records("kills")))
}

// seeded tells the seed with every failure.
type seeded struct {
	testing.TB
	seed uint64
}

func (s seeded) Errorf(format string, args ...any) {
	s.Helper()
	s.TB.Errorf("seed %d: "+format, append([]any{s.seed}, args...)...)
}

func (s seeded) Fatalf(format string, args ...any) {
	s.Helper()
	s.TB.Fatalf("seed %d: "+format, append([]any{s.seed}, args...)...)
}

// killing is a store in which things are killed.
type killing struct {
	home
	rand     *rand.Rand
	seeds    int                      // that were asked for
	watching chan struct{}            // closed when whoever waits has ended
	screen   *screen                  // on which that is the interface, nil: it is `run --wait`
	orphaned time.Time                // since when there is no engine, zero: there is one
	worst    map[string]time.Duration // until there was work again, by what was killed
	hits     map[string]int
	attempts int
}

func newKilling(t testing.TB, seed uint64) *killing {
	t.Helper()
	k := &killing{home: newHome(t, killFile), rand: rand.New(rand.NewPCG(seed, 1)), seeds: 1,
		watching: make(chan struct{}), worst: map[string]time.Duration{}, hits: map[string]int{}}
	close(k.watching)
	k.tend(true)
	return k
}

// kill ends one process of a role at a random moment, and waits until there is
// work again. An engine may stay away beyond that, until somebody needs it: what
// else is killed then dies without one.
func (k *killing) kill(role string) {
	k.Helper()
	longest := []int{5, 100, 700}[k.rand.IntN(3)]
	answered := func() {}
	if role == "engine" && k.rand.IntN(4) == 0 {
		longest, answered = 30, k.askMore()
	}
	<-time.After(time.Duration(k.rand.IntN(longest*1000)) * time.Microsecond)
	k.eventually("there is a "+role+" to kill", func() bool {
		pids := processes(k.dir, role)
		if len(pids) > 0 && syscall.Kill(pids[k.rand.IntN(len(pids))], syscall.SIGKILL) == nil {
			return true
		}
		k.tend(true)
		return false
	})
	began, points := time.Now(), k.points()
	if role == "run" && k.screen != nil {
		role = "interface"
	}
	k.hits[role]++
	if role == "engine" {
		k.orphaned = began
	}
	answered()
	alone := k.rand.IntN(3) == 0 // nobody but the interface needs the next engine
	k.eventually("there is work after the kill of "+role, func() bool {
		if alone = alone && k.watched(); alone && !k.serving() {
			return false
		}
		k.tend(true)
		return k.points() > points
	})
	k.took(role, time.Since(began))
}

// askMore asks for more seeds, and returns what waits for the answer: it comes also
// if the engine is killed over it, since the client asks the next one.
func (k *killing) askMore() (answered func()) {
	k.Helper()
	k.seeds++
	var said bytes.Buffer
	cmd := k.command("run", "kills", "--detach", "--seeds", strconv.Itoa(k.seeds))
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	return func() {
		k.Helper()
		if err := cmd.Wait(); err != nil {
			k.Errorf("the wish for more seeds came to nothing when the engine was killed: %v: %s", err, said.String())
		}
	}
}

func (k *killing) took(what string, d time.Duration) {
	k.Helper()
	k.worst[what] = max(k.worst[what], d.Round(time.Millisecond))
	if d > backWithin {
		k.Errorf("%v from the kill of %s to work, want less than %v", d, what, backWithin)
	}
}

// serving reports whether there is an engine, and measures how long there was none.
func (k *killing) serving() bool {
	if !store.Locked(filepath.Join(k.store.EngineDir(), "lock")) {
		return false
	}
	if !k.orphaned.IsZero() {
		k.took("engine's return", time.Since(k.orphaned))
		k.orphaned = time.Time{}
	}
	return true
}

// tend does what a user does: keeps an interface open, asks again for what ended
// before it was done, and, while there are kills to come, for more seeds when the
// work runs out.
func (k *killing) tend(more bool) {
	k.Helper()
	k.serving()
	var again []string
	open := 0
	for _, r := range k.records("kills") {
		if r.Status != store.Done {
			open++
		}
		if r.Status != store.Done && !r.Status.Live() {
			again = append(again, r.ID)
		}
	}
	if len(again) > 0 {
		k.ablate(append([]string{"retry"}, again...)...)
	}
	if more && open < 3 {
		k.seeds++
		k.ablate("run", "kills", "--detach", "--seeds", strconv.Itoa(k.seeds))
	}
	if !k.watched() {
		k.watch()
	}
}

// watched reports whether there is an interface.
func (k *killing) watched() bool {
	select {
	case <-k.watching:
		return false
	default:
		return true
	}
}

// watch opens the interface, or waits without one.
func (k *killing) watch() {
	k.Helper()
	if k.screen = nil; k.rand.IntN(2) == 0 {
		k.screen = k.onScreen("run", "kills", "--seeds", strconv.Itoa(k.seeds))
		k.watching = k.screen.ended
		return
	}
	cmd := k.command("run", "kills", "--wait", "--seeds", strconv.Itoa(k.seeds))
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	ended := make(chan struct{})
	k.watching = ended
	go func() {
		_ = cmd.Wait() // it is killed, or says what the store says
		close(ended)
	}()
}

// points is how much the trainers have written.
func (k *killing) points() (bytes int64) {
	for _, path := range pointFiles(k.store.Dir, "*", "*", "*") {
		if info, err := os.Stat(path); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// pointFiles are those of all attempts of runs.
func pointFiles(path ...string) []string {
	files, _ := filepath.Glob(filepath.Join(append(path, "a[0-9]*", "metrics.jsonl")...)) // only a bad pattern is an error
	return files
}

// finish lets everything end.
func (k *killing) finish() {
	k.Helper()
	k.eventually("every run is done", func() bool {
		k.tend(false)
		for _, r := range k.records("kills") {
			if r.Status != store.Done {
				return false
			}
		}
		return true
	})
	k.eventually("the interface ends", func() bool { return k.screen == nil && !k.watched() || k.screen != nil && k.screen.quits() })
	k.ablate("run", "kills", "--wait", "--seeds", strconv.Itoa(k.seeds)) // it would fail if one were not done
}
