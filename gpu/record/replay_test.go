package record

import (
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
	"ablate/gpu/gputest"
)

func openRecording(t *testing.T) gpu.Sampler {
	t.Helper()
	f, err := os.Open("testdata/two.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := OpenReplay(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReplayIsASampler(t *testing.T) {
	t.Parallel()
	gputest.Sampler(t, openRecording)
}

func TestReplayStartsOver(t *testing.T) {
	t.Parallel()
	s := openRecording(t)
	var busy []float64
	for range 5 {
		busy = append(busy, *gputest.Sample(t, s)[0].BusyPct)
	}
	if diff := cmp.Diff([]float64{92, 0, 92, 0, 92}, busy); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOpenReplay(t *testing.T) {
	t.Parallel()
	const good = `{"time":1,"devices":[]}` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"one", good, ""},
		{"last line without newline", good + `{"time":2,"devices":[]}`, ""},
		{"last line cut off", good + `{"time":2,"dev`, ""},
		{"empty lines", "\n" + good + "\n\n", ""},
		{"nothing", "", "no sample in it"},
		{"only a torn line", `{"ti`, "no sample in it"},
		{"damaged line", good + "\n{\"ti\n" + good, ""},
		{"wrong type", `{"time":1,"devices":[{"index":"0"}]}` + "\n", "no sample in it"},
		{"damaged stream", "\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff", "read recording: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := OpenReplay(strings.NewReader(c.text))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestOpenReplayCannotRead(t *testing.T) {
	t.Parallel()
	if _, err := OpenReplay(iotest.ErrReader(os.ErrPermission)); err == nil {
		t.Error("no error from a reader that fails")
	}
}
