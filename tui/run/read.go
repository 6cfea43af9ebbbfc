package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// facts are what the small files of a run say. Nothing in them is changed once
// they are made.
type facts struct {
	record   store.Record
	asked    []store.Asked
	attempts []attempt
	lives    []store.Life  // when these lived
	events   []store.Event // of the newest attempt, its beats left out
	env      environment
	start    store.Start
	exit     *store.Exit
	latest   store.Values // newest values of all metrics, as far as they are known
	outline  bool         // these are all there are
	tail     []string     // the last lines of the log, where it ended badly
	cause    string       // of that, in words
	advice   string
	places   [][2]string  // where its files are
	state    *store.State // marks, at the first look
	written  int64        // bytes of the log of the newest attempt
	sampled  int64        // of its programs
	measured int64        // and of its points; what did not grow is not read again
	now      float64
	err      error
}

// attempt is how one attempt went.
type attempt struct {
	n            int
	began, ended float64
	alive        bool
	exit         *store.Exit
}

// environment is env.json.
type environment struct {
	Build      string   `json:"build"`
	Version    string   `json:"version"`
	Go         string   `json:"go"`
	OS         string   `json:"os"`
	Arch       string   `json:"arch"`
	Host       string   `json:"host"`
	CPUs       int      `json:"cpus"`
	CPUModel   string   `json:"cpu_model"`
	Memory     float64  `json:"memory_bytes"`
	Kernel     string   `json:"kernel"`
	GPUs       []any    `json:"gpus"`
	Commit     string   `json:"git_commit"`
	Diff       string   `json:"git_diff"`
	Workdir    string   `json:"workdir"`
	Arithmetic string   `json:"arithmetic"`
	Command    []string `json:"command"`
	Generated  string   `json:"generated"`
}

// reader reads the files of one run. Only Cmds use it, one at a time.
type reader struct {
	store  *store.Store
	ledger *store.Ledger // remembers the run's design
	id     string
	dir    string

	attempt int // that the following are of
	tail    store.Tail
	events  []store.Event
	env     environment
	start   store.Start
	known   bool         // env and start were read
	latest  store.Values // newest values of all metrics
	size    int64        // of the points that these are from
	seen    int64        // of which the whole lines end here
	outline bool
	caused  store.Status // as which the cause was looked for
	words   []string     // last lines of the log
	cause   string
	advice  string
	ended   []attempt // that have ended, and do not change
	marked  bool      // the marks were read
}

func newReader(s *store.Store, id string) *reader {
	r := &reader{store: s, id: id}
	if s != nil {
		r.dir, r.ledger = s.RunDir(id), store.OpenLedger(s)
	}
	return r
}

// look reads all of it that is small, and of what grows what was added.
func (r *reader) look() facts {
	f := facts{now: store.Now()}
	if r.store == nil {
		return f
	}
	if f.record, f.err = r.ledger.Record(r.id); f.err != nil {
		return f
	}
	if f.record.Attempt != r.attempt {
		r.attempt, r.known, r.events, r.latest, r.size, r.seen, r.caused = f.record.Attempt, false, nil, nil, -1, 0, ""
		r.tail = store.Tail{Run: r.dir, Path: r.file("events.jsonl")}
	}
	f.asked, _ = store.ReadAsked(r.dir) // Look has read it
	r.readMarks(&f)
	if r.attempt == 0 {
		return f
	}
	r.readNew(&f)
	f.attempts, f.lives = r.attempts(f.now)
	f.env, f.start, f.latest, f.outline, f.places = r.env, r.start, r.latest, r.outline, r.places()
	f.written, f.sampled, f.measured = r.length("out.log"), r.length("samples.jsonl"), r.size
	if _, bad := badly(f.record.Status); bad {
		r.findCause(f.record)
		f.tail, f.cause, f.advice = r.words, r.cause, r.advice
	}
	return f
}

// findCause looks once for why an attempt ended as it did.
func (r *reader) findCause(record store.Record) {
	if r.caused == record.Status {
		return
	}
	r.caused = record.Status
	r.words, _ = lastLines(r.dir, r.attempt) // without any the reason has to do
	r.cause, r.advice = explain(record.Reason, telling(r.words, logTail))
}

// readMarks reads them once: the feed brings what changes.
func (r *reader) readMarks(f *facts) {
	if r.marked {
		return
	}
	marks, err := store.ReadMarks(r.store)
	if r.marked = err == nil; r.marked {
		s := marks.Of(r.id)
		f.state = &s
	}
}

// places are where the files of the newest attempt are.
func (r *reader) places() [][2]string {
	place := func(name string) string { return store.RunFilePlace(r.dir, r.file(name)) }
	return [][2]string{
		{"log", place("out.log")}, {"points", place("metrics.jsonl")}, {"programs", place("samples.jsonl")}, {"events", place("events.jsonl")},
		{"model", place("checkpoint")},
	}
}

