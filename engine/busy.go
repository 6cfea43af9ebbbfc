package engine

import (
	"errors"
	"strings"
)

// ErrBusy is what a Launcher's error wraps if what the run needs is in use by
// another one, of whatever store, or does not work now. Nothing of the attempt has
// begun: the run stays queued and is tried again.
var ErrBusy = errors.New("what the run needs cannot be had now")

// Busy reports whether a trouble that the engine tells of is no more than that:
// runs wait for what others will let go.
func Busy(trouble string) bool { return strings.HasPrefix(trouble, ErrBusy.Error()) }

// lacks is what a trouble of that kind lacks, in the fewest words: where it stands it
// is plain that a run waits for it.
func lacks(trouble string) string {
	return strings.TrimPrefix(strings.TrimPrefix(trouble, ErrBusy.Error()+": "), "claim GPUs: ")
}
