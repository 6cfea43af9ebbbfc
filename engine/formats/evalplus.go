package formats

import (
	"fmt"

	"ablate/experiments/store"
)

// readEvalplus reads what evalplus writes: {"hash", "eval": {task: [samples]}}, and
// from before version 0.2 {task: {"base": [[status, ...]], "plus": [...]}} with
// "success" for what passed. A sample counts in the set current if it passed the tests
// of HumanEval or MBPP and those that evalplus adds, and in base if it passed the
// former. A file of base tests alone has one set, current.
func readEvalplus(s *scanner, out *results) error {
	both, base := out.set("current"), &gathered{name: "base", at: map[string]int{}}
	found, plus := false, 0
	err := s.object(func(key string) error {
		switch key {
		case "hash":
			var err error
			out.hash, err = s.optionalText()
			return err
		case "eval":
			found = true
			return s.object(func(task string) error {
				c, err := s.statuses()
				if err != nil {
					return fmt.Errorf("task %q: %w", task, err)
				}
				if c.plus != 0 && c.plus != c.n {
					return fmt.Errorf("task %q has %d samples of which %d were tested with more tests than the base", task, c.n, c.plus)
				}
				if plus += c.plus; c.plus > 0 {
					if err := both.once(store.Item{ID: task, N: c.n, C: c.both}); err != nil {
						return err
					}
				}
				return base.once(store.Item{ID: task, N: c.n, C: c.base})
			})
		}
		return s.skip()
	})
	switch {
	case err != nil:
		return err
	case !found:
		return s.errorf("it has no eval")
	case plus == 0:
		base.name = both.name
		out.sets, out.format = []*gathered{base}, "evalplus base"
		out.warn("base tests alone: pass@1 is that of HumanEval or MBPP, not of HumanEval+ or MBPP+")
		return nil
	}
	out.sets = []*gathered{both, base}
	if n := len(base.items) - len(both.items); n > 0 {
		out.warn("%s were tested with the base tests alone: they count in the set base", counted(n))
	}
	return nil
}

// statusCount counts samples of a task.
type statusCount struct {
	n, base, plus, both int // plus: samples that were tested with more tests
}

// statuses reads the samples of a task in either form.
func (s *scanner) statuses() (c statusCount, err error) {
	first, err := s.peek()
	if err != nil {
		return c, err
	}
	if first == '{' {
		return s.oldStatuses()
	}
	err = s.array(func(int) error {
		var base, plus string
		err := s.object(func(key string) (err error) {
			switch key {
			case "base_status":
				base, err = s.optionalText()
			case "plus_status":
				plus, err = s.optionalText()
			default:
				err = s.skip()
			}
			return err
		})
		c.count(base, plus)
		if err == nil && base == "" {
			err = s.errorf("a sample without a base_status")
		}
		return err
	})
	return c, err
}

func (c *statusCount) count(base, plus string) {
	right := base == "pass" || base == "success"
	c.n++
	if right {
		c.base++
	}
	if plus != "" {
		c.plus++
	}
	if right && (plus == "pass" || plus == "success") {
		c.both++
	}
}

func (s *scanner) oldStatuses() (c statusCount, err error) {
	of := map[string][]string{}
	err = s.object(func(key string) error {
		if key != "base" && key != "plus" {
			return s.skip()
		}
		of[key] = nil
		return s.array(func(int) error {
			return s.array(func(i int) error {
				if i > 0 {
					return s.skip()
				}
				status, err := s.text()
				of[key] = append(of[key], status)
				return err
			})
		})
	})
	base, plus := of["base"], of["plus"]
	if err == nil && len(plus) > 0 && len(plus) != len(base) {
		err = s.errorf("%d samples with base tests and %d with more", len(base), len(plus))
	}
	if err != nil {
		return c, err
	}
	for i := range base {
		more := ""
		if len(plus) > 0 {
			more = plus[i]
		}
		c.count(base[i], more)
	}
	return c, nil
}
