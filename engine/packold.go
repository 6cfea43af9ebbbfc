package engine

import (
	"context"
	"time"

	"ablate/experiments/store"
)

// packAge is how long ago a run ended that an engine packs: by then nobody is
// likely to look at its files one by one.
const packAge = 24 * time.Hour

// packOld packs the old runs of the store that an engine served, unless it was
// told to end. It does so behind the engine's lock, where it keeps nobody from
// the next one, and what cannot be packed stays as it is: `ablate gc` says why.
func packOld(ctx context.Context, s *store.Store) {
	_, _ = store.PackEnded(ctx, s, time.Now().Add(-packAge))
}
