package table

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// order is how rows are sorted.
type order struct {
	key  string // of a column; "": as they were given
	down bool
}

// grouping is how rows are put together; of is nil where they are not.
type grouping struct {
	of     func(id string) string
	folded bool            // groups are closed unless they are in flips
	flips  map[string]bool // groups that are not as folded says
}

func (g grouping) closed(name string) bool { return g.folded != g.flips[name] }

// Sort sorts by a column, equal rows in the order in which they were given; "" is
// that order alone.
func (t *Table) Sort(key string, down bool) {
	t.order = order{key, down}
	t.arrange()
}

// SortBy is what a key or a click on a head does: it sorts by a column, and again
// the other way round.
func (t *Table) SortBy(key string) {
	c := t.column(key)
	switch {
	case c == nil:
	case t.order.key == key:
		t.Sort(key, !t.order.down)
	default:
		t.Sort(key, c.Down)
	}
}

// Sorted is the column that sorts and whether from the greatest; "" is none.
func (t *Table) Sorted() (key string, down bool) { return t.order.key, t.order.down }

// Group puts the rows together for which of says the same, closed ones as one line
// with what Fold of the columns makes of them. nil has no groups.
func (t *Table) Group(of func(id string) string, folded bool) {
	t.groups = grouping{of: of, folded: folded, flips: map[string]bool{}}
	t.arrange()
	t.measure()
}

// Grouped reports whether rows are in groups.
func (t *Table) Grouped() bool { return t.groups.of != nil }

// Fold opens or closes the group under the cursor.
func (t *Table) Fold() {
	if t.groups.of == nil || len(t.items) == 0 {
		return
	}
	name := t.cursor.name
	if !t.cursor.group {
		name = t.groups.of(name)
	}
	t.groups.flips[name] = !t.groups.flips[name]
	t.arrange()
}

// Filter shows the rows that match; nil shows all.
func (t *Table) Filter(match func(id string) bool) {
	t.filter = match
	t.arrange()
}

// Count is how many rows there are, and how many the filter lets through.
func (t *Table) Count() (shown, all int) { return t.shown, t.all }

// Len is how many lines there are, groups among them.
func (t *Table) Len() int { return len(t.items) }

// arrange makes the items of the rows, and keeps the cursor on its thing.
func (t *Table) arrange() {
	before := t.items
	ids := t.rows
	if t.filter != nil {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !t.filter(id) })
	}
	t.shown, t.all = t.count(ids), t.count(t.rows)
	ids = t.sorted(ids)
	t.items = make([]item, 0, len(ids))
	if t.groups.of == nil {
		for i, id := range ids {
			t.items = append(t.items, item{key: key{name: id}, ids: ids[i : i+1]})
		}
	} else {
		t.itemsOf(ids)
	}
	t.find(before)
}

func (t *Table) hollow(id string) bool { return t.groups.of != nil && t.Hollow != nil && t.Hollow(id) }

// count is how many rows are not hollow.
func (t *Table) count(ids []string) int {
	n := len(ids)
	for _, id := range ids {
		if t.hollow(id) {
			n--
		}
	}
	return n
}

// itemsOf makes items of groups.
func (t *Table) itemsOf(ids []string) {
	members := map[string][]string{}
	var names []string
	for _, id := range ids {
		name := t.groups.of(id)
		if members[name] == nil {
			names = append(names, name)
		}
		members[name] = append(members[name], id)
	}
	if c := t.column(t.order.key); c != nil && c.Num != nil {
		t.sortGroups(names, func(name string) (float64, bool) { return mean(members[name], c.Num) })
	}
	for _, name := range names {
		t.items = append(t.items, item{key: key{group: true, name: name}, ids: members[name]})
		if t.groups.closed(name) {
			continue
		}
		for i, id := range members[name] {
			if t.hollow(id) {
				continue
			}
			t.items = append(t.items, item{key: key{name: id}, ids: members[name][i : i+1], member: true})
		}
	}
}

func (t *Table) sortGroups(names []string, num func(string) (float64, bool)) {
	keys := make(map[string]float64, len(names))
	for _, name := range names {
		keys[name] = number(num(name))
	}
	slices.SortStableFunc(names, func(a, b string) int { return t.order.numbers(keys[a], keys[b]) })
}

func mean(ids []string, num func(string) (float64, bool)) (float64, bool) {
	sum, n := 0.0, 0
	for _, id := range ids {
		if x := number(num(id)); !math.IsNaN(x) {
			sum += x
			n++
		}
	}
	return sum / float64(n), n > 0
}

// number is NaN for a row that has none.
func number(x float64, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return x
}

// numbers compares so that NaN comes last in either direction.
func (o order) numbers(a, b float64) int {
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return -cmp.Compare(a, b) // NaN is below all numbers there
	case o.down:
		return cmp.Compare(b, a)
	default:
		return cmp.Compare(a, b)
	}
}

// sorted are the ids in the order of the column that sorts. What they are compared
// by is worked out once for each.
func (t *Table) sorted(ids []string) []string {
	c := t.column(t.order.key)
	if c == nil {
		return ids
	}
	ids = slices.Clone(ids)
	switch {
	case c.Sort != nil:
		slices.SortStableFunc(ids, func(a, b string) int { return t.order.turn(c.Sort(a, b)) })
	case c.Num != nil:
		sortBy(ids, func(id string) float64 { return number(c.Num(id)) }, t.order.numbers)
	default:
		sortBy(ids, func(id string) string { return strings.ToLower(c.Cell(id)) }, func(a, b string) int {
			return t.order.turn(natural(a, b))
		})
	}
	return ids
}

func (o order) turn(c int) int {
	if o.down {
		return -c
	}
	return c
}

func sortBy[K any](ids []string, of func(string) K, compare func(a, b K) int) {
	type keyed struct {
		id  string
		key K
	}
	list := make([]keyed, len(ids))
	for i, id := range ids {
		list[i] = keyed{id, of(id)}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return compare(a.key, b.key) })
	for i, k := range list {
		ids[i] = k.id
	}
}

// natural compares texts so that numbers in them count as numbers: s2 before s10.
func natural(a, b string) int {
	for a != "" && b != "" {
		m, n := digits(a), digits(b)
		if m > 0 && n > 0 {
			x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[m:], b[n:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
