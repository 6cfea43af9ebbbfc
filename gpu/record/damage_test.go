package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Four samples with a header, and a change before the third.
const written = `{"time":10,"serial":1,"columns":["busy_pct","later","throttle"],"throttle":[[],["power cap"]],"devices":[{"uuid":"GPU-0","name":"A"}]}
[0,1,[50,7,0]]
[1,1,[51,7,1]]
{"serial":2,"device":0,"set":{"name":"B","repair":"a reset"}}
[2,2,[52,7,null]]
[3,2,[null,null,0]]
`

// brief is what a reader makes of a text: "time name busy throttle" a sample.
func brief(t *testing.T, text string) (got []string, damaged int) {
	t.Helper()
	r := NewReader(strings.NewReader(text))
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return got, r.Damaged
		}
		if err != nil {
			t.Fatal(err)
		}
		line := jsonOf(t, s.Time)
		for _, d := range s.Devices {
			line += " " + string(d.Name) + " " + jsonOf(t, d.BusyPct) + " " + jsonOf(t, d.Throttle)
		}
		got = append(got, line)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	all := []string{`10 A 50 []`, `11 A 51 ["power cap"]`, `12 B 52 null`, `13 B null []`}
	lines := slices.Collect(strings.Lines(written))
	without := func(i int, instead string) string {
		return strings.Join(slices.Concat(lines[:i], []string{instead}, lines[i+1:]), "")
	}
	for _, c := range []struct {
		name, text string
		want       []string
		damaged    int
	}{
		{"whole", written, all, 0},
		{"nothing", "", nil, 0},
		{"only a header", lines[0], nil, 0},
		{"torn last row", written[:len(written)-4], all[:3], 0},
		{"last newline is missing", written[:len(written)-1], all, 0},
		{"torn header", lines[0][:60], nil, 0},
		{"zeros of a power cut", without(1, "\x00\x00"+lines[1]), all, 0},
		{"row", without(1, "[0,1,[5\n"), all[1:], 1},
		{"row is gone", without(1, ""), all[1:], 0},
		{"change", without(3, `{"serial":2,"dev`+"\n"), all[:2], 3},
		{"change is gone", without(3, ""), all[:2], 2},
		{"change runs into a row", without(3, lines[3][:30]), all[:2], 2},
		{"header", without(0, "{\n"), nil, 6},
		{"header is gone", without(0, ""), nil, 5},
		{"damaged, then a header", without(3, "?\n") + written, append(all[:2:2], all...), 3},
		{"too few numbers", without(1, "[0,1,[50,7]]\n"), all[1:], 1},
		{"too many numbers", without(1, "[0,1,[50,7,0,0]]\n"), all[1:], 1},
		{"too many devices", without(1, "[0,1,[50,7,0],[50,7,0]]\n"), all[1:], 1},
		{"no such state", without(1, "[0,1,[50,7,2]]\n"), all[1:], 1},
		{"half a state", without(1, "[0,1,[50,7,0.5]]\n"), all[1:], 1},
		{"no time", without(1, "[null,1,[50,7,0]]\n"), all[1:], 1},
		{"not a number", without(1, "[0,1,[5-0,7,0]]\n"), all[1:], 1},
		{"no such device", without(3, `{"serial":2,"device":1,"set":{}}`+"\n"), all[:2], 3},
		{"a device of another type", without(0, `{"columns":["busy_pct"],"devices":[3]}`+"\n"), nil, 6},
		{"a change of another type", without(3, `{"serial":2,"device":0,"set":{"index":"x"}}`+"\n"), all[:2], 3},
		{"long line", without(1, strings.Repeat("[", maxLine+1)+"\n"), all[1:], 1},
		{"older lines", `{"time":1,"devices":[{"name":"C","busy_pct":3}]}` + "\n" + written, append([]string{"1 C 3 null"}, all...), 0},
		{"older line of another type", `{"time":1,"devices":[{"index":"0"}]}` + "\n" + written, all, 1},
		{"something else", "{}\n" + `{"time":1}` + "\n3\n" + written, all, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, damaged := brief(t, c.text)
			if diff := cmp.Diff(c.want, got); diff != "" || damaged != c.damaged {
				t.Errorf("%d damaged lines, want %d; (-want +got):\n%s", damaged, c.damaged, diff)
			}
		})
	}
}

