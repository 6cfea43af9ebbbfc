package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// fakeGPUs is a machine whose readings a test gives.
type fakeGPUs struct {
	devices []gpu.Device
	err     error
	closed  chan struct{}
}

func (f *fakeGPUs) Sample(context.Context) ([]gpu.Device, error) { return f.devices, f.err }

func (f *fakeGPUs) Close() error {
	close(f.closed)
	return nil
}

func (f *fakeGPUs) watch(ctx context.Context) *gpu.Watch {
	return gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return f, nil })
}

// next is the next frame of an agent that has something to say about its GPUs.
func next(t *testing.T, lines *Lines) Frame {
	t.Helper()
	for {
		line, err := lines.Next()
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(line)
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if !errors.Is(f.Err(), gpu.ErrNotYet) {
			return f
		}
	}
}

func TestAgentEndsWithItsInput(t *testing.T) {
	t.Parallel()
	device := gpu.Device{
		Host: "far", Index: 3, UUID: "GPU-1", Name: "NVIDIA H20", BusyPct: new(97.5), MemoryUsedBytes: new(uint64(5 << 30)),
		Throttle: []string{}, Processes: []gpu.Process{{PID: 7, User: "ada", Parents: []int{3, 1}}}, XIDs: []gpu.XID{{Time: 1.5, Code: 79, Text: "lost"}},
		ClaimedBy: &gpu.Holder{},
	}
	g := &fakeGPUs{devices: []gpu.Device{device}, closed: make(chan struct{})}
	in, hold := io.Pipe()
	out, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- serve(t.Context(), in, w, g.watch)
		w.Close()
	}()
	lines := NewLines(out)
	for {
		line, err := lines.Next()
		if err != nil {
			t.Fatal(err)
		}
		is, err := Greeting(string(line))
		if err != nil {
			t.Fatal(err)
		}
		if is {
			break
		}
	}
	f := next(t, lines)
	if f.Err() != nil || len(f.Devices) != 1 {
		t.Fatalf("frame %+v, want a device", f)
	}
	f.Devices[0].AgeS = 0
	if d := cmp.Diff(device, f.Devices[0]); d != "" {
		t.Errorf("device changed on its way (-there +here):\n%s", d)
	}
	fmt.Fprintln(hold, `{"verb":"of a later version"}`)
	hold.Close()
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := <-ended; err != nil {
		t.Errorf("agent ended with %v", err)
	}
	<-g.closed
}

func TestAgentEndsWhenItsOutputBreaks(t *testing.T) {
	t.Parallel()
	g := &fakeGPUs{closed: make(chan struct{})}
	in, hold := io.Pipe()
	defer hold.Close()
	out, w := io.Pipe()
	out.CloseWithError(errors.New("broken pipe"))
	if err := serve(t.Context(), in, w, g.watch); err == nil {
		t.Error("no error from a broken output")
	}
	<-g.closed
}

func TestKindsOfErrorsTravel(t *testing.T) {
	t.Parallel()
	for _, err := range []error{gpu.ErrNoDriver, gpu.ErrNotYet, gpu.ErrNotAnswering, gpu.ErrClosed} {
		for _, sent := range []error{err, fmt.Errorf("start NVML: %w", err)} {
			var line bytes.Buffer
			f := frameOf(nil, time.Second, sent)
			fmt.Fprintf(&line, `{"devices":null,"age_s":%v,"kind":%q,"error":%q}`, f.AgeS, f.Kind, f.Error)
			got, failed := Parse(line.Bytes())
			if failed != nil {
				t.Fatal(failed)
			}
			if !errors.Is(got.Err(), err) || got.Err().Error() != sent.Error() {
				t.Errorf("%v came as %v", sent, got.Err())
			}
		}
	}
	for text, want := range map[string]string{
		`{"age_s":0,"error":"versions differ"}`:                    "versions differ",
		`{"age_s":0,"kind":"of a later version","error":"a cold"}`: "a cold",
		`{"age_s":0}`: "",
	} {
		f, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f.Err() != nil {
			got = f.Err().Error()
		}
		if got != want || errors.Is(f.Err(), gpu.ErrNoDriver) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsNoFrame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "You have mail.", "{", `{"devices":[]}`, `{"age_s":"1"}`, `7`, `null`} {
		if f, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q is a frame: %+v", text, f)
		}
	}
}

func TestGreeting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line string
		is   bool
		want string
	}{
		{hello(), true, ""},
		{hello() + "\r", true, ""},
		{"Last login: Thu", false, ""},
		{"ablate agent", false, ""},
		{"ablate agent 2", true, `version "2", and this program version 1`},
		{"ablate agent ", false, ""},
		{"ablate agent 10", true, `version "10"`},
	} {
		is, err := Greeting(tt.line)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if is != tt.is || (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%q: %v, %q; want %v, %q", tt.line, is, got, tt.is, tt.want)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longest)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"none", "", nil},
		{"one", "a\n", []string{"a"}},
		{"unfinished", "a\nb", []string{"a", "b"}},
		{"of a terminal", "a\r\n\r\n", []string{"a", ""}},
		{"as long as may be", long[1:] + "\nb\n", []string{long[1:], "b"}},
		{"too long", long + "c\nb\n", []string{long, "c", "b"}},
		{"too long and unfinished", "a\n" + long[2:] + long, []string{"a", long[2:] + "xx", long[2:]}},
	} {
		lines := NewLines(strings.NewReader(tt.text))
		var got []string
		for {
			line, err := lines.Next()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s: %v", tt.name, err)
				}
				break
			}
			got = append(got, string(line))
		}
		if !cmp.Equal(tt.want, got) {
			t.Errorf("%s: %d lines, want %d", tt.name, len(got), len(tt.want))
		}
	}
}

// Whatever a host sends, lines end, are no longer than may be, and are frames or not.
func FuzzLines(f *testing.F) {
	for _, text := range []string{"", "\n\r\n", hello() + "\n{\"devices\":[{}],\"age_s\":1}\n", "{\"age_s\":1e400}\n", "\x00\xff", `{"age_s":0,"kind":"no driver"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := NewLines(bytes.NewReader(text))
		for read := 0; ; {
			line, err := lines.Next()
			if err != nil {
				return
			}
			if read += len(line); read > len(text) || len(line) > longest || bytes.IndexByte(line, '\n') >= 0 {
				t.Fatalf("line %q of %q", line, text)
			}
			if frame, err := Parse(line); err == nil && frame.AgeS < 0 {
				t.Fatalf("frame %+v of %q", frame, line)
			}
			_, _ = Greeting(string(line))
		}
	})
}
