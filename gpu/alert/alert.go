// Package alert says in words what is wrong with GPUs.
//
// Condition is what one reading tells, for a column of a page. A Watch looks at
// every reading and tells when something begins and when it is over: most things
// have to last for about 3 s before they count and to be away for 10 s before they
// are over, so that a clock that touches its limit for a moment, a pause for an
// evaluation or a reading that flickers raises nothing. Events, such as an XID, count
// at once and stay in force for a while, since the driver never takes them back.
package alert

import (
	"cmp"

	"ablate/gpu"
)

// Kind is a sort of thing that can be wrong.
type Kind int

// The kinds, gravest first: the order in which Now and Condition tell them.
const (
	NotAnswering    Kind = iota + 1 // a call has been in the driver for too long
	DriverMismatch                  // driver and library of different versions
	DriverNotLoaded                 // the library is there, the driver is not
	Lost                            // the GPU fell off the bus, or is listed no more
	ResetRequired                   // the driver refuses the GPU until it is reset
	XID                             // an error that the driver reported
	ECC                             // errors of the memory
	Repair                          // what the driver says that the GPU needs
	Throttled                       // the clock is held down: heat, power supply, hardware
	MemoryFull                      // nearly
	Idle                            // while it is held
	PowerCap                        // the clock is held down by the power limit: a note
)

// Alert says that something began, or that it is over.
type Alert struct {
	Time  float64 // seconds since 1970, of the look that told it
	Node  string
	UUID  gpu.Text // "": of the whole node
	Index int      // of the GPU; -1: of the whole node
	Kind  Kind
	Short string // for a column of 24 cells: "XID 79", "too hot"
	Name  string // of what it is about: "GPU 3", "GPU 3 slice 0", "driver"
	Words string // what is wrong and what to do: "XID 79, fallen off the bus; restart the machine"
	Over  bool
	Grave bool // work is lost, wrong, or cannot go on
}

// Text is a sentence: "GPU 3: XID 79, fallen off the bus; restart the machine".
func (a Alert) Text() string { return a.Name + ": " + a.Words }

// gravest orders alerts for people.
func gravest(a, b Alert) int {
	if a.Grave != b.Grave {
		if a.Grave {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Node, b.Node),
		cmp.Compare(a.Index, b.Index),
		cmp.Compare(a.UUID, b.UUID),
		cmp.Compare(a.Short, b.Short),
	)
}
