package engine

import "testing"

func TestBusyWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		live, slots int
		want        string
	}{
		{1, 2, "1 of 2 slots busy"},
		{2, 2, "2 of 2 slots busy"},
		{4, 1, "4 runs in 1 slots (there were more; what runs goes on)"},
	} {
		if got := (Status{Live: tt.live, Slots: tt.slots}).busy(); got != tt.want {
			t.Errorf("%d runs in %d slots are %q, want %q", tt.live, tt.slots, got, tt.want)
		}
	}
}
