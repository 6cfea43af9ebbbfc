package experiments

import "fmt"

// warnings are about what works here and may not do what was meant.
func (c *checker) warnings(f *File) []Problem {
	before := len(c.list)
	for _, at := range c.newer {
		c.report(at, "this is TOML 1.1; other programs and editors read TOML 1.0",
			"TOML 1.0 has inline tables on one line without a last comma, and no escapes \\e and \\x")
	}
	for _, e := range f.Experiments {
		if e.Recipe == Command && len(e.Seeds) > 1 && !e.uses("seed") {
			at := c.places[child(path("experiment", e.Name), "argv")].key
			c.report(at, fmt.Sprintf("argv does not use {seed}: the %d seeds of a cell run the same command", len(e.Seeds)), "")
		}
	}
	return c.list[before:]
}

// uses is true if the argv has the placeholder name.
func (e *Experiment) uses(name string) bool {
	for _, a := range e.Argv {
		list, _ := pieces(a)
		for _, p := range list {
			if p.name == name {
				return true
			}
		}
	}
	return false
}
