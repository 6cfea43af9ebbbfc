package formats

import (
	"fmt"
	"strings"

	"ablate/experiments/store"
)

// readLiveCodeBench reads what lcb_runner writes as *_eval_all.json: an array with an
// object for every problem, whose graded_list says which samples passed. The means
// that stand there are not read: its incremental mode weighs old and new ones by hand.
// Problems of one contest are a cluster, and difficulties are strata.
func readLiveCodeBench(s *scanner, out *results) error {
	tasks := out.set("current")
	return s.array(func(i int) error {
		p := problem{}
		if err := s.object(func(key string) error { return p.field(s, key) }); err != nil {
			return fmt.Errorf("problem %d%s: %w", i+1, p.called(), err)
		}
		if !p.graded {
			return fmt.Errorf("problem %d%s has no graded_list: was it evaluated?", i+1, p.called())
		}
		item := store.Item{ID: p.id, N: p.n, C: p.c, Stratum: p.difficulty}
		if date, _, _ := strings.Cut(p.date, "T"); p.platform != "" && date != "" {
			item.Cluster = p.platform + " " + date
		}
		if err := tasks.once(item); err != nil {
			return fmt.Errorf("problem %d: %w", i+1, err)
		}
		return nil
	})
}

// problem is one of LiveCodeBench.
type problem struct {
	id, platform, date, difficulty string
	n, c                           int
	graded                         bool
}

func (p *problem) called() string {
	if p.id == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", p.id)
}

func (p *problem) field(s *scanner, key string) (err error) {
	switch key {
	case "question_id":
		p.id, err = s.name()
	case "platform":
		p.platform, err = s.optionalText()
	case "contest_date":
		p.date, err = s.optionalText()
	case "difficulty":
		p.difficulty, err = s.optionalText()
	case "graded_list":
		p.graded, p.n, p.c = true, 0, 0
		err = s.array(func(int) error {
			ok, err := s.passed()
			p.n++
			if ok {
				p.c++
			}
			return err
		})
	default:
		return s.skip()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// readPlaces reads what lcb_runner writes as *_eval.json: an array of means, of
// results by the place of the problem, {"0": [[1, 1, -2], ...]}, and of details. A
// sample passed whose tests all are above 0.
func readPlaces(s *scanner, out *results) error {
	tasks := out.set("current")
	out.warn("tasks are known by their place alone: pairs are right only if both files hold the same problems in the same order; *_eval_all.json has their names")
	parts := 0
	err := s.array(func(i int) error {
		parts++
		if i != 1 {
			return s.skip()
		}
		return s.object(func(key string) error {
			item := store.Item{ID: "place " + key}
			err := s.array(func(int) error {
				passed, err := s.allAbove()
				item.N++
				if passed {
					item.C++
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("problem at place %s: %w", key, err)
			}
			return tasks.once(item)
		})
	})
	if err == nil && parts < 2 {
		err = s.errorf("the results by problem are missing")
	}
	return err
}

// allAbove reads an array of numbers: whether there are some, and all above 0.
func (s *scanner) allAbove() (bool, error) {
	n, all := 0, true
	err := s.array(func(int) error {
		x, err := s.number()
		n++
		all = all && x > 0
		return err
	})
	return all && n > 0, err
}
