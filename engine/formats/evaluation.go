// Package formats reads what other programs write: results of evaluations, one reader
// a file. What a file is, its content says, and never its name.
//
// All readers go over a scanner that keeps no more of a file than what is asked for,
// so that files and lines of any length take little memory: results hold every
// program that a model wrote.
package formats

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"ablate/experiments/store"
)

// reader reads one format.
type reader struct {
	format string
	array  bool     // the file is one array, else an object or one a line
	keys   []string // that the first object has in this format and in no other
	read   func(*scanner, *results) error
}

// readers are those of all formats, the likeliest first.
func readers() []reader {
	return []reader{
		{"livecodebench", true, []string{"question_id", "graded_list"}, readLiveCodeBench},
		{"livecodebench places", true, []string{"detail"}, readPlaces},
		{"evalplus", false, []string{"eval"}, readEvalplus},
		{"humaneval", false, []string{"task_id", "passed"}, readHumanEval},
		{"lm-eval", false, []string{"doc_id", "doc_hash"}, readLMEval},
		{"items", false, []string{"id", "n", "c"}, readItems},
	}
}

// ReadEvaluation reads the results of single tasks in the file at path: what
// LiveCodeBench (*_eval_all.json, and *_eval.json, which names no tasks), evalplus,
// HumanEval (*_results.jsonl) or lm-eval (samples_*.jsonl) wrote, or items as a run
// folder has them. Tasks come in the order of the file. A file that is not whole is
// an error; what was left out of a whole one is among the warnings.
func ReadEvaluation(path string) (store.Evaluation, error) {
	e, err := readFile(path)
	if err != nil {
		return e, fmt.Errorf("read evaluation %s: %w", path, err)
	}
	return e, nil
}

func readFile(path string) (store.Evaluation, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not hold its reader up
	if err != nil {
		var why *os.PathError
		if errors.As(err, &why) {
			err = why.Err
		}
		return store.Evaluation{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return store.Evaluation{}, errors.New("it is a folder or a device, want a file")
	}
	return read(f)
}

// read finds out what a file is from its first object, and reads it from the start.
func read(f io.ReadSeeker) (store.Evaluation, error) {
	start, err := textBegins(f)
	if err != nil {
		return store.Evaluation{}, err
	}
	r, err := sniff(newScanner(f, start))
	if err != nil {
		return store.Evaluation{}, err
	}
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return store.Evaluation{}, err
	}
	s, out := newScanner(f, start), &results{}
	err = r.read(s, out)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return store.Evaluation{}, fmt.Errorf("%s: %w", r.format, err)
	}
	e, err := out.evaluation(r.format)
	if err != nil {
		return store.Evaluation{}, fmt.Errorf("%s: %w", r.format, err)
	}
	return e, nil
}

// textBegins is where the text of a file does: behind a byte order mark. What is no
// text is told by how it begins.
func textBegins(f io.ReadSeeker) (int64, error) {
	head := make([]byte, 4)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	head = head[:n]
	for magic, what := range map[string]string{
		"\x1f\x8b": "compressed (gzip): gunzip it first", "\x28\xb5\x2f\xfd": "compressed (zstd): unzstd it first; `ablate import` takes bundles as they are",
		"\xff\xfe": "text in UTF-16, want UTF-8", "\xfe\xff": "text in UTF-16, want UTF-8", "PK\x03\x04": "a zip archive: unpack it first",
	} {
		if strings.HasPrefix(string(head), magic) {
			return 0, fmt.Errorf("it is %s", what)
		}
	}
	start := int64(0)
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	_, err = f.Seek(start, io.SeekStart)
	return start, err
}

// sniff finds the reader whose keys the first object of a file has. It stops at the
// key that decides.
func sniff(s *scanner) (reader, error) {
	first, err := s.peek()
	if err != nil {
		return reader{}, err
	}
	switch first {
	case 0:
		return reader{}, errors.New("it is empty")
	case '{', '[':
	default:
		return reader{}, errUnknown
	}
	array := first == '['
	seen, found, empty := map[string]bool{}, reader{}, true
	object := func() error {
		return s.object(func(key string) error {
			seen[key] = true
			for _, r := range readers() {
				if r.array == array && r.has(seen) {
					found = r
					return errFound
				}
			}
			return s.skip()
		})
	}
	if array {
		err = s.array(func(int) error {
			empty = false
			if c, err := s.peek(); err != nil || c != '{' {
				return cmp.Or(err, errFound)
			}
			return cmp.Or(object(), errFound)
		})
	} else {
		err = object()
	}
	switch {
	case found.read != nil:
		return found, nil
	case err != nil && !errors.Is(err, errFound):
		return found, err
	case array && empty:
		return found, errors.New("it has no tasks: an empty array")
	}
	return found, errUnknown
}

var errUnknown = errors.New("it is none of the results that are known: of LiveCodeBench (*_eval_all.json), evalplus, HumanEval (*_results.jsonl), " +
	`lm-eval (samples_*.jsonl), or items such as {"id":"t1","n":8,"c":3} a line`)

// errFound ends a scan of which no more is wanted.
var errFound = errors.New("found")

func (r reader) has(seen map[string]bool) bool {
	for _, key := range r.keys {
		if !seen[key] {
			return false
		}
	}
	return true
}
