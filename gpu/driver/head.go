package driver

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
)

// head keeps the beginning of what is written to it, where a program says why it ends;
// the rest, which may be anything, is dropped.
type head struct {
	most int // bytes; 0: headBytes

	mu   sync.Mutex
	text []byte
}

// headBytes are more than an error takes, and lineLetters more than one that is told.
const (
	headBytes   = 512
	lineLetters = 200
)

func (h *head) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	most := headBytes
	if h.most > 0 {
		most = h.most
	}
	h.text = append(h.text, b[:min(len(b), most-len(h.text))]...)
	return len(b), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.text)
}

// line is the first line with anything on it.
func (h *head) line() string { return firstLine(h.String()) }

// firstLine is the first line of a program's words, without what would move a cursor.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(line, "?"))
	return fmt.Sprintf("%.*s", lineLetters, strings.TrimSpace(line))
}
