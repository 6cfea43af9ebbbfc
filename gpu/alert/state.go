package alert

import "ablate/gpu"

// mostConditions bounds what is remembered of a GPU whose readings are nonsense.
const mostConditions = 32

// state is what a Watch knows of one GPU, or of a node as a whole.
type state struct {
	node       string
	uuid       gpu.Text   // "": of the node
	device     gpu.Device // as it was read last
	look       int        // in which it was last seen; 0: never yet
	at         float64    // when its newest reading was taken
	looked     float64    // when it was last looked for
	missing    float64    // seconds for which it has not been listed
	conditions []*condition
	events     events
}

// elapsed takes over the time and look of a reading and tells the seconds since the one
// before. Clocks that go back give 0.
func (s *state) elapsed(at float64, look int) float64 {
	dt := max(at-s.at, 0)
	if s.look == 0 {
		dt = 0
	}
	s.at, s.look = at, look
	return dt
}

// step takes what is wrong by a reading and tells what began and ended.
func (s *state) step(now, dt float64, found []finding, told []Alert) []Alert {
	for _, f := range found {
		s.note(f)
	}
	kept := s.conditions[:0]
	for _, c := range s.conditions {
		began, ended := c.pass(dt, contains(found, c))
		if began {
			c.alert = s.alert(now, c.finding)
			told = append(told, c.alert)
		}
		if ended {
			c.inForce, c.signs = false, 0
			told = append(told, over(now, c))
		}
		if c.there || c.inForce || c.signs > 0 {
			kept = append(kept, c)
		}
	}
	clear(s.conditions[len(kept):])
	s.conditions = kept
	return told
}

// end tells that all is over.
func (s *state) end(now float64, told []Alert) []Alert {
	for _, c := range s.conditions {
		if c.inForce {
			told = append(told, over(now, c))
		}
	}
	return told
}

// note takes over what a finding says, or starts a condition with it.
func (s *state) note(f finding) {
	for _, c := range s.conditions {
		if c.same(f) {
			c.finding, c.rule = f, ruleOf(f)
			return
		}
	}
	if len(s.conditions) < mostConditions {
		s.conditions = append(s.conditions, &condition{finding: f, rule: ruleOf(f)})
	}
}

func contains(found []finding, c *condition) bool {
	for _, f := range found {
		if c.same(f) {
			return true
		}
	}
	return false
}

// inForce says whether something of a kind is.
func (s *state) inForce(k Kind) bool {
	for _, c := range s.conditions {
		if c.kind == k && c.inForce {
			return true
		}
	}
	return false
}
