package experiments

import (
	"fmt"
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
