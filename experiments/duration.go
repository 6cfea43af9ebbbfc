package experiments

import (
	"fmt"
	"strconv"
	"strings"
)

// durationUnits are the units of a duration in seconds, the largest first.
var durationUnits = []struct {
	name    string
	seconds int
}{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}

const maxDuration = 36500 * 86400 // seconds: a hundred years

// Seconds reads a duration as an experiment file writes it, such as "90s", "3d" or
// "1h30m".
func Seconds(text string) (seconds int, ok bool) { return duration(text) }

// duration reads "90s", "2h", "3d" or "1h30m", each unit at most once and the
// largest first, as seconds.
func duration(text string) (seconds int, ok bool) {
	rest := text
	for _, u := range durationUnits {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i < 1 || rest[i:i+1] != u.name {
			continue
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || n > maxDuration/u.seconds {
			return 0, false
		}
		seconds += n * u.seconds
		rest = rest[i+1:]
	}
	return seconds, text != "" && rest == "" && seconds <= maxDuration
}

// DurationText is a number of whole seconds as an experiment file writes it: "1h30m".
func DurationText(seconds float64) string {
	rest := int(seconds)
	var b strings.Builder
	for _, u := range durationUnits {
		if n := rest / u.seconds; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			rest -= n * u.seconds
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
