package look

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"ablate/engine/synth"
)

// catalogue is that of the seed corpus, or of a corpus of the user's own.
func (s *session) catalogue() (*synth.Catalogue, error) {
	if s.Corpus == "" {
		return synth.Grown(), nil
	}
	if info, err := os.Stat(s.Corpus); err != nil {
		return nil, fmt.Errorf("read corpus: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("read corpus: %s is no folder; name the one that has the *.star files", s.Corpus)
	}
	return synth.Grow(os.DirFS(s.Corpus))
}

// source says in words where the programs come from.
func (s *session) source() string {
	if s.Corpus == "" {
		return "the seed corpus"
	}
	return s.Corpus
}

// extracted is the stage extract.
type extracted struct {
	header
	Corpus     string     `json:"corpus"`
	Programs   int        `json:"programs"`
	Read       int        `json:"read"`
	Unread     []unread   `json:"unread"` // by reason, the most frequent first
	Categories []category `json:"categories"`
	Features   []feature  `json:"features"`
}

// unread is a reason why programs are none of the operations known.
type unread struct {
	Reason   string `json:"reason"`
	Programs int    `json:"programs"`
	Example  string `json:"example"` // file:line
	Function string `json:"function"`
}

type category struct {
	Name      string  `json:"name"`
	Extracted int     `json:"extracted"`
	Evolved   int     `json:"evolved"` // all, after evolution
	Growth    float64 `json:"growth"`  // 0 of nothing
	Paper     float64 `json:"paper"`   // growth in the paper's table 8
}

type feature struct {
	Path     string `json:"path"`
	Programs int    `json:"programs"` // that show it; 0: it is evolved
	Phrase   string `json:"phrase"`
	Program  string `json:"program"`
}

// paperGrowth is X-Coder's table 8: features after evolution for each before.
var paperGrowth = map[string]float64{
	synth.Algorithm: 6.46, synth.DataStructures: 5.27, synth.ProblemType: 9.22,
	synth.Logic: 8.55, synth.Complexity: 5.58, synth.Optimisation: 9.19,
}

func categories(c *synth.Catalogue) []category {
	var all []category
	for _, g := range c.Growth() {
		all = append(all, category{g.Category, g.Extracted, g.Evolved, share(g.Evolved, g.Extracted), paperGrowth[g.Category]})
	}
	return all
}

func features(c *synth.Catalogue) []feature {
	all := []feature{}
	for _, f := range c.Features() {
		all = append(all, feature(f))
	}
	return all
}

func lookExtract(_ context.Context, s *session) (result, error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	out := extracted{header: s.header(), Corpus: s.source(), Categories: categories(c), Unread: []unread{}}
	for _, f := range features(c) {
		if f.Programs > 0 {
			out.Features = append(out.Features, f)
		}
	}
	n, all := c.Read()
	out.Programs, out.Read = n, n-len(all)
	at := map[string]int{}
	for _, u := range all {
		if _, ok := at[u.Reason]; !ok {
			at[u.Reason] = len(out.Unread)
			out.Unread = append(out.Unread, unread{u.Reason, 0, fmt.Sprintf("%s:%d", u.File, u.Line), u.Function})
		}
		out.Unread[at[u.Reason]].Programs++
	}
	slices.SortStableFunc(out.Unread, func(a, b unread) int { return cmp.Compare(b.Programs, a.Programs) })
	return out, nil
}

func (o extracted) text(p *page) {
	p.line("extract: %s of %s, %d read (%s)", plural(o.Programs, "program"), o.Corpus, o.Read, percent(share(o.Read, o.Programs), 0))
	const most = 12 // reasons
	if len(o.Unread) > 0 {
		p.line("")
		rows := [][]string{}
		for _, u := range o.Unread[:min(most, len(o.Unread))] {
			rows = append(rows, []string{fmt.Sprint(u.Programs), cut(u.Reason, 48), cut(u.Example, 22)})
		}
		p.table([]string{">unread", "why", "an example"}, rows)
	}
	if left := len(o.Unread) - most; left > 0 {
		p.line("  and %s", plural(left, "other reason"))
	}
	p.title("features that two programs or more have")
	rows := [][]string{}
	for _, c := range o.Categories {
		rows = append(rows, []string{c.Name, fmt.Sprint(c.Extracted), o.frequent(c.Name)})
	}
	p.table([]string{"category", ">features", "the most frequent, with programs"}, rows)
	p.title("next: --stage evolve adds to them; --corpus DIR reads *.star files of your own")
}

// frequent names the features of a category that most programs show.
func (o extracted) frequent(category string) string {
	of := slices.DeleteFunc(slices.Clone(o.Features), func(f feature) bool { return !strings.HasPrefix(f.Path, category+"/") })
	slices.SortStableFunc(of, func(a, b feature) int { return cmp.Compare(b.Programs, a.Programs) })
	text := ""
	for _, f := range of {
		more := fmt.Sprintf("%s %d", f.name(), f.Programs)
		if text != "" {
			more = text + ", " + more
		}
		if len(more) > 40 {
			break
		}
		text = more
	}
	return text
}

// name is what the feature is called where its category is known: of operations
// the last step of the path, of others all below the category.
func (f feature) name() string {
	category, rest, _ := strings.Cut(f.Path, "/")
	if category == synth.Algorithm {
		return f.leaf()
	}
	return strings.ReplaceAll(rest, "/", " ")
}

// leaf is the last step of the path.
func (f feature) leaf() string { return f.Path[strings.LastIndex(f.Path, "/")+1:] }
