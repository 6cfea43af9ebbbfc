//go:build (linux || darwin) && !nonvml

package nvml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

// Hundreds of processes, one that ends and some that come between the call that counts
// them and the one that lists them.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	var want []gpu.Process
	text.WriteString("gpu\nuuid GPU-0\n")
	for i := range 400 {
		switch {
		case i == 100:
			fmt.Fprintf(&text, "process %d 5 ends\n", 1000+i)
			continue
		case i%20 == 7:
			fmt.Fprintf(&text, "process %d 5 comes\n", 1000+i)
		default:
			fmt.Fprintf(&text, "process %d 5\n", 1000+i)
		}
		want = append(want, gpu.Process{PID: 1000 + i, MemoryUsedBytes: new(uint64(5 << 20))})
	}
	for _, define := range []string{"NEW", "OLD_DRIVER"} {
		got := gputest.Sample(t, openFake(t, gputest.Driver(t, define, text.String())))[0]
		if diff := cmp.Diff(want, got.Processes); diff != "" || got.Error != "" {
			t.Errorf("%s: error %q (-want +got):\n%s", define, got.Error, diff)
		}
	}
}

// More that come than there ever is room for are told, not waited for.
func TestProcessesWithoutEnd(t *testing.T) {
	t.Parallel()
	calls := 0
	list, r := listed(func(_ handle, n *uint32, _ *process) result {
		calls++
		*n *= 2
		return insufficientSize
	}, 0)
	if list != nil || r != insufficientSize || calls > 20 {
		t.Errorf("%d processes, %v, after %d calls", len(list), r, calls)
	}
}

// What a sample's owner writes into its processes does not come back.
func TestProcessesAreGivenAway(t *testing.T) {
	t.Parallel()
	s := openFake(t, gputest.Driver(t, "NEW", twoGPUs))
	gputest.Sample(t, s)[0].Processes[0].User = "somebody"
	if p := gputest.Sample(t, s)[0].Processes[0]; p.User != "" {
		t.Errorf("the next sample has %+v", p)
	}
}
