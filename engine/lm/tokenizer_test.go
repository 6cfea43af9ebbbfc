package lm

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// programs are short made-up texts like those of the recipes.
func programs(n int) []string {
	r := rand.New(rand.NewPCG(1, 9))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	texts := make([]string, n)
	for i := range texts {
		v, e := pick("a", "xs", "items", "s"), pick("x", "y", "item", "c")
		value := func() string {
			return pick(e+" * "+e, e+" + ", e+" - ", "abs("+e+")", "-"+e, e+" // 2", "str("+e+")", "(0, "+e+")", e+" * ", e)
		}
		test := func() string {
			return pick(e+" > 0", e+" % 2 == 0", e+" < ", e+" != ", "not "+e, e+" in seen", e+" >= "+v+"[0]")
		}
		var b strings.Builder
		fmt.Fprintf(&b, "def f(%s):\n", v)
		for range 1 + r.IntN(3) {
			switch r.IntN(5) {
			case 0:
				fmt.Fprintf(&b, "    %s = [%s for %s in %s if %s]\n", v, value(), e, v, test())
			case 1:
				fmt.Fprintf(&b, "    %s = sorted(%s%s)\n", v, v, pick("", ", reverse=True", ", key=abs", ", key=len"))
			case 2:
				fmt.Fprintf(&b, "    %s = %s[%s]\n", v, v, pick("::-1", "1:", ":-1", ":3", "::2"))
			case 3:
				fmt.Fprintf(&b, "    for %s in %s:\n        if %s:\n            total += %s\n", e, v, test(), value())
			case 4:
				fmt.Fprintf(&b, "    %s = [%s for %s in %s]\n", v, value(), e, v)
			}
		}
		b.WriteString("    return " + pick("len($)", "sum($)", "max($)", "$[0]", "min($, default=0)", "$", "set($)", "total") + "\n")
		texts[i] = strings.ReplaceAll(b.String(), "$", v)
	}
	return texts
}

// Merges worked out by hand: the pairs of "ab ab abc" and "\nab" are counted,
// "ab" is the most frequent and so on; ties go to the smaller left token.
func TestLearnByHand(t *testing.T) {
	t.Parallel()
	tok := LearnTokenizer([]string{"ab ab abc", "\nab", "b"}, 12)
	// Tokens: 0 to 2 special, 3 "\n", 4 " ", 5 "a", 6 "b", 7 "c".
	// ab 4 times; then " "+"ab" twice; then "ab"+" ab" once: not learned.
	want := []string{"", "", "\uFFFD", "\n", " ", "a", "b", "c", "ab", " ab"}
	if d := cmp.Diff(want, tok.pieces); d != "" {
		t.Errorf("vocabulary (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int32{8, 9, 9, 7, 3, 8, 2}, tok.Encode("ab ab abc\nab?")); d != "" {
		t.Errorf("tokens (-want +got):\n%s", d)
	}
}

// Of two pairs that occur equally often the smaller one comes first.
func TestLearnTies(t *testing.T) {
	t.Parallel()
	tok := LearnTokenizer([]string{"zy", "zy", "ab", "ab", "xw", "xw"}, 12)
	if got := strings.Join(tok.pieces[9:], " "); got != "ab xw zy" {
		t.Errorf("merges %q, want %q", got, "ab xw zy")
	}
}

// The order of the texts does not matter, nor does the run of the program.
func TestLearnIsDeterministic(t *testing.T) {
	t.Parallel()
	texts := programs(300)
	first, err := json.Marshal(LearnTokenizer(texts, 200))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		again, err := json.Marshal(LearnTokenizer(texts, 200))
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(first) {
			t.Fatal("a second tokenizer differs")
		}
	}
}

