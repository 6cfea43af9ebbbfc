package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const (
	// searchBytes is how much of a log one call of Search looks through, but for the
	// line that it is in.
	searchBytes = 4 << 20
	// searchedBytes is how much of the text of one line is looked through.
	searchedBytes = 1 << 20
)

// LogQuery is what is looked for in a log.
type LogQuery struct {
	plain string // in lower case, of ASCII; "" if only the expression tells
	re    *regexp.Regexp
}

// ParseLogQuery reads what a person types: a text, found in lower and upper case
// alike, or a regular expression between slashes.
func ParseLogQuery(text string) (*LogQuery, error) {
	expression, isRegexp := strings.CutPrefix(text, "/")
	if isRegexp {
		expression, isRegexp = strings.CutSuffix(expression, "/")
	}
	if text == "" || isRegexp && expression == "" {
		return nil, errors.New("search log: there is nothing to look for; write a text, or a /regular expression/")
	}
	q := &LogQuery{}
	if !isRegexp {
		expression = "(?i)" + regexp.QuoteMeta(text)
		if isASCII(text) {
			q.plain = strings.ToLower(text)
		}
	}
	var err error
	if q.re, err = regexp.Compile(expression); err != nil {
		return nil, fmt.Errorf("search log for %s: %w", text, err)
	}
	return q, nil
}

// Find returns where the first match is in the text of a line, in bytes; ok is false
// for none.
func (q *LogQuery) Find(text string) (from, to int, ok bool) {
	if q.plain != "" && isASCII(text) {
		from = strings.Index(strings.ToLower(text), q.plain)
		return max(from, 0), from + len(q.plain), from >= 0
	}
	at := q.re.FindStringIndex(text)
	if at == nil {
		return 0, 0, false
	}
	return at[0], at[1], true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Found is what a search came to.
type Found struct {
	Line *LogLine // nil: nothing as far as it looked
	Next int64    // where to look on, behind or before the line
	Done bool     // with no line: there is nothing left to look at
}

// Search looks for the next line with a match: forward from the first that begins at
// a place or behind it, or back from the last that begins before it. One call does a
// bounded work; who wants to know more calls again with Next, and may do something
// else meanwhile. Of a line the first MiB of text is looked through.
func (l *Log) Search(q *LogQuery, from int64, back bool) (f Found, err error) {
	w, err := l.open()
	if err != nil || w == nil {
		return Found{Next: from, Done: err == nil}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	w.strip.limit = searchedBytes
	if back {
		f, err = w.searchBack(q, min(from, w.size))
	} else {
		f, err = w.search(q, max(from, 0))
	}
	if err == nil && f.Line != nil {
		*f.Line, err = w.shown(f.Line.At)
	}
	return f, l.wrap(err)
}

func (w *logWindow) search(q *LogQuery, from int64) (Found, error) {
	at, err := w.begin(from)
	for began := at; err == nil && at < w.size; {
		if at-began >= searchBytes {
			return Found{Next: at}, nil
		}
		line, end, wrong := w.line(at)
		if _, _, ok := q.Find(line.Text); ok && wrong == nil {
			return Found{Line: &line, Next: end}, nil
		}
		if err = wrong; line.Open {
			break // there may be more of it the next time
		}
		at = end
	}
	return Found{Next: at, Done: true}, err
}

// searchBack reads a page of lines at a time, forward, since a line is known by its
// beginning.
func (w *logWindow) searchBack(q *LogQuery, before int64) (Found, error) {
	at := before
	var err error
	for at > 0 && before-at < searchBytes && err == nil {
		end, first := at, at
		for first > 0 && end-first < windowBytes && err == nil {
			first, err = w.start(first)
		}
		var last *LogLine
		for at = first; at < end && err == nil; {
			var line LogLine
			if line, at, err = w.line(at); err == nil {
				if _, _, ok := q.Find(line.Text); ok {
					last = &line
				}
			}
		}
		if last != nil && err == nil {
			return Found{Line: last, Next: last.At}, nil
		}
		at = first
	}
	return Found{Next: at, Done: at <= 0}, err
}

// shown is the line that begins at a place as a page has it.
func (w *logWindow) shown(at int64) (LogLine, error) {
	w.strip.limit = shownBytes
	line, _, err := w.line(at)
	return line, err
}
