package alert

// rule says for how many seconds there have to be signs of a kind before it counts,
// how many of them a second without a sign takes away, and for how long there has to
// be none before it is over. Of idleness any work takes all away.
type rule struct{ need, leak, stay float64 }

const (
	lasting   = 3.5 // four readings at 1 Hz, and not the three of a moment
	idleNeeds = 60  // twice the longest pause for an evaluation
	all       = 1e9
	calm      = 10
	gap       = 30 // seconds between two readings after which nothing is known of the time between
)

func ruleOf(f finding) rule {
	switch f.kind {
	case Throttled, PowerCap, MemoryFull:
		return rule{lasting, 0.5, calm}
	case Idle:
		return rule{idleNeeds, all, calm}
	case XID, ECC:
		return rule{0, 0, stays(f.grave)}
	case Lost:
		if f.text == "" { // only listed no more
			return rule{lasting, 0, calm}
		}
	}
	return rule{0, 0, calm}
}

// condition is one thing that is, or may become, an alert.
type condition struct {
	finding
	rule
	alert   Alert // as it began; of use while it is in force
	inForce bool
	there   bool    // by the newest reading
	signs   float64 // seconds with signs of it, less those that leaked
	away    float64 // seconds since the last sign
}

// pass takes a reading that came dt seconds after the one before: whether there is a
// sign of the condition in it. began and ended say what changed.
func (c *condition) pass(dt float64, there bool) (began, ended bool) {
	lasted := dt
	if there != c.there || dt > gap {
		lasted = min(dt, 1) // when it changed in that time is not known
	}
	c.there = there
	if there {
		c.signs, c.away = c.signs+lasted, 0
		began = !c.inForce && c.signs >= c.need
		c.inForce = c.inForce || began
		return began, false
	}
	c.away += lasted
	if c.inForce {
		ended = c.away >= c.stay
		return false, ended
	}
	c.signs -= min(c.signs, c.leak*lasted)
	return false, false
}
