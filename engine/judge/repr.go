package judge

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// maxReprDepth is how deep a result is written; below that stands "...". It ends
// lists that contain themselves.
const maxReprDepth = 100

// bigNumber reads a decimal integer that may be too large for 64 bits.
func bigNumber(digits string) (starlark.Value, error) {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return nil, fmt.Errorf("read number %.40q: not a decimal integer", digits)
	}
	return starlark.MakeBigInt(n), nil
}

// represent writes a value as a literal in at most limit bytes; what is longer
// is cut there, so that a result of any size costs no more than its limit.
func represent(v starlark.Value, limit int) string {
	w := reprWriter{limit: limit}
	w.value(v, 0)
	return cut(w.text.String(), limit)
}

// reprWriter collects the text of a value until it is full.
type reprWriter struct {
	text  strings.Builder
	limit int
}

func (w *reprWriter) full() bool { return w.text.Len() >= w.limit }

func (w *reprWriter) value(v starlark.Value, depth int) {
	if depth > maxReprDepth {
		w.text.WriteString("...")
		return
	}
	switch v := v.(type) {
	case *starlark.List:
		w.text.WriteByte('[')
		w.elements(v, depth)
		w.text.WriteByte(']')
	case starlark.Tuple:
		w.text.WriteByte('(')
		w.elements(v, depth)
		if len(v) == 1 {
			w.text.WriteByte(',')
		}
		w.text.WriteByte(')')
	case *starlark.Dict:
		w.dict(v, depth)
	case starlark.Int:
		w.integer(v)
	case starlark.String:
		w.text.WriteString(starlark.String(cut(string(v), w.limit)).String())
	case starlark.Bytes:
		w.text.WriteString(starlark.Bytes(cut(string(v), w.limit)).String())
	default:
		w.text.WriteString(v.String())
	}
}

func (w *reprWriter) elements(v starlark.Indexable, depth int) {
	for i := 0; i < v.Len() && !w.full(); i++ {
		if i > 0 {
			w.text.WriteString(", ")
		}
		w.value(v.Index(i), depth+1)
	}
}

func (w *reprWriter) dict(d *starlark.Dict, depth int) {
	w.text.WriteByte('{')
	sep := ""
	for k, v := range d.Entries() {
		if w.full() {
			break
		}
		w.text.WriteString(sep)
		w.value(k, depth+1)
		w.text.WriteString(": ")
		w.value(v, depth+1)
		sep = ", "
	}
	w.text.WriteByte('}')
}

// integer writes a number, or only its size if it has more digits than the
// limit: turning a huge number into decimal is what takes the time.
func (w *reprWriter) integer(i starlark.Int) {
	if small, ok := i.Int64(); ok {
		w.text.WriteString(strconv.FormatInt(small, 10))
		return
	}
	const bitsPerDigit = 4 // more than log2(10), so that nothing that fits is refused
	n := i.BigInt()
	if n.BitLen() > w.limit*bitsPerDigit {
		fmt.Fprintf(&w.text, "<integer of %d bits>", n.BitLen())
		return
	}
	w.text.WriteString(n.String())
}

// cut returns the first n bytes of s.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// sameLiteral reports whether got, the text of a result, means what the wanted
// literal means: equal as texts, or equal once the wanted one is written in
// the same way (spaces, quotes).
func sameLiteral(got, want string, limit int) bool {
	if got == want {
		return true
	}
	want = strings.TrimSpace(want)
	if v, err := parseLiteral(want); err == nil {
		want = represent(v, limit)
	}
	return got == cut(want, limit)
}
