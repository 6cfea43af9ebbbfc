//go:build (linux || darwin) && !nonvml

package nvml

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

func TestXIDs(t *testing.T) {
	t.Parallel()
	for _, define := range []string{"NEW", "OLD_DRIVER"} {
		t.Run(define, func(t *testing.T) {
			t.Parallel()
			library := gputest.Driver(t, define, twoGPUs)
			s := openFake(t, library)
			now := time.UnixMilli(1_700_000_000_250)
			s.(*nvml).now = func() time.Time { return now }
			sees := func(what string, want ...gpu.XID) {
				t.Helper()
				d := gputest.Sample(t, s)
				if diff := cmp.Diff(want, d[0].XIDs); diff != "" || d[0].XIDs == nil || len(d[1].XIDs) != 0 {
					t.Errorf("%s (-want +got):\n%s\nof the other GPU: %v", what, diff, d[1].XIDs)
				}
			}
			fault := gpu.XID{Time: 1_700_000_000.25, Code: 31, Text: "the program touched memory that it does not have"}
			unknown := gpu.XID{Time: 1_700_000_007.25, Code: 9999}
			sees("before", []gpu.XID{}...)
			gputest.Put(t, library, twoGPUs+"gpu 0\nevent 2 5\nevent 8 31\n")
			sees("one", fault)
			now = now.Add(7 * time.Second)
			sees("not twice", fault)
			gputest.Put(t, library, twoGPUs+"gpu 0\nevent 2 5\nevent 8 31\nevent 8 9999\n")
			sees("one without words", fault, unknown)
			gputest.Put(t, library, twoGPUs)
			sees("it stays", fault, unknown)
		})
	}
}

// The newest are kept, and a sample that was given away does not change.
func TestXIDsAreARing(t *testing.T) {
	t.Parallel()
	var flood strings.Builder
	for i := range 300 {
		fmt.Fprintf(&flood, "event 8 %d\n", 1000+i)
	}
	library := gputest.Driver(t, "NEW", twoGPUs+"event 8 79\n")
	s := openFake(t, library)
	gputest.Sample(t, s)
	first := gputest.Sample(t, s)[1].XIDs
	gputest.Put(t, library, twoGPUs+"event 8 79\n"+flood.String())
	for range 300/128 + 1 {
		gputest.Sample(t, s)
	}
	got := gputest.Sample(t, s)[1].XIDs
	if len(got) != 16 || got[0].Code != 1284 || got[15].Code != 1299 {
		t.Errorf("of 300: %v", got)
	}
	if len(first) != 1 || first[0].Code != 79 {
		t.Errorf("the first sample has now: %v", first)
	}
}

// Without events there is null, not "none".
func TestNoEvents(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{
		"no set":         "fail EventSetCreate 3\n" + twoGPUs,
		"not of a GPU":   "fail RegisterEvents 3\n" + twoGPUs,
		"no permission":  "fail RegisterEvents 4\n" + twoGPUs,
		"waiting is not": "fail EventSetWait 999\n" + strings.ReplaceAll(twoGPUs, "persistence", "fail RegisterEvents 3\npersistence"),
	} {
		d := gputest.Sample(t, openFake(t, gputest.Driver(t, "NEW", fault)))[0]
		if d.XIDs != nil || d.Error != "" {
			t.Errorf("%s: %v, error %q", name, d.XIDs, d.Error)
		}
	}
}
