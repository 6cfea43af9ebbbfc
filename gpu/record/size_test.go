package record

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A day of 8 GPUs, once a second, takes at most 20 MB: 29 bytes for a device in a
// sample. An hour, with a header in each sixth of it, tells as much as a day.
func TestSizeOfRecording(t *testing.T) {
	t.Parallel()
	const devices, samples = 8, 3600
	size := recordNoise(t, filepath.Join(t.TempDir(), "hour.jsonl.zst"), devices, samples)
	each := float64(size) / devices / samples
	t.Logf("%.1f bytes for a device in a sample: %.1f MB a day of 8 GPUs", each, each*8*86400/1e6)
	if each > 29 {
		t.Errorf("%.1f bytes for a device in a sample, want at most 29", each)
	}
}

func recordNoise(t testing.TB, path string, devices, samples int) int64 {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	m := newNoise(devices)
	for range samples {
		if err := f.Write(m.next()); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// BenchmarkDay writes a day of 8 GPUs and reads it.
func BenchmarkDay(b *testing.B) {
	path := filepath.Join(b.TempDir(), "day.jsonl.zst")
	began := time.Now()
	size, wrote := recordNoise(b, path, 8, 86400), time.Since(began)
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r := NewReader(f)
		n := 0
		for {
			_, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		_ = f.Close()
		if n != 86400 || r.Damaged > 0 {
			b.Fatalf("%d samples, %d damaged lines", n, r.Damaged)
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(wrote.Seconds(), "s/write")
}
