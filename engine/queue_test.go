package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestRearranged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, order, ids, place string
		want                    string
		moved                   int
		err                     string
	}{
		{"first", "a b c d", "c", First, "c a b d", 1, ""},
		{"last", "a b c d", "b", Last, "a c d b", 1, ""},
		{"before", "a b c d", "d", "b", "a d b c", 1, ""},
		{"several, in the order that was named", "a b c d", "d b", First, "d b a c", 2, ""},
		{"several before another", "a b c d", "a d", "c", "b a d c", 2, ""},
		{"one twice", "a b c", "c c", First, "c a b", 1, ""},
		{"one that does not wait", "a b c", "x c", First, "c a b", 1, ""},
		{"none that waits", "a b c", "x", First, "a b c", 0, ""},
		{"where it is", "a b c", "a", First, "a b c", 1, ""},
		{"all", "a b", "b a", Last, "b a", 2, ""},
		{"an empty queue", "", "a", First, "", 0, ""},
		{"before itself", "a b c", "a b", "b", "", 0, "b cannot come before itself"},
		{"before one that does not wait", "a b c", "a", "x", "", 0, `"x" does not wait`},
		{"nowhere", "a b c", "a", "", "", 0, `"" does not wait`},
	}
	for _, tt := range tests {
		after, moved, err := rearranged(strings.Fields(tt.order), strings.Fields(tt.ids), tt.place)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.err)
		}
		if got := strings.Join(after, " "); got != tt.want || moved != tt.moved {
			t.Errorf("%s: order is %q with %d moved, want %q with %d", tt.name, got, moved, tt.want, tt.moved)
		}
	}
}

// The journal rebuilds the order of what waits, whatever began meanwhile.
func TestReplay(t *testing.T) {
	t.Parallel()
	move := func(place string, ids ...string) entry {
		return entry{Verb: "move", Key: "k" + place, Runs: ids, Place: place}
	}
	run := func(ids ...string) entry { return entry{Verb: "run", Runs: ids} }
	tests := []struct {
		name    string
		journal []entry
		waiting string // by name, as the folders tell
		want    string
	}{
		{"as asked", []entry{run("b", "c"), run("a")}, "a b c", "b c a"},
		{"without a journal by time", nil, "a b c", "c b a"},
		{"what is not in it is older", []entry{run("c")}, "a b c", "b a c"},
		{"moved", []entry{run("a", "b", "c"), move(First, "c")}, "a b c", "c a b"},
		{"moved before one that began since", []entry{run("a", "b", "c", "d"), move("b", "d")}, "a c d", "a d c"},
		{"asked for after a move", []entry{run("a", "b"), move(First, "b"), run("c")}, "a b c", "b a c"},
		{"asked for again", []entry{run("a", "b"), {Verb: "retry", Runs: []string{"a"}}}, "a b", "b a"},
		{"moved and asked for again", []entry{run("a", "b", "c"), move(First, "c"), {Verb: "resume", Runs: []string{"c"}}}, "a b c", "a b c"},
		{"two moves", []entry{run("a", "b", "c"), move(Last, "a"), move(First, "c")}, "a b c", "c b a"},
		{"a stop moves nothing", []entry{run("a", "b"), {Verb: "stop", Runs: []string{"a"}}}, "a b", "a b"},
	}
	for _, tt := range tests {
		j := &journal{keys: map[string]bool{}, rank: map[string]int{}}
		for _, e := range tt.journal {
			j.replay(e)
		}
		var wishes []wish
		for i, id := range strings.Fields(tt.waiting) {
			wishes = append(wishes, wish{id: id, asked: store.Asked{Time: float64(100 - i)}})
		}
		j.sort(wishes)
		var got []string
		for _, w := range wishes {
			got = append(got, w.id)
		}
		if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
			t.Errorf("%s: order (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestStarts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		places int
		ends   []float64
		take   []float64
		want   []float64
	}{
		{"nothing waits", 2, []float64{5}, nil, nil},
		{"one after another", 1, []float64{5}, []float64{10, 10}, []float64{5, 15}},
		{"a place is free", 2, []float64{5}, []float64{10, 1}, []float64{0, 5}},
		{"the place that is free first", 2, []float64{5, 8}, []float64{10, 1, 1}, []float64{5, 8, 9}},
		{"fewer places than live runs", 1, []float64{3, 5, 4}, []float64{10, 10}, []float64{5, 15}},
		{"behind an unknown one", 1, []float64{5}, []float64{10, 0, 10}, []float64{5, 15}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, starts(0, tt.places, tt.ends, tt.take)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
