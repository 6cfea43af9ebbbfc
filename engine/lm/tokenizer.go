package lm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The special tokens come first in every vocabulary.
const (
	EndToken       int32 = iota // ends a completion
	SeparatorToken              // stands between prompt and program
	UnknownToken                // a byte that the training text did not have
	specials
)

// Tokenizer turns text into tokens by byte-pair encoding: the special tokens,
// then the bytes that the training text has, then the merges in the order they
// were learned.
//
// Text is cut before every line break and around every digit, and no token goes
// over a cut. So a token never holds two lines, a line break takes its
// indentation and what follows along ("\n    return len(" is one token if it is
// common), words and spaces merge freely within a line, and every digit is a
// token of its own, so that numbers are spelt alike wherever they stand.
//
// A Tokenizer does not change and may be used by several goroutines.
type Tokenizer struct {
	bytes  []byte // of tokens specials, specials+1, ..., ascending
	merges []pair
	pieces []string       // the text of every token
	ranks  map[pair]int32 // the token that a pair merges into
	base   [256]int32     // the token of every byte
}

// pair is two neighbouring tokens.
type pair struct{ left, right int32 }

// newTokenizer builds the tables; every merge must name earlier tokens.
func newTokenizer(base []byte, merges []pair) *Tokenizer {
	t := &Tokenizer{bytes: base, ranks: make(map[pair]int32, len(merges))}
	t.pieces = make([]string, specials, int(specials)+len(base)+len(merges))
	t.pieces[UnknownToken] = "\uFFFD"
	for i := range t.base {
		t.base[i] = UnknownToken
	}
	for _, b := range base {
		t.base[b] = int32(len(t.pieces))
		t.pieces = append(t.pieces, string([]byte{b}))
	}
	for _, m := range merges {
		t.merge(m)
	}
	return t
}

// merge adds the token that joins a pair.
func (t *Tokenizer) merge(p pair) int32 {
	id := int32(len(t.pieces))
	t.merges = append(t.merges, p)
	t.ranks[p] = id
	t.pieces = append(t.pieces, t.pieces[p.left]+t.pieces[p.right])
	return id
}

// Size is the number of tokens, special ones included.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// Encode is the tokens of a text, never a special one but UnknownToken. In each
// stretch between cuts the merge that was learned first is applied first.
func (t *Tokenizer) Encode(text string) []int32 {
	out := make([]int32, 0, len(text)/4+1)
	for len(text) > 0 {
		n := stretch(text)
		from := len(out)
		for _, b := range []byte(text[:n]) {
			out = append(out, t.base[b])
		}
		out = out[:from+t.reduce(out[from:])]
		text = text[n:]
	}
	return out
}

// reduce applies the merges to a stretch in place and returns its new length.
func (t *Tokenizer) reduce(tokens []int32) int {
	for {
		best, id := pair{}, int32(-1)
		for i := 1; i < len(tokens); i++ {
			p := pair{tokens[i-1], tokens[i]}
			if to, ok := t.ranks[p]; ok && (id < 0 || to < id) {
				best, id = p, to
			}
		}
		if id < 0 {
			return len(tokens)
		}
		tokens = replace(tokens, best, id)
	}
}

// replace writes id over every occurrence of a pair, from the left, in place.
func replace(tokens []int32, p pair, id int32) []int32 {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) && tokens[i] == p.left && tokens[i+1] == p.right {
			out = append(out, id)
			i++
			continue
		}
		out = append(out, tokens[i])
	}
	return out
}

// stretch is the length of the text up to its first cut, at least one byte.
func stretch(text string) int {
	if digit(text[0]) {
		return 1
	}
	for i := 1; i < len(text); i++ {
		if text[i] == '\n' || digit(text[i]) {
			return i
		}
	}
	return len(text)
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// Decode is the text of tokens. The end and the separator have none, an unknown
// byte and a token that is not in the vocabulary are U+FFFD.
func (t *Tokenizer) Decode(tokens []int32) string {
	var b strings.Builder
	for _, id := range tokens {
		if id < 0 || int(id) >= len(t.pieces) {
			id = UnknownToken
		}
		b.WriteString(t.pieces[id])
	}
	return b.String()
}

// tokenizerJSON is the stored form: tables are rebuilt from it.
type tokenizerJSON struct {
	Bytes  []byte     `json:"bytes"` // base64 of the bytes in token order
	Merges [][2]int32 `json:"merges"`
}

// MarshalJSON stores the bytes and the merges.
func (t *Tokenizer) MarshalJSON() ([]byte, error) {
	stored := tokenizerJSON{Bytes: t.bytes, Merges: make([][2]int32, len(t.merges))}
	for i, m := range t.merges {
		stored.Merges[i] = [2]int32{m.left, m.right}
	}
	return json.Marshal(stored)
}

// maxPiece bounds the text of one token, which a damaged list of merges could
// double with every entry.
const maxPiece = 1 << 12

// UnmarshalJSON reads what MarshalJSON wrote and checks it.
func (t *Tokenizer) UnmarshalJSON(data []byte) error {
	var stored tokenizerJSON
	if err := json.Unmarshal(data, &stored); err != nil {
		return fmt.Errorf("read tokenizer: %w", err)
	}
	for i := 1; i < len(stored.Bytes); i++ {
		if stored.Bytes[i-1] >= stored.Bytes[i] {
			return fmt.Errorf("read tokenizer: byte %d (%#x) is not above the one before", i, stored.Bytes[i])
		}
	}
	read := newTokenizer(slices.Clone(stored.Bytes), nil)
	for i, m := range stored.Merges {
		p := pair{m[0], m[1]}
		if size := int32(read.Size()); min(p.left, p.right) < specials || max(p.left, p.right) >= size {
			return fmt.Errorf("read tokenizer: merge %d joins tokens %d and %d, want %d to %d", i, p.left, p.right, specials, size-1)
		}
		if _, ok := read.ranks[p]; ok {
			return fmt.Errorf("read tokenizer: merge %d repeats tokens %d and %d", i, p.left, p.right)
		}
		if n := len(read.pieces[p.left]) + len(read.pieces[p.right]); n > maxPiece {
			return fmt.Errorf("read tokenizer: merge %d makes a token of %d bytes, at most %d", i, n, maxPiece)
		}
		read.merge(p)
	}
	*t = *read
	return nil
}
