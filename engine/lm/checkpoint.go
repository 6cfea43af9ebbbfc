package lm

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

// A saved model or training is
//
//	8 bytes   magic
//	4 bytes   length of the header
//	          header, JSON: version, shape, the name and length of each section,
//	          and of a training the numbers that are no section
//	4 bytes   CRC-32C of all of the above
//	          the sections, float32, little-endian
//	4 bytes   CRC-32C of the sections
//
// with lengths and sums as little-endian 32-bit numbers.
const (
	magic       = "ablatelm"
	version     = 1
	maxHeader   = 1 << 16
	weightsName = "weights"
)

// ErrDamaged marks a file that is not a whole saved model or training.
var ErrDamaged = errors.New("damaged file")

type header struct {
	Version  int             `json:"version"`
	Config   Config          `json:"config"`
	Sections []section       `json:"sections"`
	Training *scalars        `json:"training,omitempty"`
	Note     json.RawMessage `json:"note,omitempty"`
}

// section is a named slice of Len numbers.
type section struct {
	Name string `json:"name"`
	Len  int    `json:"len"`
}

func (s section) String() string { return fmt.Sprintf("%d %s", s.Len, s.Name) }

// part is a section with its numbers.
type part struct {
	name string
	data []float32
}

// Save writes the shape and the weights.
func (m *Model) Save(w io.Writer) error {
	if err := writeFile(w, header{Config: m.cfg}, part{weightsName, m.flat}); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	return nil
}

// Load reads what Save wrote. A file that is cut, changed or something else is
// ErrDamaged; one of another version or an impossible shape says so.
func Load(r io.Reader) (*Model, error) {
	head, err := readHeader(r)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	if err := head.Config.Check(); err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	data, err := readSections(r, head, weightsName)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	flat := data[0]
	return &Model{cfg: head.Config, flat: flat, params: head.Config.view(flat), rotary: newRotary(head.Config)}, nil
}

// writeFile writes a header and the sections that it is to list.
func writeFile(w io.Writer, h header, parts ...part) error {
	h.Version = version
	for _, p := range parts {
		h.Sections = append(h.Sections, section{p.name, len(p.data)})
	}
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if len(head) > maxHeader {
		return fmt.Errorf("header: %d bytes, at most %d", len(head), maxHeader)
	}
	top := append([]byte(magic), binary.LittleEndian.AppendUint32(nil, uint32(len(head)))...)
	top = append(top, head...)
	top = binary.LittleEndian.AppendUint32(top, checksum(0, top))
	if _, err := w.Write(top); err != nil {
		return err
	}
	sum := uint32(0)
	for _, p := range parts {
		if sum, err = writeFloats(w, sum, p.data); err != nil {
			return err
		}
	}
	_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum))
	return err
}

// readSections reads the rest of a file, which has the sections of these names
// and each as long as the shape's weights.
func readSections(r io.Reader, head header, names ...string) (data [][]float32, err error) {
	_, total := head.Config.tensors()
	var want []section
	for _, name := range names {
		want = append(want, section{name, total})
	}
	if !slices.Equal(head.Sections, want) {
		return nil, fmt.Errorf("sections %v, want %v for shape %+v", head.Sections, want, head.Config)
	}
	data, sum := make([][]float32, len(names)), uint32(0)
	for i, name := range names {
		if data[i], sum, err = readFloats(r, sum, total); err != nil {
			return nil, fmt.Errorf("%s: %w", name, damaged(err))
		}
	}
	var stored [4]byte
	if _, err := io.ReadFull(r, stored[:]); err != nil {
		return nil, fmt.Errorf("checksum: %w", damaged(err))
	}
	if got := binary.LittleEndian.Uint32(stored[:]); got != sum {
		return nil, fmt.Errorf("sections: checksum %08x, stored %08x: %w", sum, got, ErrDamaged)
	}
	if n, _ := io.ReadFull(r, stored[:1]); n > 0 {
		return nil, fmt.Errorf("sections: more bytes after the checksum: %w", ErrDamaged)
	}
	return data, nil
}

// readHeader reads up to the sections.
func readHeader(r io.Reader) (header, error) {
	var h header
	top := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, top); err != nil {
		return h, fmt.Errorf("header: %w", damaged(err))
	}
	if !bytes.HasPrefix(top, []byte(magic)) {
		return h, fmt.Errorf("header: starts with %q, want %q: %w", top[:len(magic)], magic, ErrDamaged)
	}
	n := binary.LittleEndian.Uint32(top[len(magic):])
	if n > maxHeader {
		return h, fmt.Errorf("header: %d bytes, at most %d: %w", n, maxHeader, ErrDamaged)
	}
	rest := make([]byte, n+4)
	if _, err := io.ReadFull(r, rest); err != nil {
		return h, fmt.Errorf("header: %w", damaged(err))
	}
	sum, stored := checksum(checksum(0, top), rest[:n]), binary.LittleEndian.Uint32(rest[n:])
	if sum != stored {
		return h, fmt.Errorf("header: checksum %08x, stored %08x: %w", sum, stored, ErrDamaged)
	}
	if err := json.Unmarshal(rest[:n], &h); err != nil {
		return h, fmt.Errorf("header: %w", err)
	}
	if h.Version != version {
		return h, fmt.Errorf("header: version %d, this program reads %d", h.Version, version)
	}
	return h, nil
}

// damaged says that a file ended early; other read errors stay what they are.
func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("file ends early: %w", ErrDamaged)
	}
	return err
}

// checksum continues a CRC-32C.
func checksum(sum uint32, data []byte) uint32 {
	return crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), data)
}

// chunk is the number of floats written or read at a time.
const chunk = 1 << 12

// writeFloats writes x and continues a checksum over its bytes.
func writeFloats(w io.Writer, sum uint32, x []float32) (uint32, error) {
	buf := make([]byte, 0, 4*chunk)
	for len(x) > 0 {
		n := min(chunk, len(x))
		buf = buf[:0]
		for _, v := range x[:n] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		if _, err := w.Write(buf); err != nil {
			return 0, err
		}
		sum = checksum(sum, buf)
		x = x[n:]
	}
	return sum, nil
}

// readFloats reads n numbers and continues a checksum over their bytes. Memory
// grows with what is there, not with what a header claims.
func readFloats(r io.Reader, sum uint32, n int) ([]float32, uint32, error) {
	var x []float32
	buf := make([]byte, 4*chunk)
	for len(x) < n {
		part := buf[:4*min(chunk, n-len(x))]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, 0, err
		}
		sum = checksum(sum, part)
		for ; len(part) > 0; part = part[4:] {
			x = append(x, math.Float32frombits(binary.LittleEndian.Uint32(part)))
		}
	}
	return x, sum, nil
}
