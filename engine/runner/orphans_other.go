//go:build !linux

package runner

// adoptOrphans does nothing: only Linux has subreapers.
func adoptOrphans() {}

// orphans lists none: nothing is adopted.
func orphans() []int { return nil }

// reapOrphans does nothing: there are none.
func reapOrphans(int) {}
