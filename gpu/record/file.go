package record

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	// flushEvery bounds, in seconds of samples, what a compressed recording lacks that
	// is still being written, or whose writer was killed.
	flushEvery = 5
	// window is how far back the compressor looks for the same text: some minutes.
	window = 256 << 10
)

// File is a recording that is being made.
type File struct {
	f       *os.File
	z       *zstd.Encoder // nil: plain lines
	w       *Writer
	flushed float64 // time of the sample that was flushed last
}

// Create begins a recording in a new file, compressed if the name ends in ".zst". One
// that is there already is left as it is, and is an error.
func Create(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("record GPUs: %w: choose another name, or remove it", err)
	}
	if err != nil {
		return nil, fmt.Errorf("record GPUs: %w", err)
	}
	r := &File{f: f, w: NewWriter(f)}
	if strings.HasSuffix(path, ".zst") {
		r.z, err = zstd.NewWriter(f, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window),
			zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("record GPUs: %w", err), f.Close())
		}
		r.w = NewWriter(r.z)
	}
	return r, nil
}

// Write appends one sample.
func (r *File) Write(s Sample) error {
	if err := r.w.Write(s); err != nil || r.z == nil {
		return err
	}
	if s.Time >= r.flushed && s.Time < r.flushed+flushEvery {
		return nil
	}
	r.flushed = s.Time
	if err := r.z.Flush(); err != nil {
		return fmt.Errorf("record GPUs: %w", err)
	}
	return nil
}

// Close ends the recording.
func (r *File) Close() error {
	var err error
	if r.z != nil {
		err = r.z.Close()
	}
	if err = errors.Join(err, r.f.Close()); err != nil {
		return fmt.Errorf("record GPUs: %w", err)
	}
	return nil
}
