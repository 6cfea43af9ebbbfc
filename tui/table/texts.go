package table

// Texts are the heads of the columns that are chosen and what they say of every
// line, in the order of the table: what can be copied.
func (t *Table) Texts() (head []string, lines [][]string) {
	cols := t.chosen()
	for _, c := range cols {
		head = append(head, clean(c.Head))
	}
	for _, i := range t.items {
		line := t.texts(cols, i)
		lines = append(lines, line)
	}
	return head, lines
}
