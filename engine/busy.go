package engine

import "errors"

// ErrBusy is what a Launcher's error wraps if what the run needs is in use by
// another one, of whatever store. Nothing of the attempt has begun: the run stays
// queued and is tried again.
var ErrBusy = errors.New("what the run needs is in use")
