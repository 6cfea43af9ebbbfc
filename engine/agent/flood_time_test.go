package agent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Who sends without end is read at a rate, and what waited is read at once.
func TestFloodWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, line  string
		lines       int
		least, most time.Duration
	}{
		{"30 s of full frames that waited", strings.Repeat("x", 200<<10) + "\n", 30, 0, 0},
		{"bytes", strings.Repeat("x", 1<<20) + "\n", 40, 7 * time.Second, 9 * time.Second},
		{"a line without end", strings.Repeat("x", 64<<10), 640, 7 * time.Second, 9 * time.Second},
		{"lines", "y\n", 300_000, 3 * time.Second, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				lines := NewLines(strings.NewReader(strings.Repeat(tt.line, tt.lines)))
				began := time.Now()
				for {
					if _, err := lines.Next(); err != nil {
						break
					}
				}
				if took := time.Since(began); took < tt.least || took > tt.most {
					t.Errorf("it took %v, want %v to %v", took, tt.least, tt.most)
				}
			})
		})
	}
}
