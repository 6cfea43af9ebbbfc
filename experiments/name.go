package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	hashDigits = 6   // hex digits of a cell's hash
	cellBytes  = 120 // a cell's name is a folder's name; most disks take 255 bytes
)

// identity is what a cell's hash covers: recipe, version, argv template and every
// resolved parameter with its kind, so that 1, 1.0 and "1" differ.
func (e *Experiment) identity(params Params) string {
	var b strings.Builder
	fmt.Fprintf(&b, "recipe=%q version=%d\n", e.Recipe, e.recipe.Version)
	for _, a := range e.Argv {
		fmt.Fprintf(&b, "argv %q\n", a)
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		v := params[name]
		text := ValueText(v)
		if s, ok := v.(string); ok {
			text = strconv.Quote(s)
		}
		fmt.Fprintf(&b, "%q %s %s\n", name, kindOf(v), text)
	}
	return b.String()
}

// label is the axes and their values, "tasks=2048,solutions=1".
func label(axes []Setting) string {
	words := make([]string, len(axes))
	for i, a := range axes {
		value := strings.TrimSuffix(ValueText(a.Value), ".0")
		if s, ok := a.Value.(string); ok {
			value = s
		}
		words[i] = escape(a.Name) + "=" + escape(value)
	}
	return strings.Join(words, ",")
}

// cellName is the label and the hash. A label that is too long is cut, and eight
// more digits of the hash keep cut ones apart.
func cellName(axes []Setting, digits string) string {
	name, tail := label(axes), "~"+digits[:hashDigits]
	if len(name)+len(tail) > cellBytes {
		tail = "+" + digits[hashDigits:hashDigits+8] + tail
		cut := cellBytes - len(tail)
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		// An escape is not cut in the middle.
		if i := strings.LastIndexByte(name[:cut], '%'); i > cut-3 {
			cut = i
		}
		name = name[:cut]
	}
	return name + tail
}

// escape writes as %XX what cannot stand in a file name, what a terminal does not
// print, and what has a meaning in a cell's name.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsPrint(r) && r != utf8.RuneError && !strings.ContainsRune(`/\%~,=`, r) {
			b.WriteRune(r)
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		for _, c := range []byte(s[i : i+n]) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
