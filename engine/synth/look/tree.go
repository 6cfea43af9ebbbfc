package look

import (
	"context"
	"fmt"
	"strings"
)

// tree is the stage tree: features by their place.
type tree struct {
	header
	Corpus   string    `json:"corpus"`
	Features []feature `json:"features"`
}

func lookTree(_ context.Context, s *session) (result, error) {
	c, err := s.catalogue()
	if err != nil {
		return nil, err
	}
	return tree{s.header(), s.source(), features(c)}, nil
}

func (t tree) text(p *page) {
	evolved := 0
	for _, f := range t.Features {
		if f.Programs == 0 {
			evolved++
		}
	}
	p.line("tree: %s of %s, %d of them evolved", plural(len(t.Features), "feature"), t.Corpus, evolved)
	p.line("a number counts the programs that show a feature; + marks an evolved one")
	last := make([]string, 2)
	form, leaves := "", []string{}
	flush := func() {
		if len(leaves) > 0 {
			p.hang(4, form, strings.Join(leaves, ", "))
		}
		leaves = nil
	}
	for _, f := range t.Features {
		parts := strings.Split(f.Path, "/")
		if parts[0] != last[0] || parts[1] != last[1] || form != inner(parts) {
			flush()
		}
		if parts[0] != last[0] {
			p.title("%s", parts[0])
		}
		if len(parts) > 2 && (parts[0] != last[0] || parts[1] != last[1]) {
			p.line("  %s", parts[1])
		}
		copy(last, parts)
		form = inner(parts)
		name := fmt.Sprintf("%s %d", f.leaf(), f.Programs)
		if f.Programs == 0 {
			name = "+" + f.leaf()
		}
		leaves = append(leaves, name)
	}
	flush()
	p.title("next: --stage sample draws from it, --stage evolve says what was added")
}

// inner is the form of a feature, between its group and its name.
func inner(path []string) string {
	if len(path) < 4 {
		return ""
	}
	return strings.Join(path[2:len(path)-1], "/")
}
