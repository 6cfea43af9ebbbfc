package report

import "slices"

// Makespan is in how many seconds the last of the runs ends if those that wait
// begin in their order, each on the slot that is free first. It is given what the
// going ones have left and what the waiting ones take, in seconds.
func Makespan(going, waiting []float64, slots int) float64 {
	slots = max(slots, 1)
	going = slices.Sorted(slices.Values(going))
	busy := going[max(len(going)-slots, 0):] // with more runs than slots the first to end make no room
	for len(busy) < slots {
		busy = append(busy, 0)
	}
	for _, seconds := range waiting {
		first := 0
		for i := range busy {
			if busy[i] < busy[first] {
				first = i
			}
		}
		busy[first] += seconds
	}
	return slices.Max(busy)
}
