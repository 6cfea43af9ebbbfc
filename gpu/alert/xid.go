package alert

import "fmt"

// graveXIDs are those after which work on the GPU is lost or in doubt and somebody has
// to act, with what to do (NVIDIA, "XID Errors", table of resolutions). Any other, such
// as 13, 31, 43 or 45, is told too: most are of the program that ran.
var graveXIDs = map[int]string{
	46:  reset,                                          // stopped processing
	48:  reset,                                          // double bit ECC error
	62:  reset,                                          // internal micro-controller halt
	63:  "reset the GPU when its work is done",          // a row is remapped
	64:  reset,                                          // a row could not be remapped
	74:  "reset the GPU, check NVLink bridges and seat", // NVLink error
	79:  "restart the machine",                          // fallen off the bus
	94:  "restart the run, then reset the GPU",          // contained ECC error
	95:  reset,                                          // uncontained ECC error
	109: reset,                                          // context switch timeout
	119: reset,                                          // GSP does not answer
	120: reset,                                          // GSP error
	140: reset,                                          // unrecovered ECC error
	143: reset,                                          // initialisation failed
}

const reset = "reset the GPU"

// How long an event stays in force, in seconds.
const (
	eventStays      = 60
	graveEventStays = 600
)

func stays(grave bool) float64 {
	if grave {
		return graveEventStays
	}
	return eventStays
}

func ofXID(code int, text string) finding {
	_, grave := graveXIDs[code]
	return finding{kind: XID, cause: fmt.Sprintf("XID %d", code), text: text, code: code, grave: grave}
}
