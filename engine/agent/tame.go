package agent

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A host may be anybody's. What it sends is bounded before it is kept, and can be
// shown: no text of it steers a terminal, no number of it is endlessly wide.
const (
	mostDevices = 1024    // 16 GPUs in 7 slices each are 128
	mostObjects = 1 << 15 // of JSON: two bytes of a line may be hundreds in memory
	longestText = 1000    // bytes
	widest      = 1e15    // of numbers: more than the bytes, joules and seconds of any machine
)

var errTooMuch = errors.New("more than a machine has")

// tame makes a frame fit to be kept and shown. Its error is for one that no agent
// wrote.
func tame(f *Frame) error {
	if len(f.Devices) > mostDevices || f.AgeS > widest {
		return errTooMuch
	}
	for i := range f.Devices {
		if age := f.Devices[i].AgeS; age < 0 || age > widest {
			return errTooMuch
		}
	}
	tameValue(reflect.ValueOf(f).Elem())
	return nil
}

// tameValue goes through all that a value holds, so that no field is forgotten.
func tameValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(plain(v.String()))
	case reflect.Float64:
		if math.Abs(v.Float()) > widest {
			v.SetZero()
		}
	case reflect.Pointer:
		if e := v.Elem(); e.Kind() == reflect.Float64 && math.Abs(e.Float()) > widest {
			v.SetZero() // not read, which is not zero
		} else if e.IsValid() {
			tameValue(e)
		}
	case reflect.Slice:
		for i := range v.Len() {
			tameValue(v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			tameValue(field)
		}
	default: // the rest is of a fixed size and prints
	}
}

// plain is a text of at most longestText bytes in which everything prints.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	return text
}
