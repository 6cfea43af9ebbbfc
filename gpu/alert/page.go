package alert

import (
	"math"

	"ablate/gpu"
)

// Condition is the gravest thing that one reading tells of a GPU, for a column of 24
// cells: "lost", "XID 79", "too hot", "memory full", "idle, held", "power cap", "ECC";
// "" for a healthy one. It remembers nothing: what only lasts for a moment is there for
// that moment. now is in seconds since 1970, for the XIDs: one is told for a minute, a
// grave one for ten. held says that somebody's run has the GPU.
func Condition(d gpu.Device, now float64, held bool) (text string, grave bool) {
	found := find(nil, d, held, false)
	for _, x := range d.XIDs {
		if f := ofXID(x.Code, x.Text); math.Abs(now-x.Time) < stays(f.grave) {
			found = append(found, f)
		}
	}
	if len(found) > 0 {
		worst := Alert{}
		for i, f := range found {
			if a := (Alert{Kind: f.kind, Short: f.cause, Grave: f.grave}); i == 0 || gravest(a, worst) < 0 {
				worst = a
			}
		}
		return worst.Short, worst.Grave
	}
	switch {
	case value(d.ECCUncorrected) > 0 && value(d.ECCUncorrected) < unreadable:
		return "ECC", false // of the time since the driver was loaded: not news
	case d.Error != "":
		return "error", false
	}
	return "", false
}
