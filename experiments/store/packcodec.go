package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A vector of a packed run is 64-bit words whose bytes are sorted into planes,
// the lowest bytes of all words first, and compressed: what is the same in all
// words, such as signs and exponents, then stands together. Numbers become words
// in one of these ways, whichever comes out shortest.
const (
	asBits     = iota // of the float64
	asSingle          // bits of the float32 that it equals
	asSteps           // difference of the float64's bits from the one before: times
	asDecimals        // digits, of a number that was rounded to some decimal places
	asCounts          // difference of the digits from the one before
	asIntegers        // difference of integers from the one before
	forms
)

// maxBlock is the most numbers that one vector holds.
const maxBlock = 1 << 14

// maxPlaces is the most decimal places that are tried: 10^9 and all numbers below
// 2^53 are exact as float64, so that their quotient is the number that was read.
const maxPlaces = 9

// errTorn says that bytes are not what was packed.
var errTorn = errors.New("damaged: its bytes are not those that were packed")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var compressor = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(maxFrame))
})

var expander = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxFooter))
})

// compress appends b to dst as one zstd frame.
func compress(dst, b []byte) ([]byte, error) {
	enc, err := compressor()
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return enc.EncodeAll(b, dst), nil
}

// expand is what compress was given, which had size bytes.
func expand(b []byte, size int) ([]byte, error) {
	dec, err := expander()
	if err != nil {
		return nil, fmt.Errorf("expand: %w", err)
	}
	raw, err := dec.DecodeAll(b, make([]byte, 0, size))
	if err != nil {
		return nil, errors.Join(errTorn, err)
	}
	if len(raw) != size {
		return nil, errTorn
	}
	return raw, nil
}

// packIntegers makes a vector of at most maxBlock integers.
func packIntegers(v []int64) ([]byte, error) {
	words, last := make([]uint64, len(v)), int64(0)
	for i, x := range v {
		words[i], last = zigzag(x-last), x
	}
	return packWords(asIntegers, 0, words)
}

// unpackIntegers reads a vector of n integers.
func unpackIntegers(b []byte, n int) ([]int64, error) {
	form, _, words, err := unpackWords(b, n)
	if err != nil {
		return nil, err
	}
	if form != asIntegers {
		return nil, errTorn
	}
	v, last := make([]int64, n), int64(0)
	for i, w := range words {
		last += unzigzag(w)
		v[i] = last
	}
	return v, nil
}

// packFloats makes a vector of at most maxBlock numbers, which come back as they
// were to the last bit; not-a-number comes back as math.NaN().
func packFloats(v []float64) ([]byte, error) {
	best, err := packWords(asBits, 0, wordsOf(v, math.Float64bits))
	if err != nil {
		return nil, err
	}
	try := func(form, places int, words []uint64) error {
		b, err := packWords(form, places, words)
		if err == nil && len(b) < len(best) {
			best = b
		}
		return err
	}
	if err := try(asSteps, 0, differences(wordsOf(v, ordered))); err != nil {
		return nil, err
	}
	if words, ok := singles(v); ok {
		if err := try(asSingle, 0, words); err != nil {
			return nil, err
		}
	}
	if places, digits, ok := decimals(v); ok {
		if err := try(asDecimals, places, wordsOf(digits, zigzag)); err != nil {
			return nil, err
		}
		if err := try(asCounts, places, differences(digits)); err != nil {
			return nil, err
		}
	}
	return best, nil
}

// unpackFloats reads a vector of n numbers.
func unpackFloats(b []byte, n int) ([]float64, error) {
	form, places, words, err := unpackWords(b, n)
	if err != nil {
		return nil, err
	}
	if form == asIntegers || places > maxPlaces {
		return nil, errTorn
	}
	v, last, scale := make([]float64, n), int64(0), math.Pow10(places)
	for i, w := range words {
		switch form {
		case asBits:
			v[i] = math.Float64frombits(w)
		case asSingle:
			v[i] = float64(math.Float32frombits(uint32(w)))
		case asSteps:
			last += unzigzag(w)
			v[i] = unordered(last)
		case asDecimals:
			v[i] = float64(unzigzag(w)) / scale
		case asCounts:
			last += unzigzag(w)
			v[i] = float64(last) / scale
		}
		if math.IsNaN(v[i]) {
			v[i] = math.NaN()
		}
	}
	return v, nil
}

func wordsOf[T, W any](v []T, word func(T) W) []W {
	words := make([]W, len(v))
	for i, x := range v {
		words[i] = word(x)
	}
	return words
}

func differences(v []int64) []uint64 {
	words, last := make([]uint64, len(v)), int64(0)
	for i, x := range v {
		words[i], last = zigzag(x-last), x
	}
	return words
}

// singles are the bits of numbers that all are a float32.
func singles(v []float64) ([]uint64, bool) {
	words := make([]uint64, len(v))
	for i, x := range v {
		s := float32(x)
		if !math.IsNaN(x) && math.Float64bits(float64(s)) != math.Float64bits(x) {
			return nil, false
		}
		words[i] = uint64(math.Float32bits(s))
	}
	return words, true
}

// decimals are the digits of numbers that all have at most so many places.
func decimals(v []float64) (places int, digits []int64, ok bool) {
	digits = make([]int64, len(v))
	for i := 0; i < len(v); i++ {
		scale := math.Pow10(places)
		x := math.Round(v[i] * scale)
		if !(math.Abs(x) < 1<<53) {
			return 0, nil, false
		}
		if math.Float64bits(x/scale) != math.Float64bits(v[i]) || x == 0 && math.Signbit(x) {
			if places++; places > maxPlaces {
				return 0, nil, false
			}
			i = -1 // all again with one more place
			continue
		}
		digits[i] = int64(x)
	}
	return places, digits, true
}

// ordered maps numbers to integers in the order of their size, neighbours to
// neighbours.
func ordered(x float64) int64 {
	b := int64(math.Float64bits(x))
	return b ^ (b>>63)&math.MaxInt64
}

func unordered(i int64) float64 { return math.Float64frombits(uint64(i ^ (i>>63)&math.MaxInt64)) }

func zigzag(x int64) uint64   { return uint64(x<<1) ^ uint64(x>>63) }
func unzigzag(w uint64) int64 { return int64(w>>1) ^ -int64(w&1) }

// packWords makes a vector: its form, its places and the width of a word, and
// that many planes of bytes, compressed.
func packWords(form, places int, words []uint64) ([]byte, error) {
	var all uint64
	for _, w := range words {
		all |= w
	}
	width := (bits.Len64(all) + 7) / 8
	planes := make([]byte, width*len(words))
	for i, w := range words {
		for p := range width {
			planes[p*len(words)+i] = byte(w >> (8 * p))
		}
	}
	return compress([]byte{byte(form), byte(places), byte(width)}, planes)
}

func unpackWords(b []byte, n int) (form, places int, words []uint64, err error) {
	if len(b) < 3 || n < 0 || n > maxBlock {
		return 0, 0, nil, errTorn
	}
	form, places = int(b[0]), int(b[1])
	width := int(b[2])
	if form >= forms || width > 8 {
		return 0, 0, nil, errTorn
	}
	planes, err := expand(b[3:], width*n)
	if err != nil {
		return 0, 0, nil, err
	}
	words = make([]uint64, n)
	for p := range width {
		for i, x := range planes[p*n : (p+1)*n] {
			words[i] |= uint64(x) << (8 * p)
		}
	}
	return form, places, words, nil
}
