package lm

import "slices"

// LearnTokenizer learns a vocabulary of up to size tokens from texts: the
// special tokens and the bytes that occur, whatever size says, and then, one at
// a time, the most frequent pair of neighbours as a new token, until the
// vocabulary is full or no pair occurs twice. Of equally frequent pairs the one
// with the smaller left token wins, then the smaller right one, so the order of
// the texts does not matter.
func LearnTokenizer(texts []string, size int) *Tokenizer {
	stretches := count(texts)
	t := newTokenizer(occurring(stretches), nil)
	l := newLearner(t, stretches)
	for t.Size() < size {
		p, n := l.best()
		if n < 2 {
			break
		}
		l.join(p, t.merge(p))
	}
	return t
}

// count splits texts at the cuts and counts equal stretches: the same line of
// code is written again and again. The order is that of the alphabet.
func count(texts []string) []counted {
	times := map[string]int{}
	for _, text := range texts {
		for len(text) > 0 {
			n := stretch(text)
			times[text[:n]]++
			text = text[n:]
		}
	}
	all := make([]counted, 0, len(times))
	for text, n := range times {
		all = append(all, counted{text, n})
	}
	slices.SortFunc(all, func(a, b counted) int {
		if a.text < b.text {
			return -1
		}
		return 1 // no two are equal
	})
	return all
}

type counted struct {
	text  string
	times int
}

// occurring is the bytes of the stretches, ascending.
func occurring(stretches []counted) []byte {
	var has [256]bool
	for _, s := range stretches {
		for _, b := range []byte(s.text) {
			has[b] = true
		}
	}
	var out []byte
	for b, yes := range has {
		if yes {
			out = append(out, byte(b))
		}
	}
	return out
}

// learner keeps the count of every pair up to date while pairs are joined, and
// remembers where each occurs, so that a merge costs what it changes.
type learner struct {
	words []word
	pairs map[pair]*tally
}

// word is a stretch as tokens.
type word struct {
	tokens []int32
	times  int
}

// tally is a pair's count over all words, and the words that have had it (some
// may have lost it since, some may be named twice).
type tally struct {
	times int
	words []int32
}

func newLearner(t *Tokenizer, stretches []counted) *learner {
	l := &learner{pairs: map[pair]*tally{}}
	for i, s := range stretches {
		w := word{make([]int32, len(s.text)), s.times}
		for j, b := range []byte(s.text) {
			w.tokens[j] = t.base[b]
		}
		l.words = append(l.words, w)
		for j := 1; j < len(w.tokens); j++ {
			l.add(pair{w.tokens[j-1], w.tokens[j]}, i, w.times)
		}
	}
	return l
}

// add changes the count of a pair by times (or less than nothing) because of
// word i.
func (l *learner) add(p pair, i, times int) {
	c := l.pairs[p]
	if c == nil {
		c = &tally{}
		l.pairs[p] = c
	}
	c.times += times
	if last := len(c.words) - 1; times > 0 && (last < 0 || c.words[last] != int32(i)) {
		c.words = append(c.words, int32(i))
	}
	if c.times == 0 {
		delete(l.pairs, p)
	}
}

// best is the most frequent pair and its count.
func (l *learner) best() (pair, int) {
	var top pair
	most := 0
	for p, c := range l.pairs {
		if c.times > most || c.times == most && (p.left < top.left || p.left == top.left && p.right < top.right) {
			top, most = p, c.times
		}
	}
	return top, most
}

// join replaces a pair by a token in every word that has it.
func (l *learner) join(p pair, id int32) {
	for _, i := range l.pairs[p].words {
		w := &l.words[i]
		if !has(w.tokens, p) {
			continue
		}
		for j := 1; j < len(w.tokens); j++ {
			l.add(pair{w.tokens[j-1], w.tokens[j]}, int(i), -w.times)
		}
		w.tokens = replace(w.tokens, p, id)
		for j := 1; j < len(w.tokens); j++ {
			l.add(pair{w.tokens[j-1], w.tokens[j]}, int(i), w.times)
		}
	}
}

// has tells whether a pair stands anywhere in the tokens.
func has(tokens []int32, p pair) bool {
	for i := 1; i < len(tokens); i++ {
		if tokens[i-1] == p.left && tokens[i] == p.right {
			return true
		}
	}
	return false
}
