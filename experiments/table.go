package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// checker collects the mistakes of one file.
type checker struct {
	*atlas
	recipes []Recipe
	hosts   map[string]Host
	list    []Problem
}

func (c *checker) report(at span, message, hint string) {
	c.list = append(c.list, c.problem(at, message, hint))
}

// table is a decoded table with its path, which leads to its place in the text.
type table struct {
	*checker
	path string
	m    map[string]any
}

// keyAt is where key stands; the table itself where it does not.
func (t table) keyAt(key string) span {
	if p, ok := t.places[child(t.path, key)]; ok {
		return p.key
	}
	return t.at()
}

// valueAt is where the value of key stands.
func (t table) valueAt(key string) span {
	if p, ok := t.places[child(t.path, key)]; ok {
		return p.value
	}
	return t.at()
}

// at is where the table itself stands.
func (t table) at() span { return t.places[t.path].key }

// known reports every key that is not one of keys.
func (t table) known(keys ...string) {
	for k := range t.m {
		if !slices.Contains(keys, k) {
			t.report(t.keyAt(k), fmt.Sprintf("unknown key %q", k), suggestion(k, keys))
		}
	}
}

// wrongKind reports that the value of key is not what it takes.
func (t table) wrongKind(key, want string) {
	t.report(t.valueAt(key), fmt.Sprintf("%s is %s; it takes %s", key, kindWords(t.m[key]), want), "")
}

// text is a string, or fallback where the key is left out or wrong.
func (t table) text(key, fallback string) string {
	v, ok := t.m[key]
	if !ok {
		return fallback
	}
	s, ok := v.(string)
	if !ok {
		t.wrongKind(key, "a string")
		return fallback
	}
	return s
}

// oneOf is one of the words, or fallback where the key is left out or wrong.
func (t table) oneOf(key, fallback string, words ...string) string {
	v, ok := t.m[key]
	if !ok {
		return fallback
	}
	s, ok := v.(string)
	if !ok {
		t.wrongKind(key, "one of "+strings.Join(words, ", "))
		return fallback
	}
	if !slices.Contains(words, s) {
		t.report(t.valueAt(key), fmt.Sprintf("%s cannot be %s", key, shown(s)), suggestion(s, words))
		return fallback
	}
	return s
}

// whole is an int of at least least, or 0 where the key is left out or wrong.
func (t table) whole(key string, least int64) int64 {
	v, ok := t.m[key]
	if !ok {
		return 0
	}
	n, ok := v.(int64)
	if !ok {
		t.wrongKind(key, "an int")
		return 0
	}
	if n < least {
		t.report(t.valueAt(key), fmt.Sprintf("%s is %d; it must be at least %d", key, n, least), "")
		return 0
	}
	return n
}

// number is a finite number; false where the key is left out or wrong.
func (t table) number(key string) (float64, bool) {
	v, ok := t.m[key]
	if !ok {
		return 0, false
	}
	f, ok := v.(float64)
	if n, whole := v.(int64); whole {
		f, ok = float64(n), true
	}
	switch {
	case !ok:
		t.wrongKind(key, "a number")
		return 0, false
	case math.IsNaN(f) || math.IsInf(f, 0):
		t.report(t.valueAt(key), fmt.Sprintf("%s is %v; it must be a finite number", key, f), "")
		return 0, false
	}
	return f, true
}

// duration is a time of at least least seconds, or 0 where the key is left out
// or wrong.
func (t table) duration(key string, least int) float64 {
	const hint = `Write whole numbers with their units, such as "90s", "10m", "2h", "3d" or "1h30m"`
	v, ok := t.m[key]
	if !ok {
		return 0
	}
	text, ok := v.(string)
	if !ok {
		t.report(t.valueAt(key), fmt.Sprintf("%s is %s; it takes a duration", key, kindWords(v)), hint)
		return 0
	}
	seconds, ok := duration(text)
	switch {
	case !ok:
		t.report(t.valueAt(key), fmt.Sprintf("%s is %s, which is no duration", key, shown(text)), hint)
	case seconds < least:
		t.report(t.valueAt(key), fmt.Sprintf("%s is %s; it must be at least %ds", key, shown(text), least), "Leave it out for no limit")
	default:
		return float64(seconds)
	}
	return 0
}

// words is a list of strings; nil where the key is left out or wrong.
func (t table) words(key string) []string {
	v, ok := t.m[key]
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		t.wrongKind(key, "a list of strings")
		return nil
	}
	words := make([]string, 0, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			at := t.places[item(child(t.path, key), i)].value
			t.report(at, fmt.Sprintf("%s holds %s; it takes strings", key, kindWords(v)), "Write it in quotes")
			continue
		}
		words = append(words, s)
	}
	return words
}

// chosen is a list of some of the known words, each at most once.
func (t table) chosen(key string, known []string) []string {
	words := t.words(key)
	list := anys(t.m[key])
	for i, v := range list {
		w, ok := v.(string)
		at := t.places[item(child(t.path, key), i)].value
		switch {
		case !ok: // words said so
		case !slices.Contains(known, w):
			t.report(at, fmt.Sprintf("%s cannot hold %s", key, shown(w)), suggestion(w, known))
		case slices.Contains(list[:i], v):
			t.report(at, fmt.Sprintf("%s stands here twice", shown(w)), "")
		}
	}
	if words == nil || len(words) < len(list) {
		return known // the list itself is wrong
	}
	return words
}

// sub is the table under key. It is false where there is none, which is
// reported if something else stands there.
func (t table) sub(key string) (table, bool) {
	v, ok := t.m[key]
	if !ok {
		return table{}, false
	}
	m, ok := v.(map[string]any)
	if !ok {
		t.wrongKind(key, "a table")
		return table{}, false
	}
	return table{t.checker, child(t.path, key), m}, true
}

// each calls f for every table under key, in the order of the text.
func (t table) each(key string, f func(name string, t table)) {
	group, ok := t.sub(key)
	if !ok {
		return
	}
	for _, name := range t.children[group.path] {
		if sub, ok := group.sub(name); ok {
			f(name, sub)
		}
	}
}
