package synth

import "strings"

// writer puts idioms together to the body of f. What the steps so far amount to
// is an expression, which is a variable once a statement has ended.
type writer struct {
	habits
	text     strings.Builder
	now      string // the expression of the current list
	variable string // the variable assigned last
	letters  int    // how many variables there are besides a
}

// expression applies the template of an expression to the current list. What
// reads its list more than once gets a variable.
func (w *writer) expression(template string) {
	if strings.Count(template, "A") > 1 {
		w.assign()
	}
	w.now = w.substitute(template, "")
}

// assign ends a statement: the current expression gets a name.
func (w *writer) assign() {
	if w.now == w.variable {
		return
	}
	name := w.variable
	if w.fresh {
		name = w.letter()
	}
	w.line(name + " = " + w.now)
	w.now, w.variable = name, name
}

// block applies the template of several statements, which leave their result in
// a variable of their own: s for an integer.
func (w *writer) block(template string, final bool) {
	w.assign()
	name := "s"
	if !final {
		name = w.letter()
	}
	for line := range strings.SplitSeq(template, "\n") {
		w.line(w.substitute(line, name))
	}
	w.now, w.variable = name, name
}

// letter is the next unused name of a list: b, c, d, e.
func (w *writer) letter() string {
	w.letters++
	return string(rune('a' + w.letters))
}

func (w *writer) line(text string) {
	w.text.WriteString("    ")
	w.text.WriteString(text)
	w.text.WriteByte('\n')
}

// substitute fills the holes of a template; result stands for B.
func (w *writer) substitute(template, result string) string {
	list := w.now
	if compound(list) && !strings.Contains(template, "(A)") {
		list = "(" + list + ")"
	}
	var b strings.Builder
	for i := range len(template) {
		switch template[i] {
		case 'A':
			b.WriteString(list)
		case 'B':
			b.WriteString(result)
		case 'X':
			b.WriteString(w.element)
		case 'Y':
			b.WriteByte('y')
		case 'I':
			b.WriteByte('i')
		default:
			b.WriteByte(template[i])
		}
	}
	return b.String()
}

// compound says whether an expression has an operator outside all brackets, so
// that it needs parentheses of its own as an operand.
func compound(expression string) bool {
	depth := 0
	for i := range len(expression) {
		switch expression[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ' ':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}