func (r *reader) file(name string) string { return fmt.Sprintf("a%d/%s", r.attempt, name) }

// length is how many bytes a file of the newest attempt has, 0 where it is not there.
func (r *reader) length(name string) int64 {
	f, err := store.OpenRunFile(r.dir, r.file(name))
	if err != nil {
		return 0
	}
	defer f.Close()
	n, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0
	}
	return n
}

// brief is the beginning of a text that nobody reads to its end.
func brief(text string) string {
	const most = 1000
	return look.Harmless(text[:min(len(text), most)])
}

// mostEvents is how many there are at least of many.
const mostEvents = 1000

// readNew reads on in the newest attempt.
func (r *reader) readNew(f *facts) {
	_, err := r.tail.Next(0, func(line []byte) {
		var e store.Event
		if json.Unmarshal(line, &e) == nil && e.Kind != "beat" {
			e.Kind, e.Text = brief(e.Kind), brief(e.Text)
			r.events = append(r.events, e)
		}
		if len(r.events) > 2*mostEvents {
			r.events = append([]store.Event(nil), r.events[mostEvents:]...)
		}
	})
	f.events = slices.Clip(r.events)
	if !r.known {
		r.env, r.start = environment{}, store.Start{}
		_ = store.ReadRunJSON(r.dir, r.attempt, "env.json", &r.env) // an old or a damaged one says nothing
		r.known = store.ReadRunJSON(r.dir, r.attempt, "start.json", &r.start) == nil
	}
	var exit store.Exit
	if store.ReadRunJSON(r.dir, r.attempt, "exit.json", &exit) == nil {
		f.exit = &exit
	}
	f.err = errors.Join(err, r.survey(f.record))
}

// attempts are how all attempts went; what has ended is read once.
func (r *reader) attempts(now float64) (all []attempt, lives []store.Life) {
	lives, err := store.Lives(r.dir, now)
	if err != nil {
		return slices.Clip(r.ended), nil
	}
	for _, l := range lives {
		if i := slices.IndexFunc(r.ended, func(a attempt) bool { return a.n == l.Attempt }); i >= 0 {
			all = append(all, r.ended[i])
			continue
		}
		a := attempt{n: l.Attempt, began: l.Began, ended: l.Ended, alive: l.Alive}
		var exit store.Exit
		if store.ReadRunJSON(r.dir, l.Attempt, "exit.json", &exit) == nil {
			a.exit = &exit
			r.ended = append(r.ended, a)
		}
		all = append(all, a)
	}
	return all, lives
}

// surveyBytes is how much of either end of the points is looked at for the
// metrics that there are, and longestPoint of what has no line as short as that.
const (
	surveyBytes  = 32 << 10
	longestPoint = 4 << 20
)

// survey finds the newest values of all metrics: in the record of the end, in the
// first and the last points of the newest attempt, or where these are packed in
// the outlines.
func (r *reader) survey(record store.Record) error {
	f, err := store.OpenRunFile(r.dir, r.file("metrics.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		if r.size == 0 {
			return nil
		}
		h, err := store.ReadHistory(r.dir)
		if err != nil {
			return err
		}
		r.latest, r.size, r.outline = merged(h.Latest(), record.Metrics), 0, true
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == r.size {
		return err
	}
	if r.latest == nil || size < r.seen {
		r.latest, r.seen = store.Values{}, 0
		for n := int64(surveyBytes); err == nil && len(r.latest) == 0 && n <= 4*longestPoint; n *= 8 {
			_, err = surveyPart(f, 0, min(size, n), 0, r.latest)
		}
	}
	latest := merged(r.latest)
	seen, e := surveyPart(f, max(r.seen, size-surveyBytes), size, r.seen, latest)
	r.latest, r.size, r.seen, r.outline = merged(latest, record.Metrics), size, max(seen, r.seen), false
	return errors.Join(err, e)
}

// surveyPart takes in the points of a part of a file, and of more before it down to a
// place where it has none. It returns where the last whole line ends.
func surveyPart(f io.ReadSeeker, from, to, least int64, into store.Values) (end int64, err error) {
	for n := to - from; ; n *= 8 {
		from = max(least, to-n)
		if _, err := f.Seek(from, io.SeekStart); err != nil {
			return 0, err
		}
		b, err := io.ReadAll(io.LimitReader(f, to-from))
		if err != nil {
			return 0, err
		}
		end = from + int64(bytes.LastIndexByte(b, '\n')+1)
		found := 0
		for line := range bytes.Lines(b) {
			var p store.Point
			if json.Unmarshal(line, &p) == nil {
				maps.Copy(into, p.M)
				found++
			}
		}
		if found > 0 || from == least || n >= longestPoint {
			return end, nil
		}
	}
}

// merged is a new map of values; later ones count.
func merged(all ...store.Values) store.Values {
	m := store.Values{}
	for _, v := range all {
		maps.Copy(m, v)
	}
	return m
}
