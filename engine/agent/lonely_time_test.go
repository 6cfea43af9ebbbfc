package agent

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ablate/gpu"
)

// An agent ends whose other end is gone without a word, even where its output takes no
// more; one that is answered goes on.
func TestAgentThatIsAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		blocked  bool
		answered int // seconds
		want     time.Duration
	}{
		{"never answered", false, 0, time.Minute},
		{"its output is full", true, 0, time.Minute},
		{"answered for a while", false, 300, 6 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &fakeGPUs{devices: []gpu.Device{{}}, closed: make(chan struct{})}
				in, hold := io.Pipe()
				out, w := io.Pipe()
				began := time.Now()
				if !tt.blocked {
					go func() { _, _ = io.Copy(io.Discard, out) }()
				}
				go func() {
					for range tt.answered {
						<-time.After(time.Second)
						_, _ = hold.Write([]byte("\n"))
					}
				}()
				if err := serve(t.Context(), in, w, g.watch); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took < tt.want || took > tt.want+5*time.Second {
					t.Errorf("it ended after %v, want %v", took, tt.want)
				}
				<-g.closed
				out.Close() // what is left of the test ends
				hold.Close()
			})
		})
	}
}
