package gpu

import "time"

// Local is the name of this machine among nodes.
const Local = "local"

// Node is what is known now of the GPUs of one machine.
type Node struct {
	Name    string        // as the experiment file calls it, or Local
	Devices []Device      // of the newest sample, with their age; none before the first
	Age     time.Duration // of that sample
	// Err is what is wrong now: ErrNoDriver, ErrNotYet, ErrNotAnswering, or why a
	// host cannot be reached; nil: nothing. A sample may be there all the same.
	Err error
	// Doing is what is done to reach a host, in words ("connecting"); "" once its
	// readings come.
	Doing string
}
