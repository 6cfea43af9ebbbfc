package gpu

import "errors"

// kinds are the errors that callers tell apart, by their names on a pipe.
var kinds = []struct {
	name string
	err  error
}{
	{"no driver", ErrNoDriver},
	{"not yet", ErrNotYet},
	{"not answering", ErrNotAnswering},
	{"closed", ErrClosed},
}

// KindOf names an error for another process; "" is one that nobody tells apart.
func KindOf(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return ""
}

// Retold is an error of another process: its words, and its kind for errors.Is.
func Retold(text, kind string) error {
	for _, k := range kinds {
		if k.name == kind {
			return retold{text, k.err}
		}
	}
	return errors.New(text)
}

type retold struct {
	text string
	kind error
}

func (r retold) Error() string { return r.text }
func (r retold) Unwrap() error { return r.kind }
