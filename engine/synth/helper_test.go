package synth

import (
	"math/rand/v2"

	"ablate/engine/seed"
)

func stream(i int) *rand.Rand { return seed.Stream(1, "test", i) }
