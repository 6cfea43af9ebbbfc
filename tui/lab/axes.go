package lab

import (
	"fmt"
	"slices"
	"strings"

	"ablate/tui/look"
)

// axes are the two axes of a matrix. Further ones are averaged over, or fixed at
// values that the design has.
type axes struct {
	study  *study
	pair   int    // which two, of pairs; what the plan does not have is the first
	fixing int    // which values of the further axes, counted from 1; 0: averaged over
	fixed  []any  // these values; nil: averaged over
	more   string // what becomes of the further axes, in words
}

// settle finds what becomes of the further axes.
func (g *axes) settle() {
	g.fixed = nil
	if all := g.fixings(); g.fixing > 0 && g.fixing <= len(all) {
		g.fixed = all[g.fixing-1]
	}
	g.more = g.restWords()
}

// pairs are the axes that the columns and the rows can be, by number; -1 is none.
func (g *axes) pairs() [][2]int {
	p := g.study.plan
	switch {
	case p == nil || len(p.Cells) == 0:
		return nil
	case len(p.Axes) == 0:
		return [][2]int{{-1, -1}}
	case len(p.Axes) == 1:
		return [][2]int{{0, -1}}
	}
	var all [][2]int
	for col := range p.Axes {
		for row := range p.Axes {
			if row != col {
				all = append(all, [2]int{col, row})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b [2]int) int { return max(a[0], a[1]) - max(b[0], b[1]) }) // the first two axes first
	return all
}

// chosen are the axes of the columns and the rows.
func (g *axes) chosen() (col, row int) {
	all := g.pairs()
	if len(all) == 0 {
		return -1, -1
	}
	p := all[g.pair%len(all)]
	return p[0], p[1]
}

// rest are the further axes.
func (g *axes) rest() (axes []int) {
	col, row := g.chosen()
	if g.study.plan == nil {
		return nil
	}
	for i := range g.study.plan.Axes {
		if i != col && i != row {
			axes = append(axes, i)
		}
	}
	return axes
}

// fixings are the values that the further axes have together, in the plan's order.
func (g *axes) fixings() (all [][]any) {
	rest := g.rest()
	if len(rest) == 0 {
		return nil
	}
	for _, c := range g.study.plan.Cells {
		values := make([]any, len(rest))
		for i, a := range rest {
			values[i] = c.Axes[a].Value
		}
		if !slices.ContainsFunc(all, func(v []any) bool { return slices.Equal(v, values) }) {
			all = append(all, values)
		}
	}
	return all
}

// turn goes to the next two axes, and says which.
func (g *axes) turn() string {
	if len(g.pairs()) < 2 {
		return "the design has no two axes to choose from"
	}
	g.pair = (g.pair + 1) % len(g.pairs())
	g.fixing = 0
	return g.says()
}

// fix goes to the next values of the further axes, and says which.
func (g *axes) fix() string {
	all := g.fixings()
	if len(all) == 0 {
		return "there is no further axis: the matrix shows all"
	}
	g.fixing = (g.fixing + 1) % (len(all) + 1)
	return g.says()
}

// says names the axes and what becomes of the further ones.
func (g *axes) says() string {
	g.settle()
	col, row := g.chosen()
	text := "columns " + g.study.plan.Axes[col]
	if row >= 0 {
		text += ", rows " + g.study.plan.Axes[row]
	}
	if g.more != "" {
		text += "; " + g.more
	}
	return look.Harmless(text)
}

// restWords say what becomes of the further axes; "" if there are none.
func (g *axes) restWords() string {
	rest := g.rest()
	if len(rest) == 0 {
		return ""
	}
	words := make([]string, len(rest))
	for i, a := range rest {
		words[i] = g.study.plan.Axes[a]
		if g.fixed != nil {
			words[i] += fmt.Sprintf(" = %v", g.fixed[i])
		}
	}
	if g.fixed != nil {
		return look.Harmless(strings.Join(words, ", "))
	}
	return look.Harmless("mean over " + strings.Join(words, ", "))
}

// choose takes the axes and fixed values by name: "tasks", "tasks solutions",
// "tasks solutions lr=3e-4". It reports whether it understood.
func (g *axes) choose(text string) bool {
	var names []string
	values := map[string]string{}
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, "×", " ")) {
		if name, value, ok := strings.Cut(word, "="); ok {
			values[name] = value
		} else {
			names = append(names, word)
		}
	}
	p := g.study.plan
	for i, pair := range g.pairs() {
		fits := len(names) == 0 && i == g.pair || len(names) > 0 && pair[0] >= 0 && p.Axes[pair[0]] == names[0]
		if len(names) > 1 {
			fits = fits && pair[1] >= 0 && p.Axes[pair[1]] == names[1]
		}
		if !fits {
			continue
		}
		was := g.pair
		g.pair, g.fixing = i, 0
		if len(values) == 0 || g.fixAt(values) {
			return true
		}
		g.pair = was
		return false
	}
	return false
}

// fixAt fixes the further axes at values by name.
func (g *axes) fixAt(values map[string]string) bool {
	rest := g.rest()
	for i, v := range g.fixings() {
		fits := len(rest) >= len(values)
		for k, a := range rest {
			want, ok := values[g.study.plan.Axes[a]]
			fits = fits && (!ok || fmt.Sprint(v[k]) == want)
		}
		for name := range values {
			fits = fits && slices.ContainsFunc(rest, func(a int) bool { return g.study.plan.Axes[a] == name })
		}
		if fits {
			g.fixing = i + 1
			return true
		}
	}
	return false
}

// choices are what choose understands.
func (g *axes) choices() (all []string) {
	for _, p := range g.pairs() {
		if p[0] < 0 {
			continue
		}
		text := g.study.plan.Axes[p[0]]
		if p[1] >= 0 {
			text += " " + g.study.plan.Axes[p[1]]
		}
		all = append(all, text)
	}
	return all
}
