//go:build !amd64 || purego

package kernel

// Without assembly the plain loops do everything, and the functions below,
// which stand behind tests of fast, are never reached.
const fast = false

func tiles(_, _, _ int, _ []float32, _, _, _ int, _, _ []float32, _, _ int) {}

func row2(_ int, _ *float32, _ int, _ *float32, _ int, _ *float32, _ int)  {}
func row4(_ int, _ *float32, _ int, _ *float32, _ int, _ *float32, _ int)  {}
func peak(_ int)                                                           {}
func copyStrip(_, _ *float32, _, _ int)                                    {}
func transposeStrip(_, _ *float32, _, _ int)                               {}
func addLanes(_, _ *float32, _ int)                                        {}
func scaleLanes(_ *float32, _ int, _ float32)                              {}
func blendLanes(_, _ *float32, _ int, _ float32)                           {}
func geluLanes(_, _ *float32, _ int)                                       {}
func geluBackwardLanes(_, _ *float32, _ int)                               {}
func rotateLanes(_ *float32, _, _ int, _, _ *float32)                      {}
func adamwLanes(_, _, _, _ *float32, _ int, _ *float32)                    {}
func dotLanes(_, _ *float32, _ int) float32                                { return 0 }
func softmaxLanes(_ *float32, _ int, _ float32) (largest, total float32)   { return 0, 0 }
func softmaxBackwardLanes(_, _ *float32, _ int, _ float32)                 {}
func normLanes(_, _, _ *float32, _ int) (mean, scale float32)              { return 0, 0 }
func normBackwardLanes(_, _, _, _, _ *float32, _ int, mean, scale float32) {}
