package store

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"
)

// filesName is the file of a packed run that has all its other files: a tar file
// in zstd frames, which `tar --zstd -xf` reads. A file's bytes begin a frame and
// take one for each maxFrame of them, so that the end of a long log is read
// without the rest. Where they are stands in a last frame that decompressors skip:
//
//	magic of a skippable frame, its size
//	index, compressed; its length expanded and as it is, its CRC32C, "ablidx1\n"
const filesName = "files.tar.zst"

const (
	maxFrame    = 1 << 20
	skippable   = 0x184D2A50
	indexMark   = "ablidx1\n"
	indexFooter = 4 + 4 + 4 + len(indexMark)
)

// packedFile is one file of a packed run.
type packedFile struct {
	name     string // "a1/events.jsonl"
	size     int64
	modified int64    // seconds since 1970
	blocks   []extent // maxFrame bytes each, the last one what is left
}

// filesWriter writes a files.tar.zst.
type filesWriter struct {
	blockWriter
	frame bytes.Buffer
	tar   *tar.Writer
	files []packedFile
}

func newFilesWriter(to io.Writer) *filesWriter {
	w := &filesWriter{blockWriter: blockWriter{to: to}}
	w.tar = tar.NewWriter(&w.frame)
	return w
}

// add takes up size bytes from r as the file of that name.
func (w *filesWriter) add(name string, size int64, modified time.Time, r io.Reader) error {
	h := tar.Header{Name: name, Size: size, Mode: 0o644, ModTime: modified.Truncate(time.Second)}
	if err := w.tar.WriteHeader(&h); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	if _, err := w.cut(); err != nil {
		return err
	}
	f := packedFile{name: name, size: size, modified: modified.Unix()}
	for left := size; left > 0; {
		n := min(left, maxFrame)
		if _, err := io.CopyN(w.tar, r, n); err != nil {
			return fmt.Errorf("pack %s: it became shorter: %w", name, err)
		}
		e, err := w.cut()
		if err != nil {
			return err
		}
		f.blocks, left = append(f.blocks, e), left-n
	}
	w.files = append(w.files, f)
	return nil
}

// cut ends a frame.
func (w *filesWriter) cut() (extent, error) {
	b, err := compress(nil, w.frame.Bytes())
	if err != nil {
		return extent{}, err
	}
	w.frame.Reset()
	return w.put(b)
}

// finish ends the tar file and writes the index.
func (w *filesWriter) finish() error {
	if err := w.tar.Close(); err != nil {
		return fmt.Errorf("write %s: %w", filesName, err)
	}
	if _, err := w.cut(); err != nil {
		return err
	}
	raw := appendCounts(nil, len(w.files))
	for _, f := range w.files {
		raw = appendCounts(appendText(raw, f.name), int(f.size))
		raw = binary.AppendVarint(raw, f.modified)
		for _, e := range f.blocks {
			raw = e.append(raw)
		}
	}
	index, err := compress(nil, raw)
	if err != nil {
		return err
	}
	if len(raw) > maxFooter {
		return fmt.Errorf("write %s: %d files are too many", filesName, len(w.files))
	}
	b := binary.LittleEndian.AppendUint32(nil, skippable)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(index)+indexFooter))
	b = append(b, index...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(raw)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(index)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(index, castagnoli))
	_, err = w.put(append(b, indexMark...))
	return err
}

// packedFiles reads a files.tar.zst.
type packedFiles struct {
	f     *os.File
	path  string
	files []packedFile
}

func openFiles(path string) (*packedFiles, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, fmt.Errorf("open packed files: %w", err)
	}
	p := &packedFiles{f: f, path: path}
	if err := p.readIndex(); err != nil {
		return nil, errors.Join(p.wrap(err), f.Close())
	}
	return p, nil
}

func (p *packedFiles) wrap(err error) error {
	return fmt.Errorf("read packed files %s: %w", p.path, err)
}

