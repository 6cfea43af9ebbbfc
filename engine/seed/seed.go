// Package seed gives every use of randomness a stream of its own, so that one
// more draw in one place never moves another: a run is a function of its seed,
// whatever the number of workers.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Stream returns the random stream of one purpose ("task", "init", "order", ...)
// and index (task number, epoch, sample) under a run's seed. Equal arguments
// give equal streams on every machine; different ones independent streams.
func Stream(seed int64, purpose string, index int) *rand.Rand {
	b := make([]byte, 0, 64)
	b = binary.LittleEndian.AppendUint64(b, uint64(seed))
	b = binary.LittleEndian.AppendUint64(b, uint64(index))
	b = append(b, purpose...)
	h := sha256.Sum256(b)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(h[:8]), binary.LittleEndian.Uint64(h[8:16])))
}
