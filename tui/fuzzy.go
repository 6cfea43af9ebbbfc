package tui

import "strings"

// match says how well a name fits what was typed of it, best first: the whole, its
// beginning, a word's beginning, the words' initials, a part, letters in order. 0:
// not at all.
func match(typed, name string) int {
	typed, name = strings.ToLower(typed), strings.ToLower(name)
	switch {
	case typed == "":
		return 1
	case typed == name:
		return 700
	case strings.HasPrefix(name, typed):
		return 600 - len(name)
	case strings.Contains(name, " "+typed):
		return 500 - len(name)
	case strings.HasPrefix(initials(name), typed):
		return 400 - len(name)
	case strings.Contains(name, typed):
		return 300 - len(name)
	}
	skipped, rest := 0, name
	for _, r := range typed {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return 0
		}
		skipped += i
		rest = rest[i+len(string(r)):]
	}
	return max(200-skipped-len(name), 1)
}

func initials(name string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(name) {
		b.WriteString(word[:1])
	}
	return b.String()
}