func (p *packedFiles) readIndex() error {
	info, err := p.f.Stat()
	if err != nil {
		return err
	}
	end := info.Size() - int64(indexFooter)
	if end < 0 {
		return errTorn
	}
	foot := make([]byte, indexFooter)
	if _, err := p.f.ReadAt(foot, end); err != nil {
		return err
	}
	expanded, size := binary.LittleEndian.Uint32(foot), int64(binary.LittleEndian.Uint32(foot[4:]))
	if string(foot[12:]) != indexMark || size > end || expanded > maxFooter {
		return errTorn
	}
	index, err := readExtent(p.f, extent{end - size, size, binary.LittleEndian.Uint32(foot[8:])})
	if err != nil {
		return err
	}
	raw, err := expand(index, int(expanded))
	if err != nil {
		return err
	}
	r := &footerReader{b: raw, end: end - size}
	for range r.count(len(raw)) {
		if r.err != nil {
			break
		}
		f := packedFile{name: r.text(), size: int64(r.count(1 << 50)), modified: r.varint()}
		for left := f.size; left > 0 && r.err == nil; left -= maxFrame {
			f.blocks = append(f.blocks, r.extent())
		}
		p.files = append(p.files, f)
	}
	if len(r.b) > 0 {
		return errTorn
	}
	return r.err
}

// find is the file of a name, nil if there is none.
func (p *packedFiles) find(name string) *packedFile {
	for i := range p.files {
		if p.files[i].name == name {
			return &p.files[i]
		}
	}
	return nil
}

func (p *packedFiles) Close() error { return p.f.Close() }

// packedReader reads one file of a packed run.
type packedReader struct {
	pack *packedFiles
	file *packedFile
	at   int64
	buf  []byte // the frame in which at is
	has  int    // its number and 1, 0 for none
}

// Read reads from where the reader is.
func (r *packedReader) Read(b []byte) (int, error) {
	if r.at >= r.file.size {
		return 0, io.EOF
	}
	if len(b) == 0 {
		return 0, nil
	}
	frame := int(r.at / maxFrame)
	if r.has != frame+1 {
		packed, err := readExtent(r.pack.f, r.file.blocks[frame])
		if err == nil {
			r.buf, err = expand(packed, int(min(maxFrame, r.file.size-int64(frame)*maxFrame)))
		}
		if err != nil {
			r.has = 0
			return 0, r.pack.wrap(err)
		}
		r.has = frame + 1
	}
	n := copy(b, r.buf[r.at%maxFrame:])
	r.at += int64(n)
	return n, nil
}

// Seek moves the reader.
func (r *packedReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.file.size
	}
	if offset < 0 {
		return r.at, fmt.Errorf("seek in %s: to %d, before its beginning", r.file.name, offset)
	}
	r.at = offset
	return offset, nil
}

// Close closes the file.
func (r *packedReader) Close() error { return r.pack.Close() }

// OpenRunFile opens a file of the attempts of the run in runDir for reading, by a
// name such as "a1/out.log": the plain one, else the one that was packed. What is
// no regular file is refused, as OpenFile does.
func OpenRunFile(runDir, name string) (io.ReadSeekCloser, error) {
	f, missing := OpenFile(filepath.Join(runDir, filepath.FromSlash(name)))
	if missing == nil {
		return f, nil
	}
	if !errors.Is(missing, os.ErrNotExist) {
		return nil, missing
	}
	pack, err := openFiles(filepath.Join(runDir, filesName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	if file := pack.find(name); file != nil {
		return &packedReader{pack: pack, file: file}, nil
	}
	return nil, errors.Join(missing, pack.Close())
}

// packedNames lists the files that the run in runDir has packed, none if it is not.
func packedNames(runDir string) ([]string, error) {
	pack, err := openFiles(filepath.Join(runDir, filesName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(pack.files))
	for i, f := range pack.files {
		names[i] = f.name
	}
	return names, pack.Close()
}

// ReadRunJSON reads a JSON file of the n-th attempt of the run in runDir, packed
// or not.
func ReadRunJSON(runDir string, n int, name string, v any) error {
	f, err := OpenRunFile(runDir, inAttempt(n, name))
	if err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	return decodeJSON(f, filepath.Join(AttemptDir(runDir, n), name), v)
}

// RunFilePlace says where a file of a run's attempts is, for people.
func RunFilePlace(runDir, name string) string {
	path := filepath.Join(runDir, filepath.FromSlash(name))
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	if packed := filepath.Join(runDir, filesName); isFile(packed) {
		return packed + ", as " + name
	}
	return path
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// inAttempt is the name of a file of the n-th attempt, as OpenRunFile takes it.
func inAttempt(n int, name string) string { return fmt.Sprintf("a%d/%s", n, name) }
