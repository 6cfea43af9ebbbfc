package remote

import (
	"errors"
	"math/rand/v2"
	"time"
)

const (
	longestPause = time.Minute
	// slowPause is between tries that only a person can make succeed: hosts lock out
	// who fails too often.
	slowPause = 5 * time.Minute
	// steady is how long a link has to hold before a new failure counts as the first.
	steady = 30 * time.Second
)

// pace is how long a link waits between tries: 1, 2, 4 and up to 60 seconds, a
// quarter more or less, so that hosts behind one bastion do not come all at once.
type pace struct{ failures int }

// after is how long to wait after a try that failed, and whether it had held before.
func (p *pace) after(err error, held bool) time.Duration {
	if held {
		p.failures = 0
	}
	pause := longestPause
	if p.failures < 6 {
		pause = time.Second << p.failures
	}
	p.failures++
	if isSlow(err) {
		pause = slowPause
	}
	return time.Duration(float64(pause) * (0.75 + rand.Float64()/2))
}

func isSlow(err error) bool {
	var t *trouble
	return errors.As(err, &t) && t.slow
}