// What was given away stays as it was, whatever comes later.
func TestSamplesAreTheCallers(t *testing.T) {
	t.Parallel()
	r := NewReader(strings.NewReader(written))
	first, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	was := jsonOf(t, first.Devices)
	for {
		s, err := r.Next()
		if err != nil {
			break
		}
		clear(s.Devices)
	}
	if got := jsonOf(t, first.Devices); got != was {
		t.Errorf("the first sample became %s, was %s", got, was)
	}
}

// A writer that fails in the middle of a line goes on so that all but that sample can
// be read.
func TestWriterFails(t *testing.T) {
	t.Parallel()
	f := &failing{left: 3}
	w := NewWriter(f)
	m := newNoise(2)
	var want []float64
	for range 8 {
		s := m.next()
		if w.Write(s) == nil {
			want = append(want, math.Round(s.Time*1000)/1000)
		}
	}
	var got []float64
	for _, s := range readAll(t, &f.text, 1) {
		got = append(got, s.Time)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 7 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// failing writes half of its call number left.
type failing struct {
	text bytes.Buffer
	left int
}

func (f *failing) Write(b []byte) (int, error) {
	f.left--
	if f.left == 0 {
		n, _ := f.text.Write(b[:len(b)/2])
		return n, os.ErrDeadlineExceeded
	}
	return f.text.Write(b)
}

// A compressed recording can be read while it is written, but for its last seconds,
// and wherever it was cut off.
func TestReadWhileWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gpus.jsonl.zst")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	m := newNoise(3)
	for n := 1; n <= 60; n++ {
		if err := f.Write(m.next()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(readAll(t, bytes.NewReader(text), 0)); got < n-flushEvery || got > n {
			t.Errorf("%d samples can be read of %d", got, n)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for cut := range len(text) + 1 {
		got := len(readAll(t, bytes.NewReader(text[:cut]), 0))
		if got < last {
			t.Errorf("%d samples in %d bytes, and %d in fewer", got, cut, last)
		}
		last = got
	}
	if last != 60 {
		t.Errorf("%d samples in the whole file, want 60", last)
	}
}

// A recording that is there is not written over.
func TestCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gpus.jsonl")
	for _, want := range []error{nil, os.ErrExist} {
		f, err := Create(path)
		if !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
		if err == nil {
			if err := errors.Join(f.Write(newNoise(1).next()), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := readAll(t, f, 0); len(got) != 1 || got[0].Devices[0].Name != "NVIDIA H200" {
		t.Errorf("the recording is %v", got)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(`{"time":1,"devices":[{"uuid":"GPU-0","throttle":["too hot"]}]}` + "\n" + written[:150]))
	var zst bytes.Buffer
	if _, err := io.Copy(&zst, compressed(f, 3)); err != nil {
		f.Fatal(err)
	}
	f.Add(zst.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader(bytes.NewReader(text))
		n := 0
		for {
			s, err := r.Next()
			if err != nil {
				break
			}
			n++
			var again bytes.Buffer // what can be read can be written and read again
			if err := NewWriter(&again).Write(s); err != nil {
				continue // no time
			}
			back, err := NewReader(&again).Next()
			if err != nil || len(back.Devices) != len(s.Devices) {
				t.Fatalf("read again: %v, %d devices of %d", err, len(back.Devices), len(s.Devices))
			}
		}
		s, err := OpenReplay(bytes.NewReader(text))
		if (err == nil) != (n > 0) {
			t.Fatalf("%d samples, and the replay says %v", n, err)
		}
		for range min(n, 3) + 1 {
			if err == nil {
				_, err := s.Sample(t.Context())
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func compressed(t testing.TB, samples int) io.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gpus.jsonl.zst")
	recordNoise(t, path, 1, samples)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text)
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