// The incremental counts against a learner that counts anew for every merge.
func TestLearnAgainstRecount(t *testing.T) {
	t.Parallel()
	texts := append(programs(40), "aaaa aaa aaaaa", "abababab", "\n\n\n")
	got := LearnTokenizer(texts, 160)
	words := [][]int32{}
	for _, text := range texts {
		for len(text) > 0 {
			n := stretch(text)
			var w []int32
			for _, b := range []byte(text[:n]) {
				w = append(w, got.base[b])
			}
			words = append(words, w)
			text = text[n:]
		}
	}
	for i, m := range got.merges {
		counts := map[pair]int{}
		for _, w := range words {
			for j := 1; j < len(w); j++ {
				counts[pair{w[j-1], w[j]}]++
			}
		}
		var want pair
		for p, n := range counts {
			if n > counts[want] || n == counts[want] && (p.left < want.left || p.left == want.left && p.right < want.right) {
				want = p
			}
		}
		if m != want {
			t.Fatalf("merge %d is %q+%q (%d times), want %q+%q (%d times)", i, got.pieces[m.left], got.pieces[m.right], counts[m],
				got.pieces[want.left], got.pieces[want.right], counts[want])
		}
		for j, w := range words {
			words[j] = replace(w, m, int32(len(got.pieces)-len(got.merges)+i))
		}
	}
}

// Nothing is joined with a digit or over a line break, and a program is short.
func TestPieces(t *testing.T) {
	t.Parallel()
	texts := programs(2000)
	start := time.Now()
	tok := LearnTokenizer(texts, 500)
	took := time.Since(start)
	if tok.Size() != 500 {
		t.Errorf("%d tokens, want 500", tok.Size())
	}
	for id, p := range tok.pieces {
		if len(p) > 1 && strings.ContainsAny(p, "0123456789") {
			t.Errorf("token %d is %q: a digit is joined", id, p)
		}
		if strings.LastIndex(p, "\n") > 0 {
			t.Errorf("token %d is %q: a line break inside", id, p)
		}
	}
	tokens, bytes := 0, 0
	for _, text := range texts {
		enc := tok.Encode(text)
		tokens += len(enc)
		bytes += len(text)
		if back := tok.Decode(enc); back != text {
			t.Fatalf("%q comes back as %q", text, back)
		}
	}
	mean := float64(tokens) / float64(len(texts))
	t.Logf("%d bytes learned in %v, %.1f tokens a program of %.0f bytes", bytes, took, mean, float64(bytes)/float64(len(texts)))
	if mean > 12 {
		t.Errorf("%.1f tokens a program, want about 10", mean)
	}
}

func TestTokenizerJSON(t *testing.T) {
	t.Parallel()
	texts := programs(100)
	tok := LearnTokenizer(texts, 120)
	data, err := json.Marshal(tok)
	if err != nil {
		t.Fatal(err)
	}
	var back Tokenizer
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if d := cmp.Diff(tok.Encode(text), back.Encode(text)); d != "" {
			t.Fatalf("%q (-before +after):\n%s", text, d)
		}
	}
	for name, bad := range map[string]string{
		"not json":      `{`,
		"bytes twice":   `{"bytes":"YWE=","merges":[]}`,
		"later token":   `{"bytes":"YWI=","merges":[[3,5]]}`,
		"special token": `{"bytes":"YWI=","merges":[[0,3]]}`,
		"merge twice":   `{"bytes":"YWI=","merges":[[3,4],[3,4]]}`,
		"doubling":      `{"bytes":"YQ==","merges":[` + doubling(20) + `]}`,
	} {
		if err := json.Unmarshal([]byte(bad), new(Tokenizer)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func doubling(n int) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprintf("[%d,%d]", 3+i, 3+i))
	}
	return strings.Join(s, ",")
}

// Text of known bytes comes back whole; any other text gives tokens that exist.
func FuzzEncode(f *testing.F) {
	known := LearnTokenizer(programs(50), 120)
	f.Add("def f(a):\n    return 12\n")
	f.Add("\n\n \x00é")
	f.Fuzz(func(t *testing.T, text string) {
		tokens := known.Encode(text)
		same := true
		for _, b := range []byte(text) {
			same = same && known.base[b] != UnknownToken
		}
		for _, id := range tokens {
			if id < UnknownToken || int(id) >= known.Size() {
				t.Fatalf("token %d of %d", id, known.Size())
			}
		}
		if got := known.Decode(tokens); same && got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
		if own := LearnTokenizer([]string{text, text}, 100); own.Decode(own.Encode(text)) != text && utf8.ValidString(text) {
			t.Fatalf("%q does not come back from its own tokenizer", text)
		}
	})
}
