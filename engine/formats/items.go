package formats

import (
	"fmt"
	"math"

	"ablate/experiments/store"
)

// readItems reads items as a run folder has them: {"id","n","c"} a line, with a stratum
// and a cluster where there are any. A task stands in one line.
func readItems(s *scanner, out *results) error {
	tasks := out.set("current")
	return s.lines(func(int) error {
		item := store.Item{N: -1, C: -1}
		err := s.object(func(key string) (err error) {
			switch key {
			case "id":
				item.ID, err = s.name()
			case "n":
				item.N, err = s.count()
			case "c":
				item.C, err = s.count()
			case "stratum":
				item.Stratum, err = s.optionalText()
			case "cluster":
				item.Cluster, err = s.optionalText()
			case "verdict":
				item.Verdict, err = s.optionalText()
			default:
				return s.skip()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		})
		if err == nil && (item.N < 0 || item.C < 0) {
			err = fmt.Errorf("the task %q lacks n or c", item.ID)
		}
		if err != nil {
			return err
		}
		return tasks.once(item)
	})
}

// count reads a whole number that is not below 0.
func (s *scanner) count() (int, error) {
	x, err := s.number()
	if err == nil && (x != math.Trunc(x) || x < 0 || x > math.MaxInt32) { // NaN is not equal to anything
		err = s.errorf("%v, want a whole number from 0", x)
	}
	if err != nil {
		return 0, err
	}
	return int(x), nil
}
